"use strict";
// The interactive plots: one for each workload, all obeying the filters at the top.
const { rows, axes, start, palette, marks, qualities } = JSON.parse(document.getElementById("data").textContent);
const FILTERS = { workload: "Workload", kind: "Method", array: "Array", weight_format: "Weights" };

const values = (column) => [...new Set(rows.map((row) => row[column]))];
const bySize = (a, b) => a.split("×").reduce((x, y) => x * y) - b.split("×").reduce((x, y) => x * y);
const arrays = values("array").sort(bySize);
// The colours of the figures: by size among the workload's own arrays.
const own = Object.fromEntries(values("workload").map((name) =>
  [name, arrays.filter((array) => rows.some((row) => row.workload === name && row.array === array))]));
const kinds = values("kind");
const hue = (row) => palette[own[row.workload].indexOf(row.array) % palette.length];
const mark = (row) => marks[kinds.indexOf(row.kind) % marks.length];

function make(tag, attributes = {}, text = "") {
  const element = Object.assign(document.createElement(tag), attributes);
  element.append(text);
  return element;
}

function buildFilters() {
  const form = document.getElementById("filters");
  for (const [column, title] of Object.entries(FILTERS)) {
    const choices = column === "array" ? arrays : values(column);
    if (choices.length < 2) continue;
    const box = make("fieldset");
    box.append(make("legend", {}, title));
    for (const value of choices) {
      const label = make("label");
      const tick = make("input", { type: "checkbox", checked: true, name: column, value: String(value) });
      label.append(tick, ` ${value}`);
      box.append(label);
    }
    form.append(box);
  }
  for (const [id, first] of [["axis-x", start[0]], ["axis-y", start[1]]]) {
    const select = document.getElementById(id);
    for (const axis of axes) {
      if (rows.some((row) => typeof row[axis.name] === "number")) {
        select.append(make("option", { value: axis.name, selected: axis.name === first }, axis.label));
      }
    }
  }
  form.addEventListener("change", draw);
  form.addEventListener("submit", (event) => event.preventDefault());
}

function chosen() {
  const off = [...document.querySelectorAll("#filters input:not(:checked)")];
  return rows.filter((row) => !off.some((tick) => String(row[tick.name]) === tick.value));
}

const GOALS = { speedup: -1, speedup_vs_reference: -1, utilization: -1, params_removed_ratio: -1 };
const loss = (row, column) =>
  row[column] * (column === "quality" ? (row.quality_goal === "max" ? -1 : 1) : GOALS[column] ?? 1);

function front(points, x, y) {
  const sorted = points.filter((row) => row.allowed).sort((a, b) => loss(a, x) - loss(b, x) || loss(a, y) - loss(b, y));
  let best = Infinity;
  return sorted.filter((row) => loss(row, y) < best && ((best = loss(row, y)), true));
}

// Shares are shown in per cent where the quality is one.
const factor = (row, column) => (column === "quality" && row.quality_unit === "ratio" ? 100 : 1);
const number = (value) => (value === null ? "" : Number(value.toPrecision(4)).toString());

function hover(row) {
  const f = factor(row, "quality");
  const unit = f === 100 ? " %" : "";
  const quality = row.quality === null ? "" :
    `${row.quality_metric} ${number(row.quality * f)}${unit} (${number(row.quality_low * f)} to ${number(row.quality_high * f)}), dense ${number(row.quality_dense * f)}${unit}<br>`;
  return `<b>${escapeText(row.array)} array, ${escapeText(row.kind)}, ${number(row.pruned_ratio * 100)} % removed</b><br>` +
    `block ${row.block_rows}×${row.block_cols}, ${escapeText(row.scope)}, ${escapeText(row.hardware)}<br>` + quality +
    `speed-up ${number(row.speedup)}, vs reference ${number(row.speedup_vs_reference)}<br>` +
    `${number(row.latency_ms)} ms, ${number(row.energy_uj / 1000)} mJ, ${number(row.area_mm2)} mm²<br>` +
    (row.allowed ? "" : "breaks a constraint<br>") + `design ${row.key}`;
}

function escapeText(value) {
  return String(value).replace(/[&<>]/g, (letter) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[letter]);
}

function axis(column, points) {
  const about = axes.find((one) => one.name === column);
  const shown = points.map((row) => row[column]).filter((value) => value > 0);
  const wide = shown.length === points.length && Math.max(...shown) > 8 * Math.min(...shown);
  const share = column === "quality" && points.some((row) => row.quality_unit === "ratio");
  const title = column === "quality" && points.length ? qualities[points[0].workload] : about.label + (about.unit ? ` (${about.unit})` : "");
  const ticks = wide ? { tickvals: roundNumbers(shown, share ? 100 : 1), tickformat: "~g" } : {};
  return { title: { text: title }, type: wide ? "log" : "linear", gridcolor: "#e8eaed", zeroline: false, ...ticks };
}

// 1, 2, 5, 10, 20, ... over the span of the values.
function roundNumbers(values, factor) {
  const decades = [Math.floor(Math.log10(Math.min(...values) * factor)), Math.ceil(Math.log10(Math.max(...values) * factor))];
  const ticks = [];
  for (let power = decades[0]; power <= decades[1]; power++) ticks.push(...[1, 2, 5].map((digit) => digit * 10 ** power));
  return ticks;
}

function draw() {
  const x = document.getElementById("axis-x").value;
  const y = document.getElementById("axis-y").value;
  const visible = chosen();
  for (const plot of document.querySelectorAll(".plot")) {
    const points = visible.filter((row) => row.workload === plot.dataset.workload && row[x] !== null && row[y] !== null);
    const traces = [];
    const edge = front(points, x, y);
    traces.push({ x: edge.map((row) => row[x] * factor(row, x)), y: edge.map((row) => row[y] * factor(row, y)), mode: "lines+markers", name: "front",
      line: { color: "#8a8a8a", width: 1.5 }, marker: { size: 16, symbol: "circle-open", color: "#222", line: { width: 1.5 } }, hoverinfo: "skip" });
    for (const array of arrays) for (const kind of kinds) {
      const part = points.filter((row) => row.array === array && row.kind === kind);
      if (!part.length) continue;
      traces.push({ x: part.map((row) => row[x] * factor(row, x)), y: part.map((row) => row[y] * factor(row, y)), customdata: part.map((row) => row.key), text: part.map(hover),
        mode: "markers", name: `${array} ${kind}`, hovertemplate: "%{text}<extra></extra>",
        marker: { size: 9, opacity: part.map((row) => (row.allowed ? 1 : 0.25)), color: hue(part[0]), symbol: mark(part[0]), line: { width: 0.7, color: "white" } } });
    }
    Plotly.react(plot, traces, { margin: { l: 60, r: 10, t: 30, b: 50 }, xaxis: axis(x, points), yaxis: axis(y, points),
      legend: { font: { size: 11 } }, hoverlabel: { align: "left", bgcolor: "white" }, paper_bgcolor: "white", plot_bgcolor: "white" },
      { responsive: true, displaylogo: false });
  }
}

buildFilters();
draw();
