// The mesh that reports/viewer/mesh.py packed: the same steps backwards.

const EDGES_OF_FACE = [[0, 1], [1, 2], [2, 0]];
const EDGES_OF_CELL = [[0, 1], [1, 2], [0, 2], [0, 3], [1, 3], [2, 3]];

async function inflate(text) {
  const letters = atob(text), packed = new Uint8Array(letters.length);
  for (let i = 0; i < packed.length; i++) packed[i] = letters.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

class Stream {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(count, width) {
    const numbers = new Uint32Array(count);
    for (let rank = 0; rank < width; rank++)
      for (let i = 0; i < count; i++) numbers[i] |= this.bytes[this.at++] << (8 * rank);
    return numbers;
  }

  takeSums(count, width) {
    const numbers = this.take(count, width), most = 2 ** (8 * width) - 1;
    for (let i = 1; i < count; i++) numbers[i] = (numbers[i] + numbers[i - 1]) & most;
    return numbers;
  }

  takeTuples(count, size) {
    const rows = new Uint32Array(count * size);
    for (let k = 0; k < size; k++) {
      const column = k ? this.take(count, 3) : this.takeSums(count, 3);
      for (let i = 0, at = k; i < count; i++, at += size)
        rows[at] = k ? rows[at - 1] + column[i] & 0xffffff : column[i];
    }
    return rows;
  }
}

// Which node stands in the middle of two corners. Middle nodes are numbered as their edges first come up.
class Middles {
  constructor(corners, most) {
    this.corners = corners;
    this.mask = 2 ** Math.ceil(Math.log2(2 * most + 2)) - 1;
    this.slots = new Int32Array(this.mask + 1).fill(-1);
    this.ends = [];
  }

  slot(a, b) {
    let at = (Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b)) >>> 0 & this.mask;
    for (let edge; (edge = this.slots[at]) >= 0 && (this.ends[2 * edge] !== a || this.ends[2 * edge + 1] !== b);)
      at = at + 1 & this.mask;
    return at;
  }

  add(a, b) {
    if (a > b) [a, b] = [b, a];
    const at = this.slot(a, b);
    if (this.slots[at] < 0) this.slots[at] = this.ends.push(a, b) / 2 - 1;
    return this.corners + this.slots[at];
  }

  between(a, b) {
    return this.corners + this.slots[a < b ? this.slot(a, b) : this.slot(b, a)];
  }
}

function unpack(plan, bytes) {
  const stream = new Stream(bytes);
  const faces = stream.takeTuples(plan.faces, 3), regions = stream.takeSums(plan.faces, 2);
  const cells = stream.takeTuples(plan.cells, 4), sharp = stream.takeTuples(plan.sharp, 2);

  // At most so many edges: by Euler's formula, with a hole through the part for every corner.
  const most = plan.curvedInside ? 2 * plan.corners + plan.cells + plan.faces : 1.5 * plan.faces;
  const middles = new Middles(plan.corners, most);
  const faceMiddles = new Uint32Array(faces.length);
  for (let face = 0; face < faces.length; face += 3)
    EDGES_OF_FACE.forEach(([a, b], k) => { faceMiddles[face + k] = middles.add(faces[face + a], faces[face + b]); });
  if (plan.curvedInside)
    for (let cell = 0; cell < cells.length; cell += 4)
      for (const [a, b] of EDGES_OF_CELL) middles.add(cells[cell + a], cells[cell + b]);

  const { ends } = middles, between = ends.length / 2, count = plan.corners + between;
  const nodal = ({ low, step }, width) => {
    const most = 2 ** (8 * width) - 1, values = new Float64Array(count);
    const corners = stream.takeSums(plan.corners, width);
    const apart = plan.curved ? stream.take(between, width) : new Uint32Array(between);
    for (let i = 0; i < plan.corners; i++) values[i] = low + step * corners[i];
    for (let i = 0; i < between; i++) {
      const mean = corners[ends[2 * i]] + corners[ends[2 * i + 1]] >> 1;
      values[plan.corners + i] = low + step * (apart[i] + mean & most);
    }
    return values;
  };

  const places = plan.place.map(steps => nodal(steps, 3));
  const low = places.map(values => values.reduce((a, b) => Math.min(a, b)));
  const high = places.map(values => values.reduce((a, b) => Math.max(a, b)));
  const centre = times(plus(low, high), 0.5);
  const place = woven(places, centre), values = {}, steps = {};
  let shift = null;
  for (const { name, parts } of plan.values) {
    const columns = parts.map(part => nodal(part, 2));
    steps[name] = Math.max(...parts.map(part => part.step));
    values[name] = columns[0];
    if (columns.length === 1) continue;
    const [x, y, z] = columns;
    values[name] = x.map((_, i) => Math.sqrt(x[i] * x[i] + y[i] * y[i] + z[i] * z[i]));
    shift = woven(columns, [0, 0, 0]);
  }
  const lines = new Uint32Array(1.5 * sharp.length);
  for (let i = 0; i < sharp.length; i += 2)
    lines.set([sharp[i], sharp[i + 1], middles.between(sharp[i], sharp[i + 1])], 1.5 * i);
  return { plan, faces, faceMiddles, regions, cells, middles, lines, place, shift, values, steps, low, high, centre };
}

// Rows of three from three columns, relative to an origin.
function woven(columns, origin) {
  const rows = new Float32Array(3 * columns[0].length);
  for (let k = 0; k < 3; k++) for (let i = 0; i < columns[k].length; i++) rows[3 * i + k] = columns[k][i] - origin[k];
  return rows;
}
