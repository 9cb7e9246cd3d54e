// The colour bar: the same ends for all views of a group, whatever is seen.
class Legend {
  constructor(root, group) {
    this.group = group;
    this.bar = root.querySelector(".bar");
    this.ticks = root.querySelector(".ticks");
    this.note = root.querySelector(".note");
    this.unit = root.querySelector(".unit");
    this.pointer = root.querySelector(".pointer");
  }

  show() {
    const { choice, plan, views } = this.group, { colours } = plan.look;
    const ordered = choice.logarithmic ? [...colours].reverse() : colours;
    this.bar.style.setProperty("--colours", ordered.filter((_, i) => i % 5 === 0).join(", "));
    this.bar.style.setProperty("--first", ordered[0]);
    this.bar.style.setProperty("--last", ordered[ordered.length - 1]);
    this.ticks.replaceChildren(...choice.ticks.map(([value, text], i) => {
      const between = choice.ticks.length > 7 && i % 2;  // too many for a narrow page
      return this.at(value, element("span", between ? "tick between" : "tick", text));
    }));
    if (choice.limit !== null && choice.limit >= choice.low && choice.limit <= choice.high)
      this.ticks.append(this.at(choice.limit, element("span", "limit", "limit")));
    const values = views.map(view => view.mesh.values[choice.source]), span = choice.high - choice.low;
    const lowest = Math.min(...values.map(all => all.reduce((a, b) => Math.min(a, b))));
    const highest = Math.max(...values.map(all => all.reduce((a, b) => Math.max(a, b))));
    this.bar.classList.toggle("below", !choice.logarithmic && lowest < choice.low - 0.01 * span);
    this.bar.classList.toggle("above", choice.logarithmic || highest > choice.high + 1e-5 * span);
    this.unit.textContent = choice.unit;
    const ends = [choice.low, choice.high].map(end => written(end)).join(" to ");
    this.bar.setAttribute("aria-label", `Colours from ${ends} ${choice.unit}`.trim());
  }

  // What must be known to read the picture.
  explain() {
    const { choice, state } = this.group;
    this.note.textContent = [choice.note, state.deformed ? "Pale: the part as made." : ""].join(" ");
  }

  share(value) {
    const { low, high, logarithmic } = this.group.choice;
    const share = logarithmic ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
    return clamp(share, 0, 1);
  }

  at(value, mark) {
    mark.style.left = `${100 * this.share(value)}%`;
    return mark;
  }

  // Point at the value that is read.
  point() {
    const { views } = this.group, view = views.find(one => one.hovered) ?? views.find(one => one.picked);
    const pick = view?.shownPick;
    this.pointer.hidden = !pick;
    if (pick) this.at(view.read(pick).value, this.pointer);
  }
}
