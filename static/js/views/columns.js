/** A matrix on a phone: one of its columns at a time, chosen above it. */

/** @param {ParentNode} scope */
export function addColumnChoices(scope) {
  for (const matrix of scope.querySelectorAll(".matrix")) {
    const select = matrix.querySelector("select");
    const table = matrix.querySelector("table");
    if (!select || !table) continue;
    const show = () => {
      for (const row of table.rows) {
        // The first column names the row.
        const [, ...cells] = row.cells;
        for (const [index, cell] of cells.entries()) {
          cell.classList.toggle("is-chosen", index === select.selectedIndex);
        }
      }
    };
    select.addEventListener("change", show);
    // The browser may have kept a choice.
    show();
  }
}
