// What all parts of the page share: the data, which candidate is pointed at, and which are kept.

const data = JSON.parse(document.getElementById("data").textContent);
const body = document.querySelector("#candidates tbody");
const headers = [...document.querySelectorAll("#candidates thead th")];
const rows = new Map([...body.rows].map((row) => [Number(row.dataset.candidate), row]));
const candidates = [...rows.keys()].sort((a, b) => a - b);
const n = candidates.length;

const pictures = [];
let lit = null; // the candidate that is pointed at
let held = null; // the one that was clicked
let kept = new Set(candidates); // those that no axis has filtered out

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function light(candidate) {
  if (lit !== null) rows.get(lit).classList.remove("lit");
  lit = candidate;
  for (const picture of pictures) picture.light();
  const texts = lit === null ? [] : [...rows.get(lit).cells].map((cell, i) =>
    !cell.hidden && cell.textContent && `${headers[i].textContent} ${cell.textContent}`);
  document.getElementById("details").textContent = texts.filter(Boolean).join(" · ") || "Point at a line, a dot or a row.";
  if (lit !== null) rows.get(lit).classList.add("lit");
}

function hold(candidate) {
  held = candidate === null || held === candidate ? null : candidate;
  light(held === null ? candidate : held);
}

function keep(test) {
  kept = new Set(candidates.filter(test));
  for (const [candidate, row] of rows) row.hidden = !kept.has(candidate);
  for (const picture of pictures) picture.filter();
  focusOn([...body.rows].find((row) => !row.hidden), false);
  document.getElementById("shown").textContent =
    kept.size === n ? `All ${n} candidates` : `${kept.size} of ${n} candidates`;
  document.getElementById("all").hidden = kept.size === n;
}
