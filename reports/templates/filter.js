// Words, outcomes and ranges narrow the tables of variants down to the same rows. All of it is made here, so that it is
// not there where scripts do not run; what is set stands in the address, so that it can be kept and sent.
const variants = (() => {
  const section = document.getElementById("variants");
  const tables = [...section.querySelectorAll("table.sortable")];
  const main = tables[0];
  const rows = [...main.tBodies[0].rows].map(row => ({
    number: row.dataset.number,
    text: plain(row.dataset.find),
    status: row.dataset.status,
    verdict: row.dataset.verdict,
    shown: [...section.querySelectorAll(`tr[data-number="${row.dataset.number}"]`)],
    values: new Map(),
  }));
  const byNumber = new Map(rows.map(row => [row.number, row]));
  const state = { find: "", status: new Set(), verdict: new Set(), ranges: new Map() };
  const listeners = [];

  function plain(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").replaceAll("−", "-").toLowerCase();
  }

  function make(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  // "> 300", "200..300", "..5": what a number must be; null for nothing, undefined for what is not understood.
  function range(text) {
    const typed = plain(text).trim();
    if (typed === "") return null;
    const number = "([-+]?(?:\\d+(?:\\.\\d+)?|\\.\\d+)(?:e[-+]?\\d+)?)";
    const compared = typed.match(new RegExp(`^(>=|<=|>|<|=|≥|≤)?\\s*${number}$`));
    if (compared) {
      const bound = Number(compared[2]);
      const near = value => Math.abs(value - bound) <= 1e-9 * Math.max(Math.abs(value), Math.abs(bound));
      return {
        ">": value => value > bound,
        "<": value => value < bound,
        ">=": value => value >= bound,
        "≥": value => value >= bound,
        "<=": value => value <= bound,
        "≤": value => value <= bound,
      }[compared[1]] ?? near;
    }
    const between = typed.match(new RegExp(`^${number}?\\s*(?:\\.\\.|\\.\\.\\.|to)\\s*${number}?$`));
    if (!between || (between[1] === undefined && between[2] === undefined)) return undefined;
    const low = between[1] === undefined ? -Infinity : Number(between[1]);
    const high = between[2] === undefined ? Infinity : Number(between[2]);
    return low <= high ? value => low <= value && value <= high : undefined;
  }

  // --- what is typed and pressed ----------------------------------------------------------------------

  const find = make("input", { type: "search", placeholder: "name, setting, status", autocomplete: "off" });
  const clear = make("button", { type: "button", hidden: "" }, "Show all");
  const count = make("p", { class: "count", role: "status" });
  const help = make("p", { class: "help", id: "range-help" },
    "Ranges stand under the headings: > 300, <= 0.5, 200..300 (both ends belong to it), or a number alone.");
  const chips = [];
  const tools = make("div", { class: "filter", role: "search", "aria-label": "Filter of the variants" },
    make("label", {}, "Find ", find));
  for (const [group, words] of [["status", "Status"], ["verdict", "Verdict"]]) {
    const counts = new Map();
    for (const row of rows) if (row[group]) counts.set(row[group], (counts.get(row[group]) ?? 0) + 1);
    if (counts.size < 2) continue;
    const made = make("div", { class: "chips", role: "group", "aria-label": words }, `${words} `);
    for (const [word, total] of counts) {
      const chip = make("button", { type: "button", "aria-pressed": "false" }, `${word} ${total}`);
      chip.addEventListener("click", () => {
        if (!state[group].delete(word)) state[group].add(word);
        apply();
      });
      chips.push({ chip, group, word });
      made.append(chip);
    }
    tools.append(made);
  }
  tools.append(clear);
  main.closest(".scroll").before(tools, help, count);

  const fields = [];
  for (const table of tables) {
    const line = table.tHead.insertRow();
    line.className = "ranges";
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const cell = line.insertCell();
      const key = heading.dataset.column;
      if (!key) return;
      const name = heading.dataset.name;
      const field = make("input", {
        type: "text", size: "7", autocomplete: "off", spellcheck: "false", placeholder: "min..max",
        "aria-label": `Range of ${name}`, "aria-describedby": "range-help", title: `Range of ${name}`,
      });
      field.addEventListener("input", () => {
        state.ranges.set(key, field.value);
        apply();
      });
      cell.append(field);
      fields.push({ field, key, name });
      for (const row of table.tBodies[0].rows) {
        const value = row.cells[column].dataset.key;
        byNumber.get(row.dataset.number).values.set(key, value === "" ? NaN : Number(value));
      }
    });
  }

  find.addEventListener("input", () => {
    state.find = find.value;
    apply();
  });
  clear.addEventListener("click", () => {
    reset();
    apply();
    find.focus();
  });

  // --- what follows from it ---------------------------------------------------------------------------

  function reset() {
    state.find = "";
    state.status.clear();
    state.verdict.clear();
    state.ranges.clear();
  }

  function apply(keep = true) {
    const words = plain(state.find).split(/\s+/).filter(Boolean);
    const tests = [], said = [], wrong = [];
    if (words.length) said.push(`“${state.find.trim()}”`);
    for (const group of ["status", "verdict"]) if (state[group].size) said.push([...state[group]].join(" or "));
    for (const { field, key, name } of fields) {
      const text = state.ranges.get(key) ?? "";
      if (field.value !== text) field.value = text;
      const test = range(text);
      if (test === undefined) {
        field.setAttribute("aria-invalid", "true");
        wrong.push(name);
      } else {
        field.removeAttribute("aria-invalid");
      }
      if (test) {
        tests.push([key, test]);
        said.push(`${name} ${text.trim()}`);
      }
    }
    if (find.value !== state.find) find.value = state.find;
    for (const { chip, group, word } of chips) chip.setAttribute("aria-pressed", String(state[group].has(word)));
    let shown = 0;
    for (const row of rows) {
      const here = words.every(word => row.text.includes(word))
        && (!state.status.size || state.status.has(row.status))
        && (!state.verdict.size || state.verdict.has(row.verdict))
        && tests.every(([key, test]) => test(row.values.get(key) ?? NaN));
      for (const element of row.shown) element.hidden = !here;
      shown += here;
    }
    clear.hidden = !said.length && !wrong.length;
    count.textContent = `${shown} of ${rows.length} shown`
      + (said.length ? `: ${said.join("; ")}` : "")
      + (wrong.length ? `. Not understood, and not counted: the range of ${wrong.join(", ")}` : "");
    count.classList.toggle("filtered", shown < rows.length);
    if (keep) remember();
  }

  // --- the address ------------------------------------------------------------------------------------

  function remember() {
    const kept = new URLSearchParams();
    if (state.find.trim()) kept.set("find", state.find.trim());
    for (const group of ["status", "verdict"]) for (const word of state[group]) kept.append(group, word);
    for (const [key, text] of state.ranges) if (text.trim()) kept.set(key, text.trim());
    for (const listener of listeners) listener.save(kept);
    const hash = [...kept].length ? `#variants?${kept}` : "#variants";
    if (location.hash === hash || (hash === "#variants" && !location.hash.startsWith("#variants"))) return;
    history.replaceState(null, "", hash);
  }

  function recall() {
    if (!location.hash.startsWith("#variants?")) return false;
    const kept = new URLSearchParams(location.hash.slice("#variants?".length));
    reset();
    state.find = kept.get("find") ?? "";
    for (const { group, word } of chips) if (kept.getAll(group).includes(word)) state[group].add(word);
    for (const { key } of fields) if (kept.has(key)) state.ranges.set(key, kept.get(key));
    for (const listener of listeners) listener.load(kept);
    return true;
  }

  function start() {
    const recalled = recall();
    apply(false);
    if (recalled) section.scrollIntoView();
  }

  addEventListener("hashchange", () => {
    if (recall()) apply(false);
  });
  return { section, main, byNumber, make, remember, start, listeners };
})();
