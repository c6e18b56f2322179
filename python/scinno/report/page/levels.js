// The tree of the clusters with the genes of its branches, and the flow of cells between levels.

const longest = (texts) => Math.max(...texts.map((text) => Array.from(text).length));

// Dots for genes (g) in leaves (c), as [x, y] by ``at``.
function geneDots(dots, leaves, t, maxSize, at) {
  const x = [], y = [], size = [], color = [], text = [];
  dots.genes.forEach((gene, g) => {
    const column = dots.mean.map((row) => row[g]);
    const low = Math.min(...column), span = Math.max(...column) - low || 1;
    leaves.forEach((leaf, c) => {
      const [one, other] = at(leaf.place, g);
      x.push(one);
      y.push(other);
      size.push(2 + (maxSize - 2) * Math.sqrt(dots.fraction[c][g]));
      color.push((column[c] - low) / span);
      text.push(`<b>${escapeHtml(gene)}</b> in cluster ${escapeHtml(leaf.name)}<br>` +
        `${percent(dots.fraction[c][g])} of cells, mean ${figures(dots.mean[c][g])}`);
    });
  });
  return {
    type: "scatter", mode: "markers", x, y, text, xaxis: "x2", yaxis: "y2", hovertemplate: "%{text}<extra></extra>",
    marker: { size, color, colorscale: scale(t), cmin: 0, cmax: 1, opacity: 1, line: { width: 1, color: t.muted } },
  };
}

function splitText(merge) {
  const sides = merge.genes.map(([name, genes]) =>
    `${escapeHtml(shorten(name, 30))}: ${escapeHtml(shorten(genes.join(", ") || "no gene twofold higher", 60))}`);
  return `<b>${escapeHtml(shorten(merge.name, 40))}</b><br>support ${merge.support.toFixed(2)}, ` +
    `stability ${merge.stability.toFixed(2)}<br>${sides.join("<br>")}`;
}

// Leaves run down, or across where the screen is narrow; genes run the other way.
function drawTree() {
  const found = report.levels, target = byId("tree-plot");
  if (found.problem || !target) return;
  const t = theme(), tall = narrow(), { leaves, merges } = found.tree, dots = found.dots;
  const k = leaves.length, n = Math.max(1, dots.genes.length), pair = (height, place) => (tall ? [place, height] : [height, place]);
  const names = leaves.map((leaf) => (tall ? shorten(leaf.name, 8) : `${shorten(leaf.name, 22)} (${leaf.cells.toLocaleString("en")})`));
  const lines = { type: "scatter", mode: "lines", x: [], y: [], line: { color: t.muted, width: 1.5 }, hoverinfo: "skip" };
  for (const merge of merges) {
    merge.height.forEach((height, i) => {
      const [x, y] = pair(height, merge.place[i]);
      lines.x.push(x);
      lines.y.push(y);
    });
    lines.x.push(null);
    lines.y.push(null);
  }
  const heights = merges.map((merge) => merge.height[1]), top = Math.max(...heights);
  const at = merges.map((merge, i) => pair(heights[i], merge.middle));
  const splits = {
    type: "scatter", mode: tall ? "markers" : "markers+text", x: at.map((one) => one[0]), y: at.map((one) => one[1]),
    text: merges.map((merge) => merge.support.toFixed(2)), textposition: "bottom left",
    textfont: { size: 11, color: t.text }, customdata: merges.map(splitText), hovertemplate: "%{customdata}<extra></extra>",
    marker: { size: 10, color: merges.map((m) => m.support), colorscale: scale(t), cmin: 0.5, cmax: 1, opacity: 1, line: { width: 1, color: t.muted } },
  };
  const ends = leaves.map((leaf) => pair(0, leaf.place));
  const tips = {
    type: "scatter", mode: "markers", x: ends.map((one) => one[0]), y: ends.map((one) => one[1]), hoverinfo: "skip", cliponaxis: false,
    marker: { size: 11, color: leaves.map((leaf) => colorOf(leaf.cluster, t)), opacity: 1 },
  };
  const pad = 0.7, width = target.clientWidth - 20;
  const leafTicks = { tickmode: "array", tickvals: leaves.map((leaf) => leaf.place), ticktext: names.map(escapeHtml) };
  const genes = dots.genes.map((gene) => shorten(gene, 18)), geneRoom = 16 + widest(genes);
  const geneTicks = { tickmode: "array", tickvals: genes.map((_, g) => g), ticktext: genes.map(escapeHtml) };
  const leafRange = tall ? [-pad, k - 1 + pad] : [k - 1 + pad, -pad];
  const heightAxis = { zeroline: false, showgrid: false, nticks: 4 };
  const bare = { showticklabels: false, showgrid: false, zeroline: false, ticks: "", range: leafRange };
  const cat = (ticks, range, more) => axis(t, { ...ticks, zeroline: false, range, automargin: false, ...more });
  if (tall) {
    const down = 26 * Math.max(k, 7), genesHigh = 18 * n + 10, total = down + genesHigh + 70;
    target.style.height = `${total}px`;
    const inner = total - 40, low = genesHigh / inner;
    draw(target, [lines, splits, tips, geneDots(dots, leaves, t, Math.min(14, 0.9 * (width - geneRoom) / k), (place, g) => [place, g])], t, {
      margin: { l: geneRoom, r: 6, t: 10, b: 30 },
      xaxis: axis(t, { ...bare, anchor: "y" }),
      yaxis: axis(t, { ...heightAxis, range: [-0.01 * top, 1.1 * top], domain: [low + 40 / inner, 1], automargin: false }),
      xaxis2: cat(leafTicks, leafRange, { anchor: "y2", side: "top", tickangle: longest(names) > 3 ? -60 : 0 }),
      yaxis2: cat(geneTicks, [n - 1 + pad, -pad], { anchor: "x2", domain: [0, low] }),
    });
    return;
  }
  const below = Math.max(44, 0.9 * geneRoom);  // their names are at 60 degrees; the title of heights needs 44
  target.style.height = `${Math.max(26 * k, 120) + below + 34}px`;
  const label = (20 + widest(names)) / width, share = Math.max(0.25, Math.min(0.45, 1 - label - (26 * n + 20) / width));
  // The number of the root needs 44 pixels.
  const start = share + label, end = Math.min(1, start + (26 * n + 20) / width);
  const maxSize = Math.max(5, Math.min(17, 0.9 * (end - start) * width / n));
  draw(target, [lines, splits, tips, geneDots(dots, leaves, t, maxSize, (place, g) => [g, place])], t, {
    margin: { l: 10, r: 10, t: 10, b: below },
    xaxis: axis(t, { ...heightAxis, range: [top / (1 - 44 / (share * width)), -0.01 * top], domain: [0, share], automargin: false, title: "height" }),
    yaxis: axis(t, { ...bare, anchor: "x" }),
    xaxis2: cat(geneTicks, [-pad, n - 1 + pad], { anchor: "y2", domain: [start, end], tickangle: -60 }),
    yaxis2: cat(leafTicks, leafRange, { anchor: "x2" }),
  });
}

