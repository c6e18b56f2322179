// The map of the cells.

// Without WebGL the same points are drawn as SVG: slower, but they are there. So they are on paper,
// because WebGL draws later than a page is printed.
const webgl = (() => {
  try {
    const canvas = document.createElement("canvas");
    return Boolean(canvas.getContext("webgl2") || canvas.getContext("webgl"));
  } catch {
    return false;
  }
})();

const map = {
  view: 0, column: 0, gene: null, hidden: new Set(), filter: null, positions: [], numbers: true,
  cells: [], cluster: null, confidence: null, secondLabel: null, secondMembership: null, doublet: null, order: null,
};

function readyMap() {
  map.cells = textsOf("cells");
  map.cluster = arrayOf("cluster");
  map.confidence = numbersOf(report.columns[1]);
  map.secondMembership = numbersOf(report.columns[1].second);
  map.secondLabel = arrayOf("second_label");
  map.doublet = report.directory.doublet ? arrayOf("doublet") : new Uint8Array(map.cells.length);
  map.positions = report.views.map((view) => ({ x: numbersOf(view.x), y: numbersOf(view.y) }));
  // A fixed random order, so that no group hides another.
  const n = map.cells.length, order = Uint32Array.from({ length: n }, (_, i) => i);
  let state = 1;
  for (let i = n - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  map.order = order;
}

// What the cells are colored by: groups, or numbers.
function coloring() {
  if (map.gene !== null) {
    const values = expressionOf(report.genes.in_page.indexOf(map.gene), map.cells.length);
    return { name: genes.names[map.gene], numbers: values, gene: true };
  }
  const column = report.columns[map.column];
  if (column.kind === "groups") {
    return { name: column.name, groups: arrayOf(column.id), levels: column.levels, flag: column.id === "doublet_like" };
  }
  return { name: column.name, numbers: numbersOf(column), isConfidence: column.id === "confidence" };
}

const flagged = (now, i) => now.levels[now.groups[i]] === "yes";

function drawMap() {
  const t = theme(), now = coloring(), { x, y } = map.positions[map.view];
  let shown = Array.from(map.order);
  if (map.filter) shown = shown.filter((i) => map.filter(i));
  const marker = { size: dotSize(), opacity: 0.9, line: { width: 0 } };
  if (now.groups) {
    shown = shown.filter((i) => !map.hidden.has(now.groups[i]));
    if (now.flag) shown.sort((a, b) => flagged(now, a) - flagged(now, b)); // few, so on top
    marker.color = shown.map((i) => levelColor(now, now.groups[i], t));
  } else {
    // The cells of interest come last, and so on top.
    const sign = now.isConfidence ? -1 : 1, rank = (i) => (Number.isNaN(now.numbers[i]) ? -Infinity : sign * now.numbers[i]);
    shown.sort((a, b) => rank(a) - rank(b));
    const [low, high] = rangeOf(now);
    Object.assign(marker, {
      color: shown.map((i) => now.numbers[i]), cmin: low, cmax: high,
      colorscale: now.isConfidence ? [[0, t.uncertain], [1, t.low]] : scale(t), showscale: false,
    });
  }
  const bare = { visible: true, showgrid: false, zeroline: false, showticklabels: false, ticks: "", fixedrange: false, showline: true };
  const name = escapeHtml(report.views[map.view].name.replace(/ \(.*/, "")), slices = report.views[map.view].slices;
  // In a tissue both axes have one scale, and clusters no place of their own.
  const scaled = slices ? { scaleanchor: "x", constrain: "domain", title: "" } : {};
  const coarse = matchMedia("(pointer: coarse)").matches;
  const done = draw("map", [{
    type: webgl && !onPaper() ? "scattergl" : "scatter", mode: "markers", marker,
    x: shown.map((i) => x[i]), y: shown.map((i) => y[i]), text: shown.map((i) => hoverText(i, now)),
    hovertemplate: "%{text}<extra></extra>",
  }], t, {
    uirevision: map.view, dragmode: coarse ? false : "zoom", hovermode: "closest",
    margin: { l: 26, r: 6, t: 6, b: 28 },
    xaxis: axis(t, { ...bare, title: name + " 1", ...fullRange(x), ...(slices ? { constrain: "domain", title: "" } : {}) }),
    yaxis: axis(t, { ...bare, title: name + " 2", ...fullRange(y), ...scaled }),
    annotations: slices ? sliceNames(slices, t) : map.numbers ? clusterNames(x, y, t) : [],
  });
  drawLegend(now, t);
  describeMap(now, shown.length);
  return done;
}

function sliceNames(slices, t) {
  return slices.map(([name, x, y]) => ({ x, y, text: escapeHtml(shorten(name, 30)), showarrow: false, yshift: 8, font: { size: 11, color: t.text } }));
}

function fullRange(values) {
  let low = Infinity, high = -Infinity;
  for (const v of values) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const pad = 0.03 * (high - low || 1);
  return { range: [low - pad, high + pad], autorange: false };
}

function dotSize() {
  const n = map.cells.length, size = n < 500 ? 8 : n < 3000 ? 6 : n < 8000 ? 5 : 4;
  return narrow() ? size - 1.5 : size;
}

function levelColor(now, level, t) {
  const set = now.levels[level];
  if (now.flag) return set === "yes" ? t.uncertain : t.muted;
  return set === "unassigned" || set === "not given" ? t.muted : colorOf(level, t);
}

function rangeOf(now) {
  let low = Infinity, high = -Infinity;
  for (const v of now.numbers) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  if (low === Infinity) return [0, 1];
  if (now.gene) low = 0;
  // The scale begins at one half or below, so that cells that are all certain do not look uncertain.
  if (now.isConfidence) [low, high] = [Math.min(low, 0.5), 1];
  return high > low ? [low, high] : [low, low + 1];
}

function hoverText(i, now) {
  const names = report.clusters, cluster = report.columns[0].levels[map.cluster[i]];
  let text = `<b>${escapeHtml(shorten(map.cells[i], 40))}</b><br>cluster ${escapeHtml(cluster)}, confidence ${map.confidence[i].toFixed(2)}` +
    `<br>second: ${escapeHtml(report.columns[2].levels[map.secondLabel[i]] ?? "–")}, ${map.secondMembership[i].toFixed(2)}`;
  if (names.length < 2) text = text.split("<br>second")[0];
  if (map.doublet[i]) text += "<br>doublet-like";
  if (now.groups && now.name !== "Cluster") text += `<br>${escapeHtml(shorten(now.name))}: ${escapeHtml(shorten(now.levels[now.groups[i]], 40))}`;
  if (now.numbers && !now.isConfidence) text += `<br>${escapeHtml(shorten(now.name))}: ${figures(now.numbers[i])}`;
  return text;
}

// The name of each cluster where most of it lies.
function clusterNames(x, y, t) {
  const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  return report.clusters.flatMap((name, c) => {
    const cells = [];
    map.cluster.forEach((group, i) => group === c && cells.push(i));
    if (!cells.length) return [];
    return [{
      x: middle(cells.map((i) => x[i])), y: middle(cells.map((i) => y[i])), text: `<b>${escapeHtml(shorten(name, 14))}</b>`,
      showarrow: false, font: { color: t.text, size: narrow() ? 12 : 14 }, bgcolor: t.surface, opacity: 0.85,
      borderpad: 2, captureevents: false,
    }];
  });
}

// Whether the map shows a sample of the cells.
const sampled = () => map.cells.length < report.cells;

function drawLegend(now, t) {
  const home = byId("legend");
  setText(byId("legend-title"), now.gene ? `${now.name} (log expression)` : now.name);
  // The focus stays where it is when the legend is drawn again.
  const focused = home.contains(document.activeElement) ? document.activeElement.dataset.level : null;
  home.replaceChildren();
  if (!now.groups) {
    const [low, high] = rangeOf(now), bar = element("div", { className: "bar" });
    const colors = now.isConfidence ? [t.uncertain, t.low] : [t.low, t.mid, t.high];
    bar.style.background = `linear-gradient(to right, ${colors.join(",")})`;
    const left = now.isConfidence ? `${figures(low, 2)} uncertain` : figures(low), right = now.isConfidence ? "certain 1" : figures(high);
    home.append(bar, element("div", { className: "ends" }, element("span", { textContent: left }), element("span", { textContent: right })));
    if (now.gene) {
      const on = now.numbers.reduce((sum, v) => sum + (v > 0), 0) / now.numbers.length;
      home.append(element("p", { className: "hint", textContent: `Detected in ${percent(on)} of the ${sampled() ? "drawn " : ""}cells.` }));
    }
    return;
  }
  const sizes = new Array(now.levels.length).fill(0);
  for (const group of now.groups) sizes[group] += 1;
  const list = element("ul", { className: "legend" });
  now.levels.forEach((name, level) => {
    const swatch = element("span", { className: "swatch" });
    swatch.style.background = levelColor(now, level, t);
    swatch.style.borderColor = levelColor(now, level, t);
    const button = element("button", { type: "button" }, swatch,
      element("span", { className: "name", textContent: name }), element("span", { className: "soft", textContent: sizes[level].toLocaleString("en") }));
    button.dataset.level = level;
    button.setAttribute("aria-pressed", String(!map.hidden.has(level)));
    button.addEventListener("click", (event) => toggle(level, now.levels.length, event.shiftKey));
    button.addEventListener("dblclick", () => toggle(level, now.levels.length, true));
    list.append(element("li", {}, button));
  });
  const all = element("button", { type: "button", textContent: "Show all" });
  all.addEventListener("click", () => { map.hidden.clear(); drawMap(); });
  if (sampled()) home.append(element("p", { className: "hint", textContent: "Numbers are of the drawn cells." }));
  home.append(list, element("p", { className: "hint screen", textContent: "Press a name to hide or show it; with Shift, to show only it." }), all);
  if (focused !== null) home.querySelector(`[data-level="${Number(focused)}"]`)?.focus();
}

function toggle(level, levels, onlyThis) {
  const rest = Array.from({ length: levels }, (_, i) => i).filter((i) => i !== level);
  if (onlyThis) {
    const already = map.hidden.size === rest.length && !map.hidden.has(level);
    map.hidden = new Set(already ? [] : rest);
  } else if (!map.hidden.delete(level)) map.hidden.add(level);
  drawMap();
}

function describeMap(now, count) {
  const view = report.views[map.view].name, total = map.cells.length.toLocaleString("en");
  const what = now.gene ? `expression of ${now.name}` : now.name;
  const part = count < map.cells.length ? `${count.toLocaleString("en")} of ${total}` : total;
  const zoom = matchMedia("(pointer: coarse)").matches ? "" : " Drag to zoom, double-click for all.";
  setText(byId("map-caption"), `${view} of ${part} cells, colored by ${what}.${zoom}`);
  setLabel(byId("map"), `${view} of ${part} cells, colored by ${what}`);
}

function zoom(factor) {
  const { xaxis, yaxis } = byId("map")._fullLayout, change = {};
  for (const [name, one] of [["xaxis", xaxis], ["yaxis", yaxis]]) {
    const [low, high] = one.range, middle = (low + high) / 2, half = ((high - low) / 2) * factor;
    change[`${name}.range`] = [middle - half, middle + half];
  }
  return Plotly.relayout("map", change);
}

function wholeMap() {
  const { x, y } = map.positions[map.view];
  return Plotly.relayout("map", { "xaxis.range": fullRange(x).range, "yaxis.range": fullRange(y).range });
}

// Arrow keys move the map by a fifth, + and − zoom, 0 shows all.
function keyOnMap(event) {
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (event.key === "+" || event.key === "=") zoom(0.7);
  else if (event.key === "-") zoom(1 / 0.7);
  else if (event.key === "0") wholeMap();
  else if (move) {
    const { xaxis, yaxis } = byId("map")._fullLayout;
    const by = (range, step) => range.map((v) => v + (0.2 * step * (range[1] - range[0])));
    Plotly.relayout("map", { "xaxis.range": by(xaxis.range, move[0]), "yaxis.range": by(yaxis.range, move[1]) });
  } else return;
  event.preventDefault();
}
