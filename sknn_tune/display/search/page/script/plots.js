// Plots with two axes: the curves over the epochs, and the score against each parameter.

class Plot extends Picture {
  constructor(host, label) {
    super(host, label);
    this.host = host;
  }

  // Ticks are [place from 0 to 1, text]; `places` has those of each candidate.
  draw({ xTicks, yTicks, xLabel, height, places }) {
    const width = this.host.clientWidth;
    const [left, right, top] = [46, 14, 8];
    const lean = touch(xTicks, width - left - right);
    const bottom = lean ? 41 + 3.1 * Math.max(...xTicks.map(([, text]) => Math.min(text.length, 14))) : 42;
    const x = (share) => left + share * (width - left - right);
    const y = (share) => height - bottom - share * (height - top - bottom);
    this.root.setAttribute("height", height);
    const grid = [
      ...xTicks.flatMap(([share, text]) => [
        svg("line", { class: "grid", x1: x(share), x2: x(share), y1: y(0), y2: y(1) }),
        lean
          ? svg("text", { "text-anchor": "end", transform: `translate(${x(share) + 4}, ${y(0) + 14}) rotate(-30)` }, cut(text, 14), svg("title", {}, text))
          : svg("text", { "text-anchor": "middle", x: x(share), y: y(0) + 15 }, text),
      ]),
      ...yTicks.flatMap(([share, text]) => [
        svg("line", { class: "grid", x1: x(0), x2: x(1), y1: y(share), y2: y(share) }),
        svg("text", { "text-anchor": "end", x: left - 5, y: y(share) + 4 }, text),
      ]),
      svg("text", { class: "of-axis", "text-anchor": "middle", x: x(0.5), y: height - 6 }, cutInside(xLabel, Math.floor(width / 7)), svg("title", {}, xLabel)),
    ];
    this.back.replaceChildren(...grid);
    this.place(new Map(candidates.map((candidate) => [candidate, places(candidate).map(([a, b]) => [x(a), y(b)])])));
  }
}

// Whether texts of ticks, side by side, would leave less than a character between them.
function touch(ticks, width) {
  const sorted = [...ticks].sort(([a], [b]) => a - b);
  const room = (k) => (sorted[k][0] - sorted[k - 1][0]) * width;
  return sorted.some(([, text], k) => k > 0 && room(k) < 6.2 * ((text.length + sorted[k - 1][1].length) / 2 + 1));
}

const cut = (text, longest) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);

// Names of parameters with long prefixes differ at their ends.
function cutInside(text, longest) {
  const tail = Math.floor(0.6 * longest);
  return text.length > longest ? `${text.slice(0, longest - 1 - tail)}…${text.slice(-tail)}` : text;
}

// --- curves ------------------------------------------------------------------------------------------------

const select = document.getElementById("curve");
const curves = data.curves.length ? new Plot(document.getElementById("curves"), "Curves of the candidates over their epochs") : null;
for (const { name } of data.curves) select.add(new Option(name));

function drawCurves() {
  if (!curves) return;
  const { xTicks, yTicks, values, lastEpoch } = data.curves[select.selectedIndex];
  const x = (i) => (lastEpoch > 1 ? i / (lastEpoch - 1) : 0.5);
  const places = (candidate) => values[candidate]
    .map((value, i) => [x(i), value])
    .filter(([, value]) => value !== null);
  curves.draw({ xTicks, yTicks, xLabel: "epoch", height: 300, places });
}
select.addEventListener("change", drawCurves);

// --- slices ------------------------------------------------------------------------------------------------

const score = data.coordinates[data.coordinates.length - 1];
const slices = data.coordinates.slice(0, -1).map((coordinate) => {
  const place = element("div", { class: "slice" });
  document.getElementById("slices").append(place);
  return [coordinate, new Plot(place, `Score against ${coordinate.label}`)];
});

// Of the numbers of columns that make plots neither narrow nor wide, the one that leaves fewest places empty at the end.
function columnsFor(n, width) {
  const gap = 16;
  const [most, least] = [216, 336].map((column) => Math.max(1, Math.floor((width + gap) / (column + gap))));
  const empty = (columns) => (columns - (n % columns)) % columns;
  let best = most;
  for (let columns = most - 1; columns >= least; columns--) if (empty(columns) < empty(best)) best = columns;
  return Math.min(best, n) || 1;
}

function drawSlices() {
  const grid = document.getElementById("slices");
  grid.style.setProperty("--columns", columnsFor(slices.length, grid.clientWidth));
  const above = (height) => 0.08 + 0.92 * height; // below all scores stands what has none
  for (const [coordinate, plot] of slices) {
    const hasMissing = coordinate.ticks.some(([height]) => height < 0);
    // Equal values stand side by side, those at the ends a little beyond them.
    const spread = coordinate.spread.filter((height) => height !== null);
    const [first, last] = [Math.min(hasMissing ? -0.13 : 0, ...spread) - 0.02, Math.max(1, ...spread) + 0.02];
    const across = (height) => (height - first) / (last - first);
    plot.draw({
      xTicks: coordinate.ticks.map(([height, text]) => [across(height), text]),
      yTicks: score.ticks.map(([height, text]) => [above(height), text]),
      xLabel: coordinate.label,
      height: 210,
      places: (candidate) => {
        const height = score.heights[candidate];
        return [[across(coordinate.spread[candidate]), height === null ? 0 : above(height)]];
      },
    });
  }
}
