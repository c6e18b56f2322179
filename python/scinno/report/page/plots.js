// All pictures but the map. Each is a function that draws in the present theme.

// Shared with scinno.pl: scinno/_palette.py.
const PALETTE = report.palette;

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function mixed(one, other, share) {
  const part = (hex, at) => parseInt(hex.slice(at, at + 2), 16);
  return "#" + [1, 3, 5].map((at) =>
    Math.round(part(one, at) * (1 - share) + part(other, at) * share).toString(16).padStart(2, "0")).join("");
}

// A color of the palette, brought towards the text's color until it stands out 3 to 1.
const fitted = new Map();

function colorOf(group, t) {
  const key = (group % PALETTE.length) + t.surface;
  if (!fitted.has(key)) {
    let color = PALETTE[group % PALETTE.length];
    while (contrast(color, t.surface) < 3) color = mixed(color, t.text, 0.08);
    fitted.set(key, color);
  }
  return fitted.get(key);
}

const onPaper = () => document.body.classList.contains("paper");
const narrow = () => window.innerWidth < 700;

function theme() {
  const style = getComputedStyle(document.documentElement);
  const get = (name) => style.getPropertyValue("--" + name).trim();
  const names = ["surface", "text", "muted", "line", "accent", "low", "mid", "high", "uncertain", "shade"];
  return Object.fromEntries(names.map((name) => [name, get(name)]));
}

function scale(t) {
  return [[0, t.low], [0.5, t.mid], [1, t.high]];
}

const axis = (t, more = {}) => ({
  gridcolor: t.line, linecolor: t.muted, zerolinecolor: t.line, tickcolor: t.muted,
  tickfont: { color: t.text, size: 12 }, automargin: true, fixedrange: true, ...more,
  title: { text: more.title || "", font: { size: 13, color: t.text }, standoff: 8 },
});

function draw(target, traces, t, layout) {
  const base = {
    autosize: true, // otherwise plotly.js does not measure the width again for paper
    paper_bgcolor: t.surface, plot_bgcolor: t.surface, showlegend: false, dragmode: false,
    font: { color: t.text, family: "system-ui, sans-serif", size: 13 },
    margin: { l: 48, r: 12, t: 12, b: 42 },
    hoverlabel: { bgcolor: t.surface, bordercolor: t.muted, font: { color: t.text, size: 13 }, align: "left" },
  };
  return Plotly.react(target, traces, { ...base, ...layout }, { displayModeBar: false, responsive: true });
}

function drawConfidence(threshold) {
  const t = theme(), x = report.confidence.map((_, i) => (i + 0.5) / 100);
  const first = Math.max(0, report.confidence.findIndex((n) => n > 0) - 2);
  draw("confidence-plot", [{
    type: "bar", x, y: report.confidence, width: 0.01,
    marker: { color: x.map((value) => (value < threshold ? t.uncertain : t.mid)) },
    hovertemplate: "%{y} cells at about %{x:.2f}<extra></extra>",
  }], t, {
    bargap: 0,
    xaxis: axis(t, { title: "membership in own cluster", range: [first / 100, 1] }),
    yaxis: axis(t, { title: "cells", rangemode: "tozero" }),
    shapes: [{
      type: "line", x0: threshold, x1: threshold, y0: 0, y1: 1, yref: "paper",
      line: { color: t.text, width: 2, dash: "dash" },
    }],
  });
}

// Width of the widest of some labels of an axis, in pixels.
function widest(texts) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = "12px system-ui, sans-serif";
  return Math.max(0, ...texts.map((text) => pen.measureText(text).width));
}

