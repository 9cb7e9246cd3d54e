// A parallel projection onto a canvas. Angles, zoom and pan are relative to the part, so that they mean the same for
// parts of different size.
class Camera {
  constructor(plan, points) {
    this.up = unit(plan.up);
    const level = plus(plan.towards, this.up, -dot(plan.towards, this.up));
    // Of a part that is looked at along "up", any direction across it will do.
    const [x, y, z] = this.up, other = cross(this.up, [y, z, x]);
    this.ahead = unit(Math.hypot(...level) > 1e-6 ? level : Math.hypot(...other) > 1e-6 ? other : [y, -x, 0]);
    this.aside = cross(this.up, this.ahead);
    this.elevation = Math.asin(clamp(dot(unit(plan.towards), this.up), -1, 1));
    this.frame({ azimuth: 0, elevation: this.elevation });
    const reach = [this.right, this.upward, this.towards].map(axis => {
      const along = points.map(point => dot(point, axis));
      return [along.reduce((a, b) => Math.min(a, b)), along.reduce((a, b) => Math.max(a, b))];
    });
    const middle = reach.map(([low, high]) => (low + high) / 2);
    this.centre = plus(plus(times(this.right, middle[0]), this.upward, middle[1]), this.towards, middle[2]);
    [this.width, this.height] = reach.map(([low, high]) => high - low);
    this.size = Math.hypot(...reach.map(([low, high]) => high - low));
    this.depth = 1.5 * this.size;  // what is farther from the centre is not drawn
  }

  // The directions of the canvas for a state.
  frame({ azimuth, elevation }) {
    const out = plus(times(this.ahead, Math.cos(azimuth)), this.aside, Math.sin(azimuth));
    this.right = plus(times(this.aside, Math.cos(azimuth)), this.ahead, -Math.sin(azimuth));
    this.towards = plus(times(out, Math.cos(elevation)), this.up, Math.sin(elevation));
    this.upward = cross(this.towards, this.right);
  }

  // Set up for a state and a canvas of so many CSS pixels, of which a margin stays free for labels.
  aim(state, width, height) {
    this.frame(state);
    this.canvas = [width, height];
    const margin = 0.05 * Math.min(width, height) + 22;
    this.perMm = state.zoom * Math.min((width - 2 * margin) / this.width, (height - 2 * margin) / this.height);
    this.focus = plus(plus(this.centre, this.right, state.pan[0] * this.size), this.upward, state.pan[1] * this.size);
    const rows = [
      times(this.right, 2 * this.perMm / width),
      times(this.upward, 2 * this.perMm / height),
      times(this.towards, -1 / this.depth),
    ];
    this.matrix = new Float32Array(16);
    rows.forEach((row, i) => {
      row.forEach((value, j) => { this.matrix[4 * j + i] = value; });
      this.matrix[12 + i] = -dot(row, i < 2 ? this.focus : this.centre);
    });
    this.matrix[15] = 1;
  }

  // Where a point, relative to the centre of the mesh, is on the canvas, in CSS pixels.
  pixel(point) {
    const offset = plus(point, this.focus, -1);
    const [across, up] = [this.right, this.upward].map(axis => dot(offset, axis) * this.perMm);
    return [this.canvas[0] / 2 + across, this.canvas[1] / 2 - up];
  }

  // The angles from which one looks along a direction, and the pan that puts a point into the middle.
  facing(towards, point) {
    const direction = unit(towards), elevation = Math.asin(clamp(dot(direction, this.up), -1, 1));
    const azimuth = Math.atan2(dot(direction, this.aside), dot(direction, this.ahead));
    return { azimuth, elevation, pan: this.panTo(point, { azimuth, elevation }) };
  }

  panTo(point, angles) {
    this.frame(angles);
    const offset = plus(point, this.centre, -1);
    return [dot(offset, this.right) / this.size, dot(offset, this.upward) / this.size];
  }
}
