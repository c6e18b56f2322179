// The benchmark's pictures: scores of sets × methods, ranks, time, maps.

const SYMBOLS = { scinno: "star", ablation: "star-open", simple: "circle", peer: "diamond", own: "square" };
const SIZES = { scinno: 16, ablation: 11, simple: 10, peer: 10, own: 10 };
const scoreName = (name) => name.replace("_", " ");
const mode = () => report.modes[Number(document.querySelector("input[name=mode]:checked").value)];
const chosenScore = () => byId("score").value;
const nameOf = (key) => report.methods[key] ?? key;
const two = (value) => (value === null ? "–" : value.toFixed(2).replace("-0.00", "0.00"));

function fillScores() {
  const m = mode(), score = chosenScore(), values = m.values[score], table = byId("heat");
  const known = values.mean.flat().filter((v) => v !== null);
  const low = Math.min(...known), range = Math.max(...known) - low || 1;
  const sign = report.lower.includes(score) ? -1 : 1;
  const head = (name, number) => element("th", { scope: "col", textContent: name, className: number ? "n" : "" });
  table.tHead.replaceChildren(element("tr", {}, head("Set"), ...m.methods.map((key) => head(nameOf(key), true))));
  table.tBodies[0].replaceChildren(...m.sets.map((name, i) => {
    const row = values.mean[i], best = Math.max(...row.filter((v) => v !== null).map((v) => sign * v));
    const cells = row.map((value, j) => {
      const sd = values.sd[i][j];
      const cell = element("td", {
        textContent: two(value), className: value !== null && sign * value >= best - 0.005 ? "n best" : "n",
        title: value === null ? "no run" : `${nameOf(m.methods[j])} on ${name}: ${value.toFixed(3)}` + (sd === null ? "" : ` ± ${sd.toFixed(3)}`),
      });
      cell.dataset.value = value ?? -9;
      cell.style.setProperty("--share", value === null ? 0 : ((value - low) / range).toFixed(3));
      return cell;
    });
    return element("tr", {}, element("th", { scope: "row", textContent: name }), ...cells);
  }));
  const all = values.all.map((value) => element("td", { className: "n", textContent: two(value) }));
  table.tFoot.replaceChildren(element("tr", {}, element("th", { scope: "row", textContent: "Mean of its sets" }), ...all));
  setText(byId("heat-caption"), `${scoreName(score)}, ${m.name}: mean over seeds; the best of a set are underlined.`);
  makeSortable(table);
}

function drawRanks() {
  const m = mode(), score = chosenScore(), found = m.ranks[score], t = theme(), plot = byId("ranks");
  const many = found.methods.length;
  plot.style.height = `${Math.max(9, 4.5 + 1.75 * many)}rem`;
  const caption = byId("ranks-caption");
  if (!many) {
    Plotly.purge(plot);
    plot.style.height = "0";
    setText(caption, "No two methods have done the same sets.");
    setLabel(plot, caption.textContent);
    return;
  }
  const half = found.critical === null ? null : found.critical / 2;
  const bestEnd = half === null ? null : found.ranks[0] + half;
  const apart = (rank) => half !== null && rank - half > bestEnd;
  const names = found.methods.map((key) => escapeHtml(shorten(nameOf(key), narrow() ? 18 : 40)));
  draw("ranks", [{
    type: "scatter", mode: "markers", x: found.ranks, y: names,
    marker: { size: 11, color: found.ranks.map((rank) => (apart(rank) ? t.muted : t.accent)), symbol: found.ranks.map((rank) => (apart(rank) ? "circle-open" : "circle")) },
    error_x: half === null ? undefined : { type: "constant", value: half, color: t.muted, thickness: 1.5, width: 5 },
    hovertemplate: "%{y}: mean rank %{x:.2f}<extra></extra>",
  }], t, {
    xaxis: axis(t, { title: "Mean rank (1 is best)", zeroline: false }),
    yaxis: axis(t, { autorange: "reversed", gridcolor: t.line, type: "category" }),
  });
  const p = found.p === null ? "" : ` Friedman's test that all are alike: p ${found.p < 0.001 ? "< 0.001" : "= " + found.p.toFixed(3)}.`;
  const lines = half === null ? " One set alone has no critical difference." :
    ` Two methods whose lines do not overlap differ at 5 % (Nemenyi, critical difference ${found.critical.toFixed(2)}); open circles differ from the best.`;
  const dropped = found.dropped.length ? ` Not ranked, because sets are missing: ${found.dropped.join(", ")}.` : "";
  setText(caption, `Ranks in ${scoreName(score)} over ${found.sets} set(s), ${m.name}.${lines}${p}${dropped}`);
  setLabel(plot, `Mean ranks: ${found.methods.map((key, i) => `${nameOf(key)} ${found.ranks[i].toFixed(2)}`).join(", ")}`);
}

