// The cut through the cells: triangles whose corners lie on edges between two nodes each, at a share of the way, so
// that they follow any field and any displacement without being computed anew.

const PIECES = [  // of a quadratic cell: nodes 4 to 9 are the middles of EDGES_OF_CELL
  [0, 4, 6, 7], [4, 1, 5, 8], [6, 5, 2, 9], [7, 8, 9, 3],
  [4, 5, 6, 7], [4, 5, 7, 8], [5, 6, 7, 9], [5, 7, 8, 9],
];

function cutThrough(mesh, axis, height) {
  const { cells, place, plan } = mesh;
  const above = node => place[3 * node + axis] >= height;
  const share = (a, b) => (height - place[3 * a + axis]) / (place[3 * b + axis] - place[3 * a + axis]);
  const nodes = [], shares = [], owners = [];
  const corner = ([a, b]) => { nodes.push(a, b); shares.push(share(a, b)); };

  const piece = (four, owner) => {
    const over = four.filter(above), under = four.filter(node => !above(node));
    if (!over.length || !under.length) return;
    if (over.length === 2) {
      const [p, q] = over, [r, s] = under;
      [[p, r], [p, s], [q, s], [p, r], [q, s], [q, r]].forEach(corner);
      owners.push(owner, owner);
    } else {
      const [lone, others] = over.length === 1 ? [over[0], under] : [under[0], over];
      others.forEach(other => corner([lone, other]));
      owners.push(owner);
    }
  };

  for (let cell = 0; cell < cells.length; cell += 4) {
    const first = above(cells[cell]);
    let met = false;
    for (let k = 1; k < 4 && !met; k++) met = above(cells[cell + k]) !== first;
    // A curved edge may reach over a plane that leaves its corners on one side: only outside, where it shows least.
    if (!met) continue;
    const nodesHere = nodesOf(mesh, cell);
    if (plan.curvedInside) for (const part of PIECES) piece(part.map(k => nodesHere[k]), cell);
    else piece(nodesHere, cell);
  }
  return { nodes: new Uint32Array(nodes), shares: new Float32Array(shares), owners: new Uint32Array(owners) };
}

// Where the plane of a cut is, relative to the centre of the mesh; never quite at the ends, where nothing is left.
function cutHeight(mesh, { axis, place }) {
  const low = mesh.low[axis], high = mesh.high[axis];
  return low + (0.0005 + 0.999 * place) * (high - low) - mesh.centre[axis];
}

// The border of the cut: where it crosses the faces, as pairs of such corners.
const PIECES_OF_FACE = [[0, 3, 5], [3, 1, 4], [5, 4, 2], [3, 4, 5]];

function borderOfCut({ faces, faceMiddles, place }, axis, height) {
  const above = node => place[3 * node + axis] >= height;
  const nodes = [], shares = [];
  for (let face = 0; face < faces.length; face += 3) {
    const six = k => k < 3 ? faces[face + k] : faceMiddles[face + k - 3];
    const first = above(six(0));
    let met = false;
    for (let k = 1; k < 6 && !met; k++) met = above(six(k)) !== first;
    if (!met) continue;
    for (const part of PIECES_OF_FACE) {
      const three = part.map(six), side = three.map(above);
      const lone = [0, 1, 2].find(k => side[k] !== side[(k + 1) % 3] && side[k] !== side[(k + 2) % 3]);
      if (lone === undefined) continue;
      for (const other of [three[(lone + 1) % 3], three[(lone + 2) % 3]]) {
        const from = place[3 * three[lone] + axis], to = place[3 * other + axis];
        nodes.push(three[lone], other);
        shares.push((height - from) / (to - from));
      }
    }
  }
  return { nodes: new Uint32Array(nodes), shares: new Float32Array(shares) };
}

// The nodes of a cell, corners first.
function nodesOf({ cells, middles, plan }, cell) {
  const corners = [...cells.subarray(cell, cell + 4)];
  if (!plan.curvedInside) return corners;
  return [...corners, ...EDGES_OF_CELL.map(([a, b]) => middles.between(corners[a], corners[b]))];
}

// Where in a cell a place is, as weights of its nodes: barycentric coordinates, by Newton's method where it is curved.
function within(mesh, cell, place) {
  const nodes = nodesOf(mesh, cell);
  const at = nodes.map(node => [0, 1, 2].map(axis => mesh.place[3 * node + axis]));
  let share = [0.25, 0.25, 0.25, 0.25], weights;
  for (let step = 0; ; step++) {
    weights = nodes.length === 4 ? share : quadratic(share);
    const gap = weights.reduce((sum, weight, k) => plus(sum, at[k], -weight), place);
    if (step === 8) return { nodes, weights };
    const along = [1, 2, 3].map(k => slope(share, k).reduce((sum, weight, i) => plus(sum, at[i], weight), [0, 0, 0]));
    const volume = dot(along[0], cross(along[1], along[2])) || 1;
    const move = [0, 1, 2].map(k => dot(gap, cross(along[(k + 1) % 3], along[(k + 2) % 3])) / volume);
    share = [share[0] - move[0] - move[1] - move[2], share[1] + move[0], share[2] + move[1], share[3] + move[2]];
  }

  function quadratic(b) {
    return [...b.map(v => v * (2 * v - 1)), ...EDGES_OF_CELL.map(([i, j]) => 4 * b[i] * b[j])];
  }

  // How the weights change as share k grows and share 0 falls.
  function slope(b, k) {
    const sign = i => i === k ? 1 : i === 0 ? -1 : 0;
    if (nodes.length === 4) return b.map((_, i) => sign(i));
    const middles = EDGES_OF_CELL.map(([i, j]) => 4 * (sign(i) * b[j] + sign(j) * b[i]));
    return [...b.map((v, i) => sign(i) * (4 * v - 1)), ...middles];
  }
}
