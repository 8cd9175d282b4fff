// Draws each table marked data-chart once more as bars above itself; the table stays, for eyes and ears that read it.
"use strict";

const colour = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
const drawn = [];

function draw(table) {
  const across = table.dataset.chart === "across", rows = [...table.tBodies[0].rows], box = document.createElement("div");
  const series = [...table.tHead.rows[0].cells].filter((head) => head.dataset.series), two = series.length > 1;
  box.className = "chart";
  box.ariaHidden = "true";
  (table.closest("details") ?? table).before(box);
  const width = Math.min(box.clientWidth - 18, matchMedia("print").matches ? 620 : 900), fits = Math.floor(width / 16);
  const labels = rows.map((row) => row.cells[0].dataset.short || row.cells[0].textContent.trim()).map((text) => (text.length > fits ? `${text.slice(0, fits - 1)}…` : text));
  const data = [labels.map((_, at) => at), ...series.map((head) => rows.map((row) => Number(row.cells[head.cellIndex].dataset.value)))];
  const axis = { stroke: colour("--soft"), font: "14px system-ui", ticks: { show: false }, grid: { stroke: colour("--line"), width: 1 } };
  const bar = (head, at) => ({ stroke: colour(head.dataset.series), width: 2, points: { show: false }, fill: at ? undefined : colour(head.dataset.series), paths: uPlot.paths.bars({ size: [two ? 0.36 : 0.7, 40], align: two ? 2 * at - 1 : 0 }) });
  const every = across ? 1 : Math.ceil(labels.length / (width / 40)), longest = 8 * Math.max(...labels.map((label) => label.length)) + 12;
  const scales = { x: { time: false, ori: across ? 1 : 0, dir: across ? -1 : 1, range: () => [-0.6, labels.length - 0.4] }, y: { ori: across ? 0 : 1, range: (_, low, high) => [0, high * 1.1 || 1] } };
  const names = { ...axis, side: across ? 3 : 2, size: across ? longest : 32, grid: { show: false }, splits: () => data[0].filter((at) => at % every === 0), values: (_, at) => at.map((one) => labels[one]) };
  const axes = [names, { ...axis, side: across ? 2 : 3, size: across ? 32 : 52 }], height = across ? 44 + 40 * rows.length : 240;
  drawn.push([box, new uPlot({ width, height, legend: { show: false }, cursor: { show: false }, scales, axes, series: [{}, ...series.map(bar)] }, data, box)]);
}

function again() {
  drawn.splice(0).forEach(([box, chart]) => { chart.destroy(); box.remove(); });
  document.querySelectorAll("table[data-chart]").forEach(draw);
}
["(prefers-color-scheme: dark)", "print", "(max-width: 48rem)", "(max-width: 22rem)", "(orientation: portrait)"].forEach((query) => matchMedia(query).addEventListener("change", again));
again();