function drawTimes() {
  const m = mode(), score = chosenScore(), t = theme(), y = m.values[score].all;
  const groups = ["scinno", "ablation", "simple", "peer", "own"];
  const seconds = m.seconds.map((s) => Math.max(s, 0.01));
  // Names stand on the side with more space.
  const middle = Math.sqrt(Math.min(...seconds) * Math.max(...seconds));
  draw("times", [{
    type: "scatter", mode: narrow() ? "markers" : "markers+text", x: seconds, y,
    text: m.methods.map((key) => escapeHtml(nameOf(key))), textfont: { color: t.text, size: 12 },
    textposition: seconds.map((s) => (s > middle ? "middle left" : "middle right")),
    customdata: m.n_sets,
    marker: {
      size: m.groups.map((g) => SIZES[g]), symbol: m.groups.map((g) => SYMBOLS[g]),
      color: m.groups.map((g) => (g === "scinno" ? t.uncertain : colorOf(groups.indexOf(g), t))), line: { color: t.muted, width: 1 },
    },
    hovertemplate: `%{text}<br>%{x:.1f} s<br>${scoreName(score)} %{y:.3f}<br>%{customdata} set(s)<extra></extra>`,
  }], t, {
    xaxis: axis(t, { title: "Seconds (logarithmic)", type: "log", dtick: narrow() ? 1 : undefined }),
    yaxis: axis(t, { title: `Mean ${scoreName(score)}` }),
  });
  setLabel(byId("times"), `Seconds and ${scoreName(score)}: ${m.methods.map((key, i) => `${nameOf(key)} ${figures(m.seconds[i], 2)} s, ${two(y[i])}`).join("; ")}`);
}

// Plain canvases: a page may have a hundred maps, and a browser has few WebGL contexts.
function drawMap(canvas, picture, groups, t) {
  const box = canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1, edge = 6;
  canvas.width = box.width * ratio;
  canvas.height = box.height * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const place = (values, room) => {
    const low = Math.min(...values), step = (room - 2 * edge) / (Math.max(...values) - low || 1);
    return values.map((value) => edge + (value - low) * step);
  };
  const x = place(picture.x, box.width), y = place(picture.y, box.height);
  const size = groups.length > 1000 ? 1.8 : 2.6;
  groups.forEach((group, i) => {
    pen.fillStyle = colorOf(group, t);
    pen.beginPath();
    pen.arc(x[i], box.height - y[i], size, 0, 2 * Math.PI);
    pen.fill();
  });
}

function drawMaps() {
  const t = theme();
  report.pictures.forEach((picture, i) => {
    drawMap(byId(`map${i}-truth`), picture, picture.truth, t);
    picture.methods.forEach((one, j) => drawMap(byId(`map${i}-${j}`), picture, one.labels, t));
    for (const swatch of document.querySelectorAll(`#types${i} .swatch`)) {
      swatch.style.background = swatch.style.borderColor = colorOf(Number(swatch.dataset.type), t);
    }
  });
}

function compare() {
  setText(byId("score-note"), document.querySelectorAll("#about dd")[byId("score").selectedIndex].textContent);
  fillScores();
  drawRanks();
  drawTimes();
}

try {
  for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
  for (const name of document.querySelectorAll(".map-name")) setText(name, nameOf(name.dataset.method));
  byId("score").addEventListener("change", compare);
  for (const radio of document.querySelectorAll("input[name=mode]")) radio.addEventListener("change", compare);
  compare();
  drawMaps();
  const again = () => { compare(); drawMaps(); };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  let last = narrow();
  let wait = 0;
  window.addEventListener("resize", () => {
    clearTimeout(wait);
    wait = setTimeout(() => {
      if (narrow() !== last) compare();
      last = narrow();
      drawMaps();
    }, 200);
  });
  document.documentElement.dataset.ready = "yes";
} catch (error) {
  setText(byId("problem"), `The pictures cannot be drawn: ${error.message}.`);
  byId("problem").hidden = false;
  throw error;
}
