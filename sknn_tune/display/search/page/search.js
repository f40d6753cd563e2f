// The page of a search: sorts the table, and draws lines and curves that are linked to it.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const lines = document.getElementById("lines");
  const curves = document.getElementById("curves");
  const select = document.getElementById("curve");
  const body = document.querySelector("#candidates tbody");
  const headers = [...document.querySelectorAll("#candidates thead th")];
  const rows = new Map([...body.rows].map((row) => [Number(row.dataset.candidate), row]));
  const n = rows.size;
  const pictures = data.curveNames.length ? [lines, curves] : [lines];
  const config = { displayModeBar: false, responsive: true };

  let lit = null; // the candidate that is pointed at
  let held = null; // the one that was clicked
  let kept = new Set(rows.keys()); // those within the boxes

  // Plotly reads some HTML in texts; what a user named is to be seen as it is.
  const plain = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  // --- colours -------------------------------------------------------------------------------------------

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const channels = (hex) => [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
  function shade(candidate) {
    const [worst, best] = [channels(colour("--worst")), channels(colour("--best"))];
    const mixed = worst.map((from, i) => Math.round(from + (best[i] - from) * data.better[candidate]));
    return `rgb(${mixed.join(",")})`;
  }
  const dashes = { finished: "solid", pruned: "dash", failed: "dot" };
  function lineOf(candidate) {
    const width = candidate === data.best ? 3 : 1.3;
    return { color: shade(candidate), width, dash: dashes[data.statuses[candidate]] };
  }
  function layout(more) {
    return {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: colour("--text"), family: "system-ui, sans-serif", size: 13 },
      showlegend: false,
      hovermode: "closest",
      hoverdistance: 30,
      hoverlabel: { bgcolor: colour("--panel"), font: { color: colour("--text") } },
      ...more,
    };
  }
  const axis = (more) => ({
    gridcolor: colour("--rule"),
    linecolor: colour("--rule"),
    zeroline: false,
    automargin: true,
    fixedrange: true,
    ...more,
  });

  // --- what is drawn -------------------------------------------------------------------------------------

  // Trace i of both pictures is candidate i.
  const name = (candidate) => `candidate ${candidate}: ${plain(rows.get(candidate).cells[2].textContent)}`;
  const heights = (candidate) => data.coordinates.map((coordinate) => coordinate.heights[candidate]);
  const epochs = (values) => values.map((_, i) => i + 1);
  const curveOf = (candidate) => data.curves[candidate][select.value] || [];

  function drawLines() {
    const places = data.coordinates.map((_, i) => i);
    const traces = [...Array(n).keys()].map((candidate) => ({
      mode: "lines+markers",
      x: places,
      y: heights(candidate),
      line: lineOf(candidate),
      marker: { size: 5 },
      selected: { marker: { opacity: 1 } },
      unselected: { marker: { opacity: 1 } },
      visible: kept.has(candidate),
      hovertemplate: `${name(candidate)}<extra></extra>`,
    }));
    const ticks = data.coordinates.flatMap((coordinate, i) =>
      coordinate.ticks.map(([height, text]) => ({
        x: i, y: height, text: plain(text), xanchor: "right", xshift: -4, showarrow: false,
        bgcolor: colour("--paper"), opacity: 0.85, font: { size: 11 },
      })),
    );
    const stems = places.map((i) => ({
      type: "line", x0: i, x1: i, y0: -0.1, y1: 1, line: { color: colour("--quiet"), width: 1 },
    }));
    lines.parentNode.style.minWidth = `${110 * data.coordinates.length}px`;
    Plotly.react(lines, traces, layout({
      dragmode: "select",
      selections: lines.layout ? lines.layout.selections : [],
      margin: { t: 10, r: 30, b: 20, l: 90 },
      annotations: ticks,
      shapes: stems,
      xaxis: axis({
        tickvals: places, range: [-0.2, places.length - 0.85], showgrid: false, showline: false,
        ticktext: data.coordinates.map(({ label }) => plain(label).replace(/(.{8,}?_)(?=.)/g, "$1<br>")),
      }),
      yaxis: axis({ visible: false, range: [-0.16, 1.05] }),
    }), config);
  }

  function drawCurves() {
    if (!data.curveNames.length) return;
    const traces = [...Array(n).keys()].map((candidate) => ({
      mode: curveOf(candidate).length > 1 ? "lines" : "markers",
      marker: { color: shade(candidate), size: 5 },
      x: epochs(curveOf(candidate)),
      y: curveOf(candidate),
      line: lineOf(candidate),
      visible: kept.has(candidate),
      hovertemplate: `${name(candidate)}<br>epoch %{x}: %{y:.4g}<extra></extra>`,
    }));
    const isLog = data.logCurves.includes(select.value);
    Plotly.react(curves, traces, layout({
      dragmode: false,
      margin: { t: 10, r: 20, b: 45, l: 60 },
      xaxis: axis({ title: { text: "epoch" }, rangemode: "tozero" }),
      yaxis: axis({ title: { text: plain(select.value) }, type: isLog ? "log" : "linear", exponentformat: "power" }),
    }), config);
  }

  function draw() {
    drawLines();
    drawCurves();
  }

  // --- one candidate, everywhere -------------------------------------------------------------------------

  // The line over the others is our own: plotly would draw everything anew for it, which takes too long to follow
  // the mouse.
  function mark(picture) {
    const [x, y] = picture === lines
      ? [data.coordinates.map((_, i) => i), lit === null ? [] : heights(lit)]
      : [epochs(lit === null ? [] : curveOf(lit)), lit === null ? [] : curveOf(lit)];
    const { xaxis, yaxis } = picture._fullLayout;
    const points = y.map((value, i) => value !== null && [xaxis._offset + xaxis.d2p(x[i]), yaxis._offset + yaxis.d2p(value)])
      .filter((point) => point && point.every(Number.isFinite));
    if (points.length === 1) points.push(points[0]); // a line of no length is a dot
    picture.parentNode.querySelector("polyline").setAttribute("points", points.map((point) => point.join()).join(" "));
  }

  function light(candidate) {
    if (lit !== null) rows.get(lit).classList.remove("lit");
    lit = candidate;
    pictures.forEach(mark);
    const texts = lit === null ? [] : [...rows.get(lit).cells].map((cell, i) =>
      cell.textContent && `${headers[i].textContent} ${cell.textContent}`);
    document.getElementById("details").textContent = texts.filter(Boolean).join(" · ") || "\u00a0";
    if (lit !== null) rows.get(lit).classList.add("lit");
  }

  function hold(candidate) {
    held = held === candidate ? null : candidate;
    light(held === null ? candidate : held);
  }

  const candidateOf = (event) => {
    const row = event.target.closest("tr");
    return row && row.parentNode === body ? Number(row.dataset.candidate) : null;
  };
  body.addEventListener("mouseover", (event) => {
    const candidate = candidateOf(event);
    if (held === null && candidate !== null && candidate !== lit) light(candidate);
  });
  body.addEventListener("mouseleave", () => light(held));
  body.addEventListener("click", (event) => {
    const candidate = candidateOf(event);
    if (candidate !== null) hold(candidate);
  });
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
    if (now) row.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    held = null;
    light(null);
  });

  // --- sorting -------------------------------------------------------------------------------------------

  function sort(column, direction) {
    const keys = data.sortKeys[column];
    const sign = direction === "ascending" ? 1 : -1;
    const place = (candidate) => data.sortKeys[0][candidate];
    const order = [...rows.keys()].sort((a, b) => {
      if (keys[a] === null || keys[b] === null) return (keys[a] === null) - (keys[b] === null) || place(a) - place(b);
      return sign * (keys[a] - keys[b]) || place(a) - place(b);
    });
    body.append(...order.map((candidate) => rows.get(candidate)));
    headers.forEach((header) => header.removeAttribute("aria-sort"));
    headers[column].setAttribute("aria-sort", direction);
  }
  headers.forEach((header, column) => header.firstChild.addEventListener("click", () => {
    sort(column, header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending");
  }));

  // --- boxes over the axes -------------------------------------------------------------------------------

  function filter(boxes) {
    const limits = boxes.flatMap(({ x0, x1, y0, y1 }) => data.coordinates
      .map((coordinate, i) => ({ coordinate, i }))
      .filter(({ i }) => Math.min(x0, x1) <= i && i <= Math.max(x0, x1))
      .map(({ coordinate }) => ({ coordinate, low: Math.min(y0, y1), high: Math.max(y0, y1) })));
    kept = new Set([...rows.keys()].filter((candidate) => limits.every(({ coordinate, low, high }) => {
      const height = coordinate.heights[candidate];
      return height !== null && low <= height && height <= high;
    })));
    for (const [candidate, row] of rows) row.hidden = !kept.has(candidate);
    const all = [...Array(n).keys()];
    for (const picture of pictures) Plotly.restyle(picture, { visible: all.map((candidate) => kept.has(candidate)) }, all);
    focusOn([...body.rows].find((row) => !row.hidden), false);
    count();
  }
  function count() {
    document.getElementById("shown").textContent =
      kept.size === n ? `All ${n} candidates` : `${kept.size} of ${n} candidates`;
    document.getElementById("all").hidden = kept.size === n;
  }
  document.getElementById("all").addEventListener("click", () => {
    Plotly.relayout(lines, { selections: [] });
    filter([]);
  });

  // --- begin ---------------------------------------------------------------------------------------------

  for (const curve of data.curveNames) select.add(new Option(curve));
  select.addEventListener("change", drawCurves);
  draw();
  lines.on("plotly_selected", () => filter(lines.layout.selections || []));
  lines.on("plotly_deselect", () => filter([]));
  for (const picture of pictures) {
    picture.on("plotly_afterplot", () => mark(picture));
    picture.on("plotly_hover", (event) => held === null && light(event.points[0].curveNumber));
    picture.on("plotly_unhover", () => light(held));
    picture.on("plotly_click", (event) => hold(event.points[0].curveNumber));
  }
  focusOn(body.rows[0], false);
  count();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
