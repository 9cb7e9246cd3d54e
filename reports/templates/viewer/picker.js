// Says what is under a pixel: faces and section drawn once more, on one pixel, as numbers in place of colours.
class Picker {
  constructor(painter) {
    this.painter = painter;
    const { gl } = painter;
    this.pixel = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.pixel);
    for (const [slot, format] of [[gl.COLOR_ATTACHMENT0, gl.RGBA32UI], [gl.DEPTH_ATTACHMENT, gl.DEPTH_COMPONENT24]]) {
      const store = gl.createRenderbuffer();
      gl.bindRenderbuffer(gl.RENDERBUFFER, store);
      gl.renderbufferStorage(gl.RENDERBUFFER, format, 1, 1);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, slot, gl.RENDERBUFFER, store);
    }
  }

  // The nodes and their weights at a pixel (CSS, from the top left), the region of the surface and whether it is a
  // wall; null beside the part.
  pick(x, y, state, camera, choice) {
    const { painter, pixel } = this, { gl, programs, canvas, mesh } = painter;
    const told = painter.told(state, camera, choice), ratio = canvas.width / camera.canvas[0];
    gl.bindFramebuffer(gl.FRAMEBUFFER, pixel);
    gl.viewport(-Math.floor(x * ratio), Math.floor(y * ratio) + 1 - canvas.height, canvas.width, canvas.height);
    gl.clearBufferuiv(gl.COLOR, 0, [0, 0, 0, 0]);
    gl.clearBufferfv(gl.DEPTH, 0, [1]);
    gl.enable(gl.DEPTH_TEST);
    use(gl, programs.pickFace, { ...told, uKind: 1 });
    painter.drawFaces(painter.pickFaces);
    if (painter.showsCut(state, choice)) {
      use(gl, programs.pickCut, { ...told, uKind: 2 });
      painter.drawCut(painter.section.forPick);
    }
    const read = new Uint32Array(4);
    gl.readPixels(0, 0, 1, 1, gl.RGBA_INTEGER, gl.UNSIGNED_INT, read);
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    const [kind, number] = read, [s, t] = new Float32Array(read.buffer, 8, 2);
    if (kind === 0) return null;
    if (kind === 2) {
      const { owners } = painter.section;
      return { ...within(mesh, owners[number], this.placeOnCut(number, s, t)), region: "", wall: false };
    }
    const region = mesh.regions[number];
    return { ...onFace(mesh, number, s, t), region: mesh.plan.regions[region], wall: mesh.plan.walls[region] };
  }

  placeOnCut(number, s, t) {
    const { nodes, shares } = this.painter.section, { place } = this.painter.mesh;
    return [1 - s - t, s, t].reduce((sum, weight, k) => {
      const vertex = 3 * number + k, share = shares[vertex];
      const end = which => [0, 1, 2].map(axis => place[3 * nodes[2 * vertex + which] + axis]);
      return plus(plus(sum, end(0), weight * (1 - share)), end(1), weight * share);
    }, [0, 0, 0]);
  }
}

function onFace({ faces, faceMiddles }, number, s, t) {
  const r = 1 - s - t;
  return {
    nodes: [...faces.subarray(3 * number, 3 * number + 3), ...faceMiddles.subarray(3 * number, 3 * number + 3)],
    weights: [r * (2 * r - 1), s * (2 * s - 1), t * (2 * t - 1), 4 * r * s, 4 * s * t, 4 * t * r],
  };
}
