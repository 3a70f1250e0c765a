"use strict";
// The page is complete without this script. It adds sorting, filters, and opens everything for a printer.
for (const table of document.querySelectorAll("table.sorts")) {
  const body = table.tBodies[0];
  const key = (row, at) => {
    const cell = row.cells[at];
    const number = cell?.dataset.n;
    return number === undefined ? cell?.textContent.trim() || undefined : number === "" ? undefined : Number(number);
  };
  for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const order = (a, b) => typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
      const rows = [...body.rows].map((row) => [key(row, head.cellIndex), row]);
      // what is not known comes last, either way
      rows.sort(([a], [b]) => (a === undefined) - (b === undefined) || (a === undefined ? 0 : (up ? 1 : -1) * order(a, b)));
      body.append(...rows.map((pair) => pair[1]));
    });
  }
  filter(table.parentElement, () => body.rows, table.closest("section").querySelector("h2").textContent);
}
for (const list of document.querySelectorAll(".images")) {
  filter(list.previousElementSibling, () => list.children, "images of " + list.closest("section").querySelector("h3").textContent);
}

function filter(before, items, what) {
  const label = document.createElement("label");
  label.className = "filter";
  const field = document.createElement("input");
  field.type = "search";
  field.placeholder = "filter";
  field.setAttribute("aria-label", "Filter: " + what);
  label.append(field);
  before.before(label);
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase();
    for (const item of items()) item.hidden = !item.textContent.toLowerCase().includes(wanted);
  });
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
