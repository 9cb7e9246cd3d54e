// One canvas: what it shows, drawn when something has changed, and what is read off it.
class View {
  constructor(figure, mesh, group) {
    this.mesh = mesh;
    this.group = group;
    this.title = figure.querySelector("figcaption")?.textContent;
    this.canvas = figure.querySelector("canvas");
    this.frame = this.canvas.parentElement;
    this.picked = null;  // stays until another is picked
    this.hovered = null;
    const { plan } = mesh, marks = Object.entries(plan.marks);
    const placed = mark => ({ ...mark, place: plus(mark.place, mesh.centre, -1) });
    this.marks = Object.fromEntries(marks.map(([name, mark]) => [name, placed(mark)]));
    this.painter = new Painter(this.canvas, mesh, group.plan.look);
    const corners = cornersOf(mesh);
    this.camera = new Camera(plan, [...corners, ...this.painter.bodies.flatMap(body => pointsOf(body, 1))]);
    this.overlay = new Overlay(figure.querySelector(".overlay"), this, corners);
    this.canvas.addEventListener("webglcontextlost", event => event.preventDefault());
    this.canvas.addEventListener("webglcontextrestored", () => {
      this.painter.prepare();
      this.redraw();
    });
    new ResizeObserver(() => this.fit()).observe(this.frame);
    this.fit();
  }

  // The field as this run has it: a factor of safety rests on its own strength.
  get choice() {
    const { choice } = this.group;
    return { ...choice, over: this.mesh.plan.over[choice.name] ?? null };
  }

  get mark() {
    return this.marks[this.group.choice.name];
  }

  get factor() {
    return this.group.state.deformed && this.mesh.shift ? this.group.state.factor : 0;
  }

  fit() {
    const { clientWidth, clientHeight } = this.frame, ratio = Math.min(devicePixelRatio || 1, 2.5);
    if (!clientWidth || !clientHeight) return;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.redraw();
  }

  // Draw before the next frame, once, however often it is asked for.
  redraw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = null;
      this.aim();
      this.painter.draw(this.group.state, this.camera, this.choice);
      this.overlay.arrange();
      this.overlay.seePeak();
    });
  }

  aim() {
    this.camera.aim(this.group.state, this.frame.clientWidth, this.frame.clientHeight);
  }

  pick(x, y) {
    this.aim();
    return this.painter.pick(x, y, this.group.state, this.camera, this.choice);
  }

  // What is read now; nothing inside the part, while the field is one on its walls.
  get shownPick() {
    const pick = this.hovered ?? this.picked;
    return pick && (pick.wall || !this.choice.wall) ? pick : null;
  }

  // Value, place as made and place as drawn of a pick.
  read({ nodes, weights }) {
    const { mesh } = this, { source, over } = this.choice;
    const sum = (values, size, at) => nodes.reduce((all, node, k) => all + weights[k] * values[size * node + at], 0);
    const vector = values => [0, 1, 2].map(axis => sum(values, 3, axis));
    const place = vector(mesh.place), shift = mesh.shift ? vector(mesh.shift) : [0, 0, 0];
    const stored = source === "displacement" ? Math.hypot(...shift) : sum(mesh.values[source], 1, 0);
    const value = over === null ? stored : stored > 0 ? over / stored : Infinity;
    return { value, place: plus(place, mesh.centre), drawn: plus(place, shift, this.factor) };
  }

  // "432.1 MPa", or what a factor of safety says where there is no tension.
  worded(value) {
    const { over, unit, source } = this.choice;
    if (over !== null && value > 1000) return "over 1000";
    const step = this.mesh.steps[source] * (over === null ? 1 : value * value / over);
    return `${written(value, step)} ${unit}`.trim();
  }

  sentence(pick) {
    const { value, place } = this.read(pick), region = pick.region ? `, ${pick.region}` : "";
    return `${this.choice.title} ${this.worded(value)} at ${placeWords(place)} mm${region}`;
  }
}

function cornersOf({ place, faces }) {
  return [...new Set(faces)].map(node => [place[3 * node], place[3 * node + 1], place[3 * node + 2]]);
}
