// All parts are there: draw, and draw again when the width changes.

function draw() {
  drawLines();
  drawCurves();
  drawSlices();
}
layAxes();
keep(() => true);
light(null);
let width = 0;
new ResizeObserver(() => {
  if (document.body.clientWidth === width) return;
  width = document.body.clientWidth;
  draw();
}).observe(document.body);
