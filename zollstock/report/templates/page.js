// Tables sort by a click on a column's head, many pictures can be looked through by name, and what
// is folded is printed. Without this script the page says the same.
(() => {
  "use strict";
  const EMPTY = /^(|–|-|not tested)$/;
  const number = (text) => parseFloat(text.replace(/[−]/g, "-").replace(/[,+<]/g, ""));
  const text = (cell) => (cell ? cell.textContent.trim().replace(/\s+/g, " ") : "");

  // Cells without a value stay last, whichever way round the others are.
  function compare(one, other, numeric, way) {
    const [a, b] = [one.key, other.key];
    if (EMPTY.test(a) || EMPTY.test(b)) return EMPTY.test(a) - EMPTY.test(b);
    const [x, y] = [number(a), number(b)];
    const [known, knownToo] = [Number.isFinite(x), Number.isFinite(y)];
    if (numeric && !(known && knownToo)) return knownToo - known;
    return way * (numeric ? x - y : a.localeCompare(b, undefined, { numeric: true }));
  }

  function sortable(table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    if (rows.length < 2) return;
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      if (!head.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" };
        const way = next[head.getAttribute("aria-sort")];
        heads.forEach((each) => each.hasAttribute("aria-sort") && each.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", way);
        const numeric = !head.classList.contains("name");
        const keyed = rows.map((row) => ({ row, key: text(row.cells[column]) }));
        if (way !== "none") keyed.sort((a, b) => compare(a, b, numeric, way === "ascending" ? 1 : -1));
        table.classList.toggle("sorted", way !== "none");
        body.append(...keyed.map((each) => each.row));
      });
    });
  }

  function searchable(album) {
    const figures = [...album.querySelectorAll("figure")];
    if (figures.length < 9) return;
    const label = document.createElement("label");
    const field = document.createElement("input");
    const told = document.createElement("span");
    field.type = "search";
    told.setAttribute("role", "status");
    label.className = "search";
    label.append("Show names with ", field);
    label.append(told);
    field.addEventListener("input", () => {
      const wanted = field.value.toLowerCase();
      figures.forEach((figure) => (figure.hidden = !figure.dataset.name.toLowerCase().includes(wanted)));
      told.textContent = ` ${figures.filter((figure) => !figure.hidden).length} of ${figures.length}`;
    });
    album.before(label);
  }

  // A picture beside the page that is not there, as where the page was sent alone, is a link's name.
  function named(picture) {
    const tell = () => picture.replaceWith(picture.alt);
    if (picture.complete && picture.naturalWidth === 0 && !picture.src.startsWith("data:")) tell();
    else picture.addEventListener("error", tell);
  }

  document.querySelectorAll("table").forEach(sortable);
  document.querySelectorAll("img").forEach(named);
  document.querySelectorAll(".album").forEach(searchable);
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((part) => (part.open = true));
  });
  addEventListener("afterprint", () => folded.forEach((part) => (part.open = false)));
})();
