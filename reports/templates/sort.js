// Headings become buttons here, so that there are none where scripts do not run. They are spans: where a table goes on
// over the next sheet, browsers do not print true buttons in its head.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    if (heading.classList.contains("plain")) return;
    const button = document.createElement("span");
    button.className = "button";
    button.role = "button";
    button.tabIndex = 0;
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      button.click();
    });
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => row.cells[column].dataset.key;
      const rows = [...body.rows];
      const numeric = rows.every(row => key(row) === "" || !Number.isNaN(Number(key(row))));
      const compare = (a, b) => numeric ? Number(a) - Number(b) : a.localeCompare(b, "en", { numeric: true });
      rows.sort((a, b) => {
        if (key(a) === "" || key(b) === "") return (key(a) === "") - (key(b) === "");  // nothing is last either way
        return compare(key(a), key(b)) * (down ? -1 : 1);
      });
      body.append(...rows);
    });
  });
}