// Expression of marker genes by cluster: genes run along the longer side.
function drawDots(kind) {
  const dots = report.dots, target = byId("dots-plot");
  if (!dots || !target) return;
  const t = theme(), tall = narrow(), genes = dots.genes, k = report.clusters.length;
  const level = dots.mean.map((row) => row.slice());
  genes.forEach((_, g) => {
    const column = dots.mean.map((row) => row[g]);
    const low = Math.min(...column), span = Math.max(...column) - low || 1;
    column.forEach((value, c) => (level[c][g] = (value - low) / span));
  });
  const across = tall ? k : genes.length, along = tall ? genes.length : k;
  const names = genes.map((gene) => shorten(gene, 18));  // Ensembl identifiers have up to 18 letters
  const geneTicks = { tickmode: "array", tickvals: genes.map((_, g) => g), ticktext: names.map(escapeHtml) };
  const clusterTicks = {
    tickmode: "array", tickvals: report.clusters.map((_, c) => c),
    ticktext: report.clusters.map((name) => escapeHtml(shorten(name, tall ? 8 : 16))),
  };
  const hover = (c, g) => `<b>${escapeHtml(genes[g])}</b> in cluster ${escapeHtml(report.clusters[c])}<br>` +
    `${percent(dots.fraction[c][g])} of cells, mean ${figures(dots.mean[c][g])}`;
  const x = [], y = [], size = [], color = [], text = [];
  const maxSize = Math.max(5, Math.min(17, 0.9 * (target.clientWidth - 90) / across));
  for (let c = 0; c < k; c++) {
    for (let g = 0; g < genes.length; g++) {
      x.push(tall ? c : g);
      y.push(tall ? g : c);
      size.push(2 + (maxSize - 2) * Math.sqrt(dots.fraction[c][g]));
      color.push(level[c][g]);
      text.push(hover(c, g));
    }
  }
  const shown = kind === "heat"
    ? { type: "heatmap", x, y, z: color, text, colorscale: scale(t), showscale: false, xgap: 1, ygap: 1, hovertemplate: "%{text}<extra></extra>" }
    : {
      type: "scatter", mode: "markers", x, y, text, hovertemplate: "%{text}<extra></extra>",
      marker: { size, color: color, colorscale: scale(t), cmin: 0, cmax: 1, opacity: 1, line: { width: 1, color: t.muted } },
    };
  const pad = 0.7;
  const cat = (ticks, n, more) => axis(t, { ...ticks, zeroline: false, showgrid: kind !== "heat", range: [-pad, n - 1 + pad], ...more });
  // Names of genes below the picture are at 60 degrees.
  const below = tall ? 40 : 20 + 0.9 * widest(names), left = tall ? 40 : Math.max(40, 0.5 * widest(names));
  target.style.height = `${(tall ? 19 : 27) * along + below + 50}px`;
  draw(target, [shown], t, {
    margin: { l: left, r: 8, t: 30, b: below },
    xaxis: cat(tall ? clusterTicks : geneTicks, across, {
      tickangle: tall ? 0 : -60, side: tall ? "top" : "bottom", title: tall ? "cluster" : "",
      tickfont: { color: t.text, size: genes.length > 45 ? 11 : 12 },
    }),
    yaxis: cat(tall ? geneTicks : clusterTicks, along, { range: [along - 1 + pad, -pad], title: tall ? "" : "cluster" }),
  });
}

// 1, 2 and 5 times the powers of ten that lie in the range, or the powers alone in a long one.
function logTicks(low, high) {
  const steps = high / low > 200 ? [1] : [1, 2, 5], at = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    at.push(...steps.map((step) => step * 10 ** power).filter((v) => v >= low && v <= high));
  }
  const format = (v) => (v >= 1e6 ? `${v / 1e6}M` : v >= 1e3 ? `${v / 1e3}k` : String(v));
  return { type: "log", tickmode: "array", tickvals: at, ticktext: at.map(format) };
}

// Elements for small pictures in a row. All are made before one is drawn: otherwise the first would
// be as wide as the page.
function makeFigures(parent, kind, pictures) {
  if (byId(parent).childElementCount) return;
  pictures.forEach(({ title, label, caption }, i) => {
    const plot = element("div", { id: `${kind}${i}`, className: "plot" });
    plot.setAttribute("role", "img");
    setLabel(plot, label);
    const below = caption ? [element("figcaption", { textContent: caption })] : [];
    byId(parent).append(element("figure", {}, element("h4", { textContent: title }), plot, ...below));
  });
}

