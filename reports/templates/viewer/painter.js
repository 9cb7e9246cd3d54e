// Draws one mesh onto one canvas.

const MOST_TRIANGLES = 300_000;  // faces are divided as often as this allows
const VALUES = 2;  // texture units: places, displacements, values, colours

class Painter {
  constructor(canvas, mesh, look) {
    this.canvas = canvas;
    this.mesh = mesh;
    this.look = look;
    this.gl = canvas.getContext("webgl2", { antialias: true, alpha: false });
    if (!this.gl) throw new Error("this browser gives no more WebGL 2 contexts");
    this.prepare();
  }

  // All that lies on the graphics card; anew when the browser has taken it away.
  prepare() {
    const { gl, mesh, look } = this, { plan } = mesh;
    this.programs = {
      face: compiled(gl, FACE, COLOURED), pickFace: compiled(gl, FACE, PICKED),
      cut: compiled(gl, CUT, COLOURED), pickCut: compiled(gl, CUT, PICKED),
      line: compiled(gl, LINE, PLAIN_LINE), border: compiled(gl, BORDER, PLAIN_LINE),
      body: compiled(gl, BODY, PALE),
    };
    nodeTexture(gl, mesh.place, 3, 0);
    nodeTexture(gl, mesh.shift ?? new Float32Array(3), 3, 1);
    this.valueTexture = gl.createTexture();
    this.field = null;
    colourTexture(gl, look.colours, 3);

    const parts = [8, 4, 2, 1].find(n => n === 1 || plan.faces * n * n <= MOST_TRIANGLES);
    const { spots, triangles } = dividedTriangle(plan.curved ? parts : 1);
    const wall = Uint8Array.from(mesh.regions, region => plan.walls[region] ? 1 : 0);
    this.triangles = triangles.length;
    [this.faces, this.pickFaces] = [this.programs.face, this.programs.pickFace].map(program => vertices(gl, program, {
      aSpot: [spots, 2],
      aCorners: [mesh.faces, 3, true],
      aMiddles: [mesh.faceMiddles, 3, true],
      aWall: [wall, 1, true],
    }, triangles));

    const steps = Array.from({ length: 9 }, (_, i) => i / 8).flatMap(t => [t, -1, t, 1]);
    const along = { aStep: [new Float32Array(steps), 2], aEnds: [mesh.lines, 3, true] };
    this.lines = vertices(gl, this.programs.line, along);
    const body = (shape, colour, glass) => {
      const data = { aPlace: [shape.places, 3], aNormal: [shape.normals, 3] };
      return { ...shape, ...vertices(gl, this.programs.body, data), colour: channels(colour), glass };
    };
    this.bodies = [
      ...plan.ghosts.map(ghost => body(ghostBody(ghost, mesh.centre), look.ghosts[ghost.role], true)),
      ...plan.arrows.map(arrow => body(arrowBody(arrow, mesh.centre), look.load, false)),
    ];
    this.picker = new Picker(this);
    this.cutAt = null;
    this.section = null;
  }

  // What all programs are told of a state.
  told(state, camera, choice) {
    const { mesh, gl } = this, factor = state.deformed && mesh.shift ? state.factor : 0;
    if (this.field !== choice.source) {
      nodeTexture(gl, new Float32Array(mesh.values[choice.source]), 1, VALUES, this.valueTexture);
      this.field = choice.source;
    }
    const { axis, above } = state.cut, normal = [0, 0, 0];
    let height = 1e30;
    if (axis >= 0) {
      normal[axis] = above ? -1 : 1;
      height = cutHeight(mesh, state.cut);
      this.cutAlong(axis, height);
      height *= normal[axis];
    }
    return {
      uPlace: 0, uShift: 1, uValue: VALUES, uColours: 3,
      uView: camera.matrix, uRight: camera.right, uUp: camera.upward, uTowards: camera.towards,
      uCanvas: camera.canvas, uNearer: 3 / camera.perMm / camera.depth,
      uFactor: factor, uCut: [...normal, height],
      uRange: [choice.low, choice.high], uOver: choice.over ?? 0, uWallOnly: choice.wall ? 1 : 0,
      uPlain: [0, 0, 0, 0], uOutline: channels(this.look.outline), uElements: state.elements ? 1 : 0,
    };
  }

