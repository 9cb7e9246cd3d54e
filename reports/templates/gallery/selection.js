// Runs picked to be compared, in the order in which they were picked, and the command that compares them.

const MOST = 6;

const quoted = word => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

// A page that is served was told its folder; a file knows it from its address.
const folder = () => document.querySelector("main").dataset.root
  || (location.protocol === "file:" ? decodeURIComponent(location.pathname).replace(/\/[^/]*$/, "") : "results");

const command = paths => [
  "benchtwin compare", ...paths.map(path => quoted(`${folder()}/${path}`)), "--results", quoted(folder()),
].join(" ");

class Selection {
  constructor(facts) {
    this.byPath = new Map(facts.filter(fact => fact.kind === "run" && !fact.broken).map(fact => [fact.path, fact]));
  }

  // Those that exist, that are of the device and test of the first, and that are not too many.
  valid(paths) {
    const known = [...new Set(paths)].filter(path => this.byPath.has(path));
    return known.filter(path => this.#alike(path, known[0])).slice(0, MOST);
  }

  #alike(path, first) {
    const [one, other] = [this.byPath.get(path), this.byPath.get(first)];
    return one.device === other.device && one.protocol === other.protocol;
  }

  show(picked) {
    for (const box of document.querySelectorAll(".pick input")) {
      box.checked = picked.includes(box.value);
      const apart = picked.length > 0 && !this.#alike(box.value, picked[0]);
      box.disabled = !box.checked && (apart || picked.length === MOST);
      box.parentElement.title = apart ? "Only runs of one device under one test can be compared" : "";
      box.closest(".card").classList.toggle("picked", box.checked);
    }
    const bar = document.getElementById("compare");
    bar.hidden = picked.length === 0;
    const enough = picked.length > 1;
    bar.querySelector(".command").hidden = document.getElementById("copy").hidden = !enough;
    document.getElementById("picked").textContent = enough
      ? `${picked.length} runs; the others are compared with the first. At most ${MOST}.`
      : "1 run; take another one of the same device and test.";
    document.getElementById("command").textContent = enough ? command(picked) : "";
  }

  async copy() {
    const code = document.getElementById("command");
    const button = document.getElementById("copy");
    const copied = await (navigator.clipboard?.writeText(code.textContent).then(() => true, () => false) ?? false);
    if (!copied) getSelection().selectAllChildren(code);
    button.textContent = copied || document.execCommand("copy") ? "Copied" : "Selected: copy it by Ctrl+C";
    setTimeout(() => { button.textContent = "Copy command"; }, 2500);
  }
}
