"use strict";
// Headings become buttons that sort their table; without this, tables keep their order.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  if (!body || body.rows.length < 2) continue;
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.hasAttribute("data-unsorted")) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    // On paper, where a heading that is a button is not repeated on the next page.
    head.dataset.name = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const isNumber = head.classList.contains("n");
      const first = isNumber ? "descending" : "ascending";
      const second = isNumber ? "ascending" : "descending";
      const order = head.getAttribute("aria-sort") === first ? second : first;
      for (const other of heads) {
        if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
      }
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const text = (row) => row.cells[column].textContent.trim();
      const value = (row) => Number(row.cells[column].dataset.v ?? 0);
      const rows = [...body.rows].sort((one, other) =>
        sign * (isNumber ? value(one) - value(other) : text(one).localeCompare(text(other), "en", { numeric: true })));
      body.append(...rows);
    });
  });
}
