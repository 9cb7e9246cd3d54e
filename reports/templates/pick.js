// A box in each row that has a run: two to six of them make the command that compares them.
{
  const { section, main, byNumber, make, remember, listeners } = variants;
  const least = 2, most = 6;
  const place = section.querySelector(".compare");
  // Opened as a file, the page knows where it stands, wherever the folder was moved to.
  const here = location.protocol === "file:"
    ? decodeURIComponent(location.pathname).replace(/\/[^/]*$/, "")
    : place.dataset.folder;
  const quoted = /^[\w./-]+$/.test(here) ? here : `'${here.replaceAll("'", "'\\''")}'`;
  const base = `${place.dataset.command} ${quoted}`;
  const standing = place.querySelector("code");
  if (standing) standing.textContent = base;

  const hint = make("p", { role: "status" });
  const command = make("code");
  const copy = make("button", { type: "button" }, "Copy");
  const none = make("button", { type: "button" }, "Untick all");
  const line = make("p", { class: "command" }, command, " ", copy, " ", none);
  place.append(hint, line);

  const boxes = new Map();
  for (const row of main.tBodies[0].rows) {
    if (row.dataset.pick === undefined) continue;
    const number = row.dataset.number;
    const box = make("input", { type: "checkbox", "aria-label": `Compare variant ${number}` });
    box.addEventListener("change", () => {
      tell();
      remember();
    });
    boxes.set(number, box);
    row.cells[0].prepend(box, " ");
  }
  const picked = () => [...boxes].filter(([, box]) => box.checked).map(([number]) => number);

  function tell() {
    const numbers = picked();
    for (const box of boxes.values()) box.disabled = !box.checked && numbers.length >= most;
    const hidden = numbers.filter(number => byNumber.get(number).shown[0].hidden);
    hint.textContent = numbers.length === 0
      ? "Tick two to six variants in the table for the command that puts them side by side."
      : numbers.length < least
        ? "One variant is ticked: tick another."
        : `${numbers.length} variants ticked${numbers.length === most ? ", as many as can be compared" : ""}. Run this:`;
    if (hidden.length) hint.textContent += ` Ticked but not shown: ${hidden.join(", ")}.`;
    line.hidden = numbers.length === 0;
    command.textContent = numbers.length < least ? "" : `${base} --pick ${numbers.join(" ")}`;
    copy.hidden = numbers.length < least;
    copy.textContent = "Copy";
  }

  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(command.textContent);
      copy.textContent = "Copied";
    } catch {  // not allowed here: select it, so that a key copies it
      getSelection().selectAllChildren(command);
      copy.textContent = "Selected: press Ctrl-C";
    }
  });
  none.addEventListener("click", () => {
    for (const box of boxes.values()) box.checked = false;
    tell();
    remember();
  });
  listeners.push({
    save: kept => picked().length && kept.set("pick", picked().join(",")),
    load: kept => {
      const numbers = (kept.get("pick") ?? "").split(",").slice(0, most);
      for (const [number, box] of boxes) box.checked = numbers.includes(number);
      tell();
    },
  });
  new MutationObserver(tell).observe(section.querySelector(".count"), { childList: true });
  tell();
}
variants.start();
