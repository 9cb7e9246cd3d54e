// Rows of buttons, one for every value there is of kind, device, test and verdict, with how many there are of each.

const TITLES = { kind: "Kind", device: "Device", protocol: "Test", verdict: "Verdict" };
const ORDERED = {
  kind: ["run", "study", "comparison"], verdict: ["pass", "fail", "undecided", "not_applicable", "unreadable"],
};

class Facets {
  constructor(root, facts, names, state, changed) {
    this.names = names;
    this.buttons = [];
    for (const name of FACETS) {
      const there = [...new Set(facts.map(fact => fact[name]).filter(Boolean))].sort();
      const values = ORDERED[name]?.filter(value => there.includes(value)) ?? there;
      if (values.length < 2) continue;
      const row = root.appendChild(document.createElement("fieldset"));
      row.className = "facet";
      row.appendChild(document.createElement("legend")).textContent = TITLES[name];
      for (const value of values) this.buttons.push(this.#button(row, name, value, state, changed));
    }
  }

  #button(row, name, value, state, changed) {
    const button = row.appendChild(document.createElement("button"));
    button.type = "button";
    button.dataset.facet = name;
    button.dataset.value = value;
    button.append(name === "protocol" ? value : this.names[value]);
    const count = button.appendChild(document.createElement("span"));
    count.className = "of";
    button.addEventListener("click", () => {
      const chosen = state().chosen[name];
      if (!chosen.delete(value)) chosen.add(value);
      changed();
    });
    return { button, count, name, value };
  }

  // How many a button would show: what the search and the other rows leave.
  show(state, found) {
    const fits = (fact, name) => !state.chosen[name].size || state.chosen[name].has(fact[name]);
    for (const { button, count, name, value } of this.buttons) {
      const others = FACETS.filter(other => other !== name);
      const left = found.filter(fact => fact[name] === value && others.every(other => fits(fact, other)));
      count.textContent = left.length;
      button.setAttribute("aria-pressed", state.chosen[name].has(value));
      button.classList.toggle("idle", left.length === 0);
    }
  }
}