  draw(state, camera, choice) {
    const { gl, programs, look, canvas } = this;
    const told = this.told(state, camera, choice);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(...channels(look.paper), 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);

    // First what must not hide the part, each behind all that follows: glass bodies, and the part as made.
    const glass = state.around ? this.bodies.filter(body => body.glass) : [];
    glass.forEach(body => this.drawBody(body, told, 1));
    gl.clear(gl.DEPTH_BUFFER_BIT);
    if (told.uFactor) {
      use(gl, programs.face, { ...told, uFactor: 0, uPlain: [...channels(look.shadow), 1] });
      this.drawFaces(this.faces);
      gl.clear(gl.DEPTH_BUFFER_BIT);
    }

    use(gl, programs.face, told);
    this.drawFaces(this.faces);
    const line = { ...told, uWidth: 1.1, uColour: [...told.uOutline, 1] };
    if (this.showsCut(state, choice)) {
      const uCut = [0, 0, 0, 1];
      use(gl, programs.cut, { ...told, uCut, uElements: 0 });
      this.drawCut(this.section);
      use(gl, programs.border, { ...line, uCut });
      gl.bindVertexArray(this.section.border.array);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.section.border.count);
    }
    if (this.mesh.lines.length) {
      use(gl, programs.line, line);
      gl.bindVertexArray(this.lines.array);
      gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 18, this.mesh.lines.length / 3);
    }
    if (!state.around) return;
    this.bodies.filter(body => !body.glass).forEach(body => this.drawBody(body, told, 1));
    // A thin veil before the part: much of it would tint the colours of the field.
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    gl.depthMask(false);
    gl.enable(gl.CULL_FACE);
    glass.forEach(body => this.drawBody(body, told, look.veil));
    gl.disable(gl.CULL_FACE);
    gl.depthMask(true);
    gl.disable(gl.BLEND);
  }

  showsCut(state, choice) {
    return state.cut.axis >= 0 && !choice.wall && this.section.count > 0;
  }

  drawFaces(vertexData) {
    this.gl.bindVertexArray(vertexData.array);
    this.gl.drawElementsInstanced(this.gl.TRIANGLES, this.triangles, this.gl.UNSIGNED_SHORT, 0, this.mesh.plan.faces);
  }

  drawCut(vertexData) {
    this.gl.bindVertexArray(vertexData.array);
    this.gl.drawArrays(this.gl.TRIANGLES, 0, this.section.count);
  }

  drawBody(body, told, opacity) {
    const { gl } = this;
    use(gl, this.programs.body, { ...told, uColour: [...body.colour, opacity] });
    gl.bindVertexArray(body.array);
    gl.drawArrays(gl.TRIANGLES, 0, body.places.length / 3);
  }

  // The section is computed anew only where the plane has moved.
  cutAlong(axis, height) {
    if (this.cutAt?.axis === axis && this.cutAt.height === height) return;
    const { gl } = this;
    this.cutAt = { axis, height };
    const { nodes, shares, owners } = cutThrough(this.mesh, axis, height);
    if (this.section) [this.section, this.section.forPick, this.section.border].forEach(old => dropVertices(gl, old));
    const attributes = { aNodes: [nodes, 2], aShare: [shares, 1] };
    this.section = { ...vertices(gl, this.programs.cut, attributes), nodes, shares, owners, count: shares.length };
    this.section.forPick = vertices(gl, this.programs.pickCut, attributes);
    const border = borderOfCut(this.mesh, axis, height), aStep = [new Float32Array([0, -1, 0, 1, 1, -1, 1, 1]), 2];
    const ends = { aStep, aNodes: [border.nodes, 4, true], aShares: [border.shares, 2, true] };
    this.section.border = { ...vertices(gl, this.programs.border, ends), count: border.shares.length / 2 };
  }

  pick(x, y, state, camera, choice) {
    return this.picker.pick(x, y, state, camera, choice);
  }
}

// The unit triangle, each side in so many parts.
function dividedTriangle(parts) {
  const spots = [], triangles = [], row = j => j * (parts + 1) - j * (j - 1) / 2;
  for (let j = 0; j <= parts; j++)
    for (let i = 0; i <= parts - j; i++) {
      spots.push(i / parts, j / parts);
      if (i + j < parts) triangles.push(row(j) + i, row(j) + i + 1, row(j + 1) + i);
      if (i + j < parts - 1) triangles.push(row(j) + i + 1, row(j + 1) + i + 1, row(j + 1) + i);
    }
  return { spots: new Float32Array(spots), triangles: new Uint16Array(triangles) };
}