function drawHistograms() {
  const t = theme();
  makeFigures("histograms", "histogram", report.histograms.map((one) => ({
    title: one.name, label: `Histogram: ${one.name}; median ${figures(one.median)}`,
    caption: `Median ${figures(one.median, 4)}`,
  })));
  report.histograms.forEach((one, i) => {
    const edge = one.edges, x = one.number.map((_, j) => (edge[j] + edge[j + 1]) / 2);
    draw(`histogram${i}`, [{
      type: "bar", x, y: one.number, width: one.number.map((_, j) => edge[j + 1] - edge[j]),
      marker: { color: t.mid }, text: one.number.map((n, j) => `${figures(edge[j])} to ${figures(edge[j + 1])}: ${n} cells`),
      hovertemplate: "%{text}<extra></extra>", textposition: "none",
    }], t, {
      bargap: 0, margin: { l: 44, r: 10, t: 8, b: 30 },
      xaxis: axis(t, one.log ? logTicks(edge[0], edge.at(-1)) : { nticks: 5 }),
      yaxis: axis(t, { title: "cells", nticks: 5 }),
      shapes: [{ type: "line", x0: one.median, x1: one.median, y0: 0, y1: 1, yref: "paper", line: { color: t.text, width: 1.5, dash: "dash" } }],
    });
  });
}

function drawCurves() {
  const found = report.curves;
  if (!found || !byId("curves")) return;
  const t = theme();
  makeFigures("curves", "curve", found.parts.map(({ name, values }) => {
    const known = values.filter((v) => v !== null);
    return { title: name, label: `Curve of ${name}: from ${figures(known[0])} to ${figures(known.at(-1))}` };
  }));
  found.parts.forEach((part, i) => {
    const shade = found.joint === null ? [] : [{
      type: "rect", x0: found.joint - 0.5, x1: found.epoch.length + 0.5, y0: 0, y1: 1, yref: "paper",
      fillcolor: t.shade, line: { width: 0 }, layer: "below",
    }];
    draw(`curve${i}`, [{
      type: "scatter", mode: "lines+markers", x: found.epoch, y: part.values, line: { color: t.accent, width: 2 },
      marker: { size: 5, color: t.accent }, hovertemplate: "epoch %{x}: %{y:.4g}<extra></extra>",
    }], t, {
      shapes: shade, margin: { l: 48, r: 10, t: 8, b: 36 },
      xaxis: axis(t, { title: "epoch", range: [0.5, found.epoch.length + 0.5], nticks: 7 }), yaxis: axis(t, { nticks: 5 }),
    });
  });
}

// One small picture for each score of the candidates for K.
function drawEvidence() {
  const found = report.k_evidence;
  if (!found || !byId("k-plots")) return;
  const t = theme(), x = found.n_clusters;
  makeFigures("k-plots", "k", found.parts.map(({ name, values }) => {
    const at = values[x.indexOf(found.k)];
    const chosen = at === undefined || at === null ? "" : `; ${figures(at)} at the chosen ${found.k}`;
    return { title: name, label: `${name} for ${x[0]} to ${x.at(-1)} clusters${chosen}` };
  }));
  found.parts.forEach((part, i) => {
    const known = part.values.filter((v) => v !== null);
    const share = Math.min(...known) >= 0 && Math.max(...known) <= 1;
    const lines = [{ type: "line", x0: found.k, x1: found.k, y0: 0, y1: 1, yref: "paper", line: { color: t.text, width: 2, dash: "dash" } }];
    draw(`k${i}`, [{
      type: "scatter", mode: "lines+markers", x, y: part.values, line: { color: t.accent, width: 2 },
      marker: { size: 5, color: t.accent }, hovertemplate: "%{x} clusters: %{y:.3g}<extra></extra>",
    }], t, {
      margin: { l: 48, r: 10, t: 8, b: 36 }, shapes: lines,
      xaxis: axis(t, { title: "number of clusters", nticks: 8 }),
      yaxis: axis(t, share ? { range: [0, 1.03], nticks: 6 } : { nticks: 6 }),
    });
  });
}
