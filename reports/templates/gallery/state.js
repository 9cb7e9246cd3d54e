// What is searched, chosen, sorted and picked; kept behind the # of the address, so that it can be passed on.

const FACETS = ["kind", "device", "protocol", "verdict"];
const USUAL = "-date";

class State {
  constructor() {
    this.query = "";
    this.chosen = Object.fromEntries(FACETS.map(name => [name, new Set()]));
    this.sort = USUAL;  // a minus: largest or newest first
    this.picked = [];
  }

  static read(hash) {
    const told = new URLSearchParams(hash.replace(/^#/, ""));
    const state = new State();
    state.query = told.get("q") ?? "";
    for (const name of FACETS) state.chosen[name] = new Set(told.getAll(name));
    state.sort = told.get("sort") || USUAL;
    state.picked = told.getAll("picked");
    return state;
  }

  text() {
    const told = new URLSearchParams();
    if (this.query.trim()) told.set("q", this.query);
    for (const name of FACETS) for (const value of this.chosen[name]) told.append(name, value);
    if (this.sort !== USUAL) told.set("sort", this.sort);
    for (const path of this.picked) told.append("picked", path);
    return told.toString();
  }

  get narrowed() {
    return this.query.trim() !== "" || FACETS.some(name => this.chosen[name].size > 0);
  }
}
