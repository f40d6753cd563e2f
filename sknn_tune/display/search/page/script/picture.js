// A picture of all candidates: a line or a dot for each, the better ones on top, and the one that is pointed at.
// Colours are in the style sheet, so that light and dark need no drawing anew.

// The best last, so that it lies on top.
const drawn = [...candidates].sort((a, b) => data.better[a] - data.better[b]);

class Picture {
  constructor(host, label) {
    this.back = svg("g");
    this.marks = svg("g");
    this.over = svg("g");
    this.root = svg("svg", { role: "img", "aria-label": label }, this.back, this.marks, this.over);
    this.points = new Map();
    this.elements = new Map();
    host.append(this.root);
    host.addEventListener("pointermove", (event) => held === null && this.point(event));
    host.addEventListener("pointerleave", () => light(held));
    host.addEventListener("click", (event) => {
      const candidate = event.target.closest("button, input") ? undefined : this.nearest(event);
      if (candidate !== undefined && candidate !== null) hold(candidate);
    });
    pictures.push(this);
  }

  // Pixels of each candidate: a line through them, or a dot if it is one.
  place(points) {
    this.points = points;
    this.elements.clear();
    for (const candidate of drawn) {
      const places = points.get(candidate);
      if (!places || !places.length) continue;
      const look = { class: `mark ${data.statuses[candidate]}${candidate === data.best ? " best" : ""}` };
      const made = places.length > 1
        ? svg("polyline", { ...look, points: places.map((place) => place.map((x) => x.toFixed(1)).join()).join(" ") })
        : svg("circle", { ...look, cx: places[0][0].toFixed(1), cy: places[0][1].toFixed(1), r: candidate === data.best ? 6 : 4 });
      made.dataset.candidate = candidate;
      made.style.setProperty("--better", data.better[candidate]);
      if (data.searches.length) made.style.setProperty("--own", `var(--search-${data.origins[candidate] % 4})`);
      this.elements.set(candidate, made);
    }
    this.marks.replaceChildren(...this.elements.values());
    this.filter();
    this.light();
  }

  filter() {
    for (const [candidate, made] of this.elements) made.classList.toggle("out", !kept.has(candidate));
  }

  light() {
    const made = this.elements.get(lit);
    this.over.replaceChildren();
    if (!made) return;
    const copy = made.cloneNode();
    copy.setAttribute("class", "lit");
    this.over.append(copy);
  }

  point(event) {
    const candidate = this.nearest(event);
    if (candidate !== lit) light(candidate);
  }

  // The candidate within reach of the pointer, or null.
  nearest(event) {
    const box = this.root.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let [found, least] = [null, 12];
    for (const candidate of [...drawn].reverse()) {
      if (!kept.has(candidate) || !this.elements.has(candidate)) continue;
      const distance = distanceTo(this.points.get(candidate), x, y);
      if (distance < least) [found, least] = [candidate, distance];
    }
    return found;
  }
}

function distanceTo(places, x, y) {
  let least = Math.hypot(places[0][0] - x, places[0][1] - y);
  for (let i = 1; i < places.length; i++) {
    const [[x0, y0], [x1, y1]] = [places[i - 1], places[i]];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(x0 + along * dx - x, y0 + along * dy - y));
  }
  return least;
}
