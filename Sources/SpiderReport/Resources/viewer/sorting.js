// Tables that a click on a head sorts; names that open their case in the viewer above.

/** The number of a cell; none for a dash. */
function figure(cell) {
  const value = Number.parseFloat(cell.textContent);
  return Number.isNaN(value) ? null : value;
}

/** Whether the first click on a head puts the smallest on top: of figures the worst case is wanted there. */
function beginsRising(head) { return head.dataset.worst !== "largest"; }

/** Sorts the rows by a column: names by letters, figures by size; what has no figure stays at the end. */
function sort(table, column, isRising) {
  const body = table.tBodies[0], sign = isRising ? 1 : -1;
  const rows = [...body.rows].map((row) => {
    const cell = row.cells[column];
    return { row, key: column === 0 ? cell.textContent : figure(cell) };
  });
  rows.sort((a, b) => {
    if (a.key === null || b.key === null) return (a.key === null) - (b.key === null);
    return sign * (column === 0 ? a.key.localeCompare(b.key, "en", { numeric: true }) : a.key - b.key);
  });
  body.append(...rows.map(({ row }) => row));
}

for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = `Sort by ${head.textContent}`;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const sorted = head.getAttribute("aria-sort");
      const isRising = sorted === null ? beginsRising(head) : sorted !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", isRising ? "ascending" : "descending");
      sort(table, column, isRising);
    });
  });
  for (const name of table.querySelectorAll("[data-opens]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "opens";
    button.title = "Show this case above";
    button.append(...name.childNodes);
    name.append(button);
    button.addEventListener("click", () => {
      const detail = Number(name.dataset.opens);
      document.dispatchEvent(new CustomEvent("open-case", { detail }));
      window.scrollTo({ top: 0 });
    });
  }
}
