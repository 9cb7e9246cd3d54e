// What is written over a canvas: names of loads and fixtures, the marked peak, the value that is read, scale and axes.

const LETTER = 7;  // pixels, about
const BESIDE = [[12, -11]];  // where the words of a point may stand, from it to their nearest corner, best first
const FREE = [...BESIDE, [14, 24], [14, -24], [30, 60], [30, -60]];

class Overlay {
  constructor(root, view, corners) {
    this.view = view;
    this.sample = corners.filter((_, i) => i % Math.ceil(corners.length / 1000) === 0);
    const { plan, centre } = view.mesh;
    const tag = (text, className) => root.appendChild(element("span", `tag ${className}`, text));
    this.arrows = plan.arrows.map(({ tail, tip, label }) => {
      return { tag: tag(label, "named load"), ends: [tail, tip].map(end => plus(end, centre, -1)) };
    });
    const bodies = plan.ghosts.map((ghost, i) => ({ ...ghost, points: pointsOf(view.painter.bodies[i], 7) }));
    this.ghosts = [...new Set(bodies.map(body => body.label))].map(label => {
      const alike = bodies.filter(body => body.label === label);
      return { tag: tag(label, `named ${alike[0].role}`), alike };
    });
    this.peak = tag("", "mark peak");
    this.pick = tag("", "mark pick");
    this.scale = root.appendChild(element("span", "scale"));
    this.axes = new Axes(root);
  }

  arrange() {
    const { view } = this, { camera, mark, shownPick, group } = view;
    this.pixels = this.sample.map(point => camera.pixel(point));
    for (const { tag } of [...this.arrows, ...this.ghosts]) tag.hidden = !group.state.around;
    if (group.state.around) {
      this.nameArrows();
      this.nameGhosts();
    }
    this.peak.hidden = !mark;
    if (mark) {
      this.label(this.peak, plus(mark.place, mark.shift, view.factor), mark.text, mark.detail, FREE);
      this.peak.classList.toggle("unsure", !mark.sure);
    }
    this.pick.hidden = !shownPick;
    if (shownPick) {
      const { value, place, drawn } = view.read(shownPick);
      this.label(this.pick, drawn, view.worded(value), `${placeWords(place)} mm`, BESIDE);
    }
    const length = roundDown(0.2 * camera.canvas[0] / camera.perMm);
    this.scale.textContent = `${Number(length.toPrecision(1))} mm`;
    this.scale.style.width = `${length * camera.perMm}px`;
    this.axes.turn(camera);
    group.legend.point();
  }

  // Beyond the tail of the arrow, or above it where it lies.
  nameArrows() {
    const { camera } = this.view;
    for (const { tag, ends } of this.arrows) {
      const [[x, y], [a, b]] = ends.map(end => camera.pixel(end)), half = LETTER * tag.textContent.length / 2;
      const below = Math.abs(y - b) > Math.abs(x - a) && y > b;
      this.put(tag, clamp(x, half, camera.canvas[0] - half), below ? y + 12 : y - 12);
    }
  }

  // At a side of one of those alike: where the name covers little of the part and is not cut off, and then far out;
  // nowhere if it is cut off everywhere.
  nameGhosts() {
    const { camera } = this.view, [width, height] = camera.canvas;
    for (const { tag, alike } of this.ghosts) {
      const half = LETTER * tag.textContent.length / 2;
      const spots = alike.flatMap(({ points }) => {
        const pixels = points.map(point => camera.pixel(point));
        const end = (k, sign) => pixels.reduce((a, b) => sign * b[k] > sign * a[k] ? b : a);
        const [right, left, low] = [end(0, 1), end(0, -1), end(1, 1)];
        const below = [clamp(low[0], half, width - half), low[1] + 12];
        return [[right[0] + 6 + half, right[1]], [left[0] - 6 - half, left[1]], below];
      });
      const cost = ([x, y]) => {
        const covered = this.pixels.filter(([a, b]) => Math.abs(a - x) < half + 4 && Math.abs(b - y) < 12).length;
        const cutOff = x < half || x > width - half || y < 8 || y > height - 40;  // the scale is there
        return 3 * covered + (cutOff ? 1000 : 0) - Math.hypot(x - width / 2, y - height / 2) / width;
      };
      const best = spots.reduce((a, b) => cost(b) < cost(a) ? b : a);
      this.put(tag, ...best);
      tag.classList.toggle("outside", cost(best) > 900);
    }
  }

  put(tag, x, y) {
    const [width, height] = this.view.camera.canvas;
    tag.style.transform = `translate(${x}px, ${y}px)`;
    tag.classList.toggle("outside", x < 0 || y < 0 || x > width || y > height);
  }

  // A marked point with words beside it; where they would cover much of the part, farther off with a leader line.
  label(tag, place, text, detail, offsets) {
    const { camera } = this.view, [width, height] = camera.canvas, [x, y] = camera.pixel(place);
    const wide = LETTER * Math.max(1.25 * text.length, detail.length) + 12, high = detail ? 38 : 22;
    const corners = offsets.flatMap(([across, down]) => {
      const top = down < -BESIDE[0][0] ? down - high : down;
      return [[across, top], [-across - wide, top]];
    });
    const cost = ([left, top], order) => {
      const [l, t, r, b] = [x + left, y + top, x + left + wide, y + top + high];
      const covered = this.pixels.filter(([px, py]) => px > l && px < r && py > t && py < b).length;
      return covered + (l < 0 || t < 0 || r > width || b > height ? 1000 : 0) + order;
    };
    const costs = corners.map(cost), [left, top] = corners[costs.indexOf(Math.min(...costs))];
    const leader = element("i", "leader"), box = element("span", "box");
    const end = [left < 0 ? left + wide : left, top < -high ? top + high : Math.max(top, 0)];
    leader.style.width = `${Math.hypot(...end)}px`;
    leader.style.transform = `rotate(${Math.atan2(end[1], end[0])}rad)`;
    box.style.transform = `translate(${left}px, ${top}px)`;
    box.style.width = `${wide}px`;
    box.style.textAlign = left < 0 ? "right" : "left";
    box.append(element("b", "", text), element("small", "", detail));
    tag.replaceChildren(leader, box);
    this.put(tag, x, y);
  }

  // Whether the part stands before the peak: seen to when the camera rests, for it costs as much as a picture.
  seePeak() {
    clearTimeout(this.seeing);
    this.seeing = setTimeout(() => {
      const { mark, camera, factor } = this.view;
      if (!mark) return;
      const drawn = plus(mark.place, mark.shift, factor), hit = this.view.pick(...camera.pixel(drawn));
      const before = hit ? dot(plus(this.view.read(hit).drawn, drawn, -1), camera.towards) : 0;
      this.peak.classList.toggle("behind", before > 0.01 * camera.size);
    }, 120);
  }
}
