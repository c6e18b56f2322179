// Tables: sorting, shading, and those made from the data.

function makeSortable(table) {
  const heads = Array.from(table.tHead.rows[0].cells);
  heads.forEach((head, place) => {
    const button = element("button", { type: "button", className: "sort" }, ...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const numbers = head.classList.contains("n");
      const was = head.getAttribute("aria-sort");
      const up = was ? was === "descending" : !numbers; // numbers: the highest first
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sortRows(table, place, up);
    });
  });
}

function sortRows(table, place, up) {
  const body = table.tBodies[0];
  const value = (row) => row.cells[place].dataset.value ?? row.cells[place].textContent.trim();
  const rows = Array.from(body.rows).map((row) => [value(row), row]);
  const numbers = rows.every(([v]) => v !== "" && Number.isFinite(Number(v)));
  const compare = numbers ? (a, b) => Number(a) - Number(b) : (a, b) => a.localeCompare(b, "en", { numeric: true });
  rows.sort((a, b) => (up ? 1 : -1) * compare(a[0], b[0]));
  body.append(...rows.map((one) => one[1]));
}

function colorSwatches() {
  const t = theme();
  for (const swatch of document.querySelectorAll(".swatch[data-cluster]")) {
    const cluster = Number(swatch.dataset.cluster);
    if (cluster < 0) continue;
    swatch.style.background = swatch.style.borderColor = colorOf(cluster, t);
  }
}

// Rows of shaded cells: [name, [text, share from 0 to 1, own]].
function fillHeat(table, rows) {
  for (const [name, cells] of rows) {
    const head = element("th", { scope: "row", textContent: name });
    const made = cells.map(([text, share, own]) => {
      const cell = element("td", { textContent: text, className: own ? "own" : "" });
      cell.style.setProperty("--share", share.toFixed(3));
      return cell;
    });
    table.tBodies[0].append(element("tr", {}, head, ...made));
  }
}

const hundredths = (share) => (share < 0.0005 ? "·" : (100 * share).toFixed(share < 0.0995 ? 1 : 0));

function fillOverlap() {
  // Shades reach from none to the highest share off the diagonal, which itself is left out.
  const off = report.memberships.flatMap((row, i) => row.filter((v, j) => v !== null && i !== j));
  const most = Math.max(0.02, ...off);
  fillHeat(byId("overlap"), report.memberships.map((row, i) => [
    report.clusters[i],
    row.map((v, j) => (v === null ? ["–", 0] : [hundredths(v), i === j ? 0 : v / most, i === j])),
  ]));
}

function fillContingency() {
  const found = report.labels;
  if (!found) return;
  fillHeat(byId("contingency"), found.labels.map((name, i) => {
    const total = found.table[i].reduce((a, b) => a + b, 0) || 1;
    return [name, found.table[i].map((n) => [n ? n.toLocaleString("en") : "·", n / total])];
  }));
}

const MARKER_HEAD = ["cluster", "gene", "log2_fold_change", "fraction_in", "fraction_out", "p_adjusted", "score"];

function showMarkers() {
  const cluster = byId("marker-cluster").value, rows = report.markers[cluster] ?? [];
  const table = byId("marker-table");
  for (const head of table.tHead.rows[0].cells) head.removeAttribute("aria-sort");
  setText(byId("marker-caption"), `Cluster ${cluster}: the first ${Math.min(25, rows.length)} of ${rows.length} genes; clear markers first, then by score`);
  table.tBodies[0].replaceChildren(...rows.slice(0, 25).map(([gene, fold, share, others, p, score]) => {
    const button = element("button", { type: "button", className: "gene", textContent: gene });
    button.dataset.gene = gene;
    const head = element("th", { scope: "row" }, button);
    head.dataset.value = gene;
    const numbers = [[fold, figures(fold)], [share, percent(share)], [others, percent(others)], [p, figures(p, 2)], [score, figures(score)]];
    return element("tr", {}, head, ...numbers.map(([value, text]) => {
      const cell = element("td", { className: "n", textContent: text });
      cell.dataset.value = value;
      return cell;
    }));
  }));
}

function readyMarkers() {
  const select = byId("marker-cluster");
  if (!select) return;
  select.append(...Object.keys(report.markers)
    .sort((a, b) => report.clusters.indexOf(a) - report.clusters.indexOf(b))
    .map((name) => element("option", { value: name, textContent: name })));
  select.addEventListener("change", showMarkers);
  showMarkers();
  saveOnClick(byId("marker-csv"), () => [MARKER_HEAD, ...report.clusters.flatMap((name) =>
    (report.markers[name] ?? []).map((row) => [name, ...row]))]);
}

function uncertainRows() {
  const threshold = Number(byId("threshold").value), rows = [];
  map.confidence.forEach((value, i) => {
    if (value >= threshold) return;
    rows.push([map.cells[i], report.columns[0].levels[map.cluster[i]], Number(value.toFixed(4)),
      report.columns[2].levels[map.secondLabel[i]], Number(map.secondMembership[i].toFixed(4)), map.doublet[i] ? "yes" : "no"]);
  });
  rows.sort((a, b) => a[2] - b[2]);
  return [["cell", "label", "confidence", "second_label", "second_membership", "doublet_like"], ...rows];
}

function countUncertain() {
  const threshold = Number(byId("threshold").value);
  const below = report.confidence.slice(0, Math.round(threshold * 100)).reduce((a, b) => a + b, 0);
  setText(byId("threshold-value"), threshold.toFixed(2));
  const rest = sampled() ? "; the CSV holds those that are drawn" : "";
  setText(byId("threshold-count"), `${below.toLocaleString("en")} cells (${percent(below / report.cells)})${rest}`);
  drawConfidence(threshold);
}
