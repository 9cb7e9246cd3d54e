// Makes a list of cards one that can be searched; without it the list stands as it is.

const byId = name => document.getElementById(name);
const cards = [...document.querySelectorAll(".card")];
const { facts, names } = JSON.parse(byId("facts").textContent);
for (const card of cards) {
  const fact = facts[card.dataset.number];
  fact.card = card;
  fact.group = card.closest(".group");
  const settings = Object.entries(fact.numbers).map(([name, [value, unit]]) => `${name}=${value} ${unit}`).join(" ");
  fact.text = `${card.textContent} ${fact.words} ${settings}`.toLowerCase();
}

let state = State.read(location.hash);
const facets = new Facets(byId("facets"), facts, names, () => state, () => changed());
const order = new Order(byId("sort"), byId("direction"), facts, names);
const selection = new Selection(facts);

function show() {
  const query = new Query(state.query);
  const found = facts.filter(fact => query.matches(fact));
  const shown = new Set(found.filter(fact => FACETS.every(
    name => !state.chosen[name].size || state.chosen[name].has(fact[name]))));
  facets.show(state, found);
  order.show(state.sort);
  const groups = new Map();
  for (const fact of order.sorted(facts, state.sort)) {
    fact.card.hidden = !shown.has(fact);
    if (!groups.has(fact.group)) groups.set(fact.group, []);
    groups.get(fact.group).push(fact);
  }
  const first = group => group.findIndex(fact => shown.has(fact));
  for (const [section, members] of groups) {
    const count = members.filter(fact => shown.has(fact)).length;
    section.hidden = count === 0;
    section.dataset.count = count;
    section.querySelector("h2 .of").textContent = count === members.length ? count : `${count} of ${members.length}`;
    place(section.querySelector(".cards"), members.map(fact => fact.card));
  }
  const rank = new Map(order.sorted([...groups.values()].map(group => group[Math.max(first(group), 0)]), state.sort)
    .map((fact, number) => [fact.group, number]));
  const sections = [...groups.keys()].sort((a, b) => rank.get(a) - rank.get(b));
  place(byId("cards"), [...sections, byId("nothing")]);
  byId("nothing").hidden = shown.size > 0 || facts.length === 0;
  byId("count").textContent = shown.size === facts.length ? `${facts.length} shown` : `${shown.size} of ${facts.length} shown`;
  byId("clear").hidden = !state.narrowed;
  selection.show(state.picked);
}

// Moves only where the order is another one, so that what has the focus keeps it.
function place(parent, children) {
  if (children.some((child, number) => parent.children[number] !== child)) parent.append(...children);
}

function changed() {
  show();
  const text = state.text();
  history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
}

function again() {
  state = State.read(location.hash);
  state.picked = selection.valid(state.picked);
  byId("query").value = state.query;
  show();
}

byId("query").addEventListener("input", event => { state.query = event.target.value; changed(); });
byId("sort").addEventListener("change", () => { state.sort = order.told(state.sort, false); changed(); });
byId("direction").addEventListener("click", () => { state.sort = order.told(state.sort, true); changed(); });
byId("clear").addEventListener("click", () => {
  state = Object.assign(new State(), { sort: state.sort, picked: state.picked });
  byId("query").value = "";
  changed();
  byId("query").focus();
});
byId("controls").querySelector("form").addEventListener("submit", event => event.preventDefault());
byId("cards").addEventListener("change", event => {
  const path = event.target.value;
  state.picked = event.target.checked ? [...state.picked, path] : state.picked.filter(each => each !== path);
  changed();
});
byId("copy").addEventListener("click", () => selection.copy());
byId("drop").addEventListener("click", () => { state.picked = []; changed(); });
addEventListener("hashchange", again);

byId("controls").hidden = facts.length === 0;
for (const label of document.querySelectorAll(".pick")) label.hidden = false;
again();
document.body.dataset.ready = "";