// Levels from left to right; clusters of a level below each other.
function drawFlow() {
  const found = report.levels, target = byId("flow-plot");
  if (found.problem || !target) return;
  const t = theme(), { levels, nodes, edges } = found.flow, rows = Math.max(...nodes.map((node) => node.place)) + 1;
  const row = 30, wide = (target.clientWidth - 20) / levels.length;
  target.style.height = `${row * rows + 60}px`;
  // Clusters of one level must not touch, nor may circles of two levels.
  const most = (level) => Math.max(...nodes.filter((node) => node.level === level).map((node) => node.cells));
  const last = levels.length - 1, all = Math.max(...nodes.map((node) => node.cells));
  const largest = Math.min(0.55 * wide, 0.72 * row * Math.sqrt(all / most(last)));
  const size = (cells) => Math.max(4, largest * Math.sqrt(cells / all));
  const letters = Math.max(3, Math.floor(0.8 * wide / 7)), names = nodes.map((node) => shorten(node.name, letters));
  const inside = nodes.map((node, i) => size(node.cells) > 6 * Array.from(names[i]).length + 4);
  const shapes = edges.map(([from, to, cells]) => {
    const a = nodes[from], b = nodes[to], middle = (a.level + b.level) / 2;
    return {
      type: "path", layer: "below", fillcolor: "rgba(0,0,0,0)", opacity: 0.4,
      path: `M ${a.level},${a.place} C ${middle},${a.place} ${middle},${b.place} ${b.level},${b.place}`,
      line: { color: colorOf(b.cluster, t), width: Math.max(1, 0.5 * largest * cells / all) },
    };
  });
  draw(target, [{
    type: "scatter", mode: "markers+text", x: nodes.map((node) => node.level), y: nodes.map((node) => node.place), cliponaxis: false,
    text: names.map(escapeHtml), textfont: { size: 11, color: t.text },
    textposition: inside.map((fits) => (fits ? "middle center" : "top center")),
    customdata: nodes.map((node) => `<b>${escapeHtml(shorten(node.name, 60))}</b><br>${node.cells.toLocaleString("en")} cells (${percent(node.cells / report.cells)})`),
    hovertemplate: "%{customdata}<extra></extra>",
    marker: {
      size: nodes.map((node) => size(node.cells)), opacity: 1,
      color: nodes.map((node) => mixed(colorOf(node.cluster, t), t.surface, 0.65)),
      line: { width: 2, color: nodes.map((node) => colorOf(node.cluster, t)) },
    },
  }], t, {
    margin: { l: 10, r: 10, t: 40, b: 10 }, shapes,
    xaxis: axis(t, {
      side: "top", showgrid: false, zeroline: false, range: [-0.5, last + 0.5], automargin: false, tickmode: "array",
      tickvals: levels.map((_, i) => i), ticktext: levels.map((n) => (n === found.k ? `<b>${n}</b>` : String(n))),
    }),
    yaxis: axis(t, { showgrid: false, zeroline: false, showticklabels: false, ticks: "", showline: false, range: [rows - 0.3, -0.8], automargin: false }),
  });
}
