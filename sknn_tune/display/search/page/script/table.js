// The table: pointing at its rows, sorting, choosing its columns, and taking it away as a file.

const candidateOf = (event) => {
  const row = event.target.closest("tr");
  return row && row.parentNode === body ? Number(row.dataset.candidate) : null;
};
body.addEventListener("mouseover", (event) => {
  const candidate = candidateOf(event);
  if (held === null && candidate !== null && candidate !== lit) light(candidate);
});
body.addEventListener("mouseleave", () => light(held));
body.addEventListener("click", (event) => candidateOf(event) !== null && hold(candidateOf(event)));

// One row is a stop of the Tab key; the arrow keys go on from there.
body.addEventListener("focusin", (event) => light(candidateOf(event)));
body.addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (event.key === "Enter") hold(candidateOf(event));
  if (!step) return;
  event.preventDefault();
  let row = event.target.closest("tr")[step];
  while (row && row.hidden) row = row[step];
  if (row) focusOn(row, true);
});
function focusOn(row, now) {
  for (const other of body.rows) other.tabIndex = other === row ? 0 : -1;
  if (row && now) row.focus();
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  held = null;
  light(null);
});

// --- sorting -----------------------------------------------------------------------------------------------

function sort(column, direction) {
  const keys = data.sortKeys[column];
  const sign = direction === "ascending" ? 1 : -1;
  const place = (candidate) => data.sortKeys[0][candidate];
  const sorted = [...candidates].sort((a, b) => {
    if (keys[a] === null || keys[b] === null) return (keys[a] === null) - (keys[b] === null) || place(a) - place(b);
    return sign * (keys[a] - keys[b]) || place(a) - place(b);
  });
  body.append(...sorted.map((candidate) => rows.get(candidate)));
  headers.forEach((header) => header.removeAttribute("aria-sort"));
  headers[column].setAttribute("aria-sort", direction);
}
headers.forEach((header, column) => header.firstChild.addEventListener("click", () => {
  sort(column, header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending");
}));

// --- columns -----------------------------------------------------------------------------------------------

headers.forEach((header, column) => {
  const choose = (event) => {
    header.hidden = !event.target.checked;
    for (const row of body.rows) row.cells[column].hidden = header.hidden;
  };
  const box = element("input", { type: "checkbox", checked: "", onchange: choose });
  document.getElementById("columns").append(element("label", {}, box, header.textContent));
});

// --- a file ------------------------------------------------------------------------------------------------

// What begins like a formula would be worked out by a spreadsheet.
const safe = (text) => (/^[=+@\t\r]|^-(?![\d.])/.test(text) ? `'${text}` : text);
const field = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function csv() {
  const columns = data.exported.filter(({ column }) => !headers[column].hidden);
  const shown = [...body.rows].filter((row) => !row.hidden).map((row) => Number(row.dataset.candidate));
  const table = [columns.map(({ name }) => name), ...shown.map((candidate) => columns.map(({ texts }) => texts[candidate]))];
  return table.map((texts) => texts.map((text) => field(safe(text))).join()).join("\r\n") + "\r\n";
}

document.getElementById("export").addEventListener("click", () => {
  const url = URL.createObjectURL(new Blob(["\ufeff", csv()], { type: "text/csv" })); // the mark tells Excel that it is UTF-8
  element("a", { href: url, download: "candidates.csv" }).click();
  URL.revokeObjectURL(url);
});
