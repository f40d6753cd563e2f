// Parallel coordinates: an axis below the other, so that each has room for its name and values at any width.
// The handles at its ends filter; they are range inputs, which fingers, mice and the keyboard know how to move.

const STEPS = 1000;
const host = document.getElementById("parallel");
const lines = new Picture(host, "Parallel coordinates of the candidates in the table below");
const axes = data.coordinates.map((coordinate, i) => makeAxis(coordinate, i));
let order = axes.map((_, i) => i); // those that are shown, from the top down

// "not set" stands below the lowest value, where there is such a candidate.
const lowest = data.coordinates.some(({ ticks }) => ticks.some(([height]) => height < 0)) ? -0.13 : -0.03;
const highest = 1.03;
const share = (height) => (height - lowest) / (highest - lowest);

function makeAxis(coordinate, i) {
  const label = coordinate.label;
  const button = (text, title, onclick) => element("button", { type: "button", title, "aria-label": title, onclick }, text);
  const handle = (end, value) => element("input", {
    type: "range", min: 0, max: STEPS, value, class: end, "aria-label": `${end} limit of ${label}`,
    oninput: (event) => limit(i, event.target),
  });
  const [low, high] = [handle("lower", 0), handle("upper", STEPS)];
  const values = element("div", { class: "values" });
  const track = element("div", { class: "track" }, low, high, values);
  const tools = element("span", { class: "tools" },
    button("↑", `move ${label} up`, () => move(i, -1)),
    button("↓", `move ${label} down`, () => move(i, 1)),
    button("×", `hide ${label}`, () => show(i, false)));
  const grip = element("span", { class: "grip", title: coordinate.name, onpointerdown: (event) => drag(i, event), onclick: (event) => event.stopPropagation() }, ...breakable(label));
  const name = element("div", { class: "name" }, grip, tools);
  const back = button(`+ ${label}`, `show ${label}`, () => show(i, true));
  return { row: element("div", { class: "axis" }, name, track), low, high, values, track, back, tools };
}

// Lines break after underscores and brackets.
function breakable(text) {
  return text.split(/(?<=_|\w\()(?!_)/).flatMap((part) => [part, element("wbr")]);
}

function move(i, by) {
  const from = order.indexOf(i);
  const to = from + by;
  if (to < 0 || to >= order.length) return;
  order.splice(from, 1);
  order.splice(to, 0, i);
  layAxes(i);
}

// By its name, by mouse or finger: an axis goes where the middles of the others say, so that it does not waver
// between two of different heights.
function drag(i, { target, pointerId, button }) {
  if (button !== 0) return;
  const middle = (box) => (box.top + box.bottom) / 2;
  const follow = (event) => {
    const passed = order.filter((other) => other !== i && middle(axes[other].row.getBoundingClientRect()) < event.clientY);
    if (passed.length !== order.indexOf(i)) move(i, passed.length - order.indexOf(i));
  };
  target.setPointerCapture(pointerId);
  target.addEventListener("pointermove", follow);
  target.addEventListener("lostpointercapture", () => target.removeEventListener("pointermove", follow), { once: true });
}

function show(i, shown) {
  if (!shown && order.length < 3) return; // two axes are the least that lines can join
  order = shown ? [...order, i] : order.filter((other) => other !== i);
  if (!shown) free(i);
  layAxes();
  (shown ? axes[i].tools.lastChild : axes[i].back).focus();
  filterByLimits();
}

// One of them stays where it is and the others go around it: an element that is taken out loses the focus and the
// pointer that drags it.
function layAxes(still = order[0]) {
  const row = axes[still].row;
  if (!row.isConnected) host.append(row);
  for (const other of axes) if (other.row !== row) other.row.remove();
  const rows = order.map((i) => axes[i].row);
  row.before(...rows.slice(0, rows.indexOf(row)));
  row.after(...rows.slice(rows.indexOf(row) + 1));
  const hidden = axes.filter((_, i) => !order.includes(i)).map(({ back }) => back);
  document.getElementById("hidden-axes").replaceChildren(...hidden);
  drawLines();
}

function drawLines() {
  const box = host.getBoundingClientRect();
  const tracks = order.map((i) => axes[i].track.getBoundingClientRect());
  const x = (place, height) => tracks[place].left - box.left + share(height) * tracks[place].width;
  const y = (place) => tracks[place].top - box.top + 8;
  lines.back.replaceChildren(...order.map((_, place) =>
    svg("line", { class: "stem", x1: x(place, lowest), x2: x(place, highest), y1: y(place), y2: y(place) })));
  order.forEach((i, place) => writeValues(i, tracks[place].width));
  lines.place(new Map(candidates.map((candidate) => [candidate, order
    .map((i, place) => [data.coordinates[i].heights[candidate], place])
    .filter(([height]) => height !== null)
    .map(([height, place]) => [x(place, height), y(place)])])));
}

// Each has the room up to its neighbours; what does not fit into two lines is cut, and whole in its title.
function writeValues(i, width) {
  const ticks = [...data.coordinates[i].ticks].sort(([a], [b]) => a - b);
  axes[i].values.replaceChildren(...ticks.map(([height, text], k) => {
    const gaps = [k > 0 ? height - ticks[k - 1][0] : 2 * (height - lowest), k + 1 < ticks.length ? ticks[k + 1][0] - height : 2 * (highest - height)];
    const room = Math.max(24, (Math.min(...gaps) / (highest - lowest)) * width - 4);
    const style = height < 0 ? "left: -6px; transform: none" : `left: ${100 * share(height)}%; max-width: ${room.toFixed(0)}px`;
    return element("span", { title: text, style }, ...breakable(text));
  }));
}

// --- what the handles leave --------------------------------------------------------------------------------

function limit(i, moved) {
  const { low, high } = axes[i];
  if (Number(low.value) > Number(high.value)) moved.value = moved === low ? high.value : low.value;
  filterByLimits();
}

function free(i) {
  axes[i].low.value = 0;
  axes[i].high.value = STEPS;
}

function filterByLimits() {
  const height = (value) => lowest + (value / STEPS) * (highest - lowest);
  const limits = order.map((i) => [i, Number(axes[i].low.value), Number(axes[i].high.value)])
    .filter(([, low, high]) => low > 0 || high < STEPS);
  for (const { row } of axes) row.classList.remove("limited");
  for (const [i] of limits) axes[i].row.classList.add("limited");
  keep((candidate) => limits.every(([i, low, high]) => {
    const place = data.coordinates[i].heights[candidate];
    return place !== null && height(low) <= place && place <= height(high);
  }));
}

document.getElementById("all").addEventListener("click", () => {
  axes.forEach((_, i) => free(i));
  filterByLimits();
});
