// Opening the page, and drawing it again when its appearance changes.

function showProblem(text) {
  setText(byId("problem"), text);
  byId("problem").hidden = false;
}

function drawAll() {
  colorSwatches();
  drawMap();
  countUncertain();
  drawDots(document.querySelector("input[name=dots]:checked")?.value);
  drawTree();
  drawFlow();
  drawHistograms();
  drawCurves();
  drawEvidence();
}

function readyControls() {
  const color = byId("color");
  color.append(element("option", { value: "", textContent: "(gene)", hidden: true }));
  report.columns.forEach((column, i) => color.append(element("option", { value: String(i), textContent: column.name })));
  color.value = "0";
  color.addEventListener("change", () => {
    map.column = Number(color.value);
    map.gene = null;
    map.filter = null;
    map.hidden.clear();
    byId("gene").value = "";
    drawMap();
  });
  for (const radio of document.querySelectorAll("input[name=view]")) {
    radio.addEventListener("change", () => { map.view = Number(radio.value); drawMap(); });
  }
  for (const radio of document.querySelectorAll("input[name=dots]")) {
    radio.addEventListener("change", () => {
      for (const dot of document.querySelectorAll("#dot-sizes .dot")) dot.hidden = radio.value === "heat";
      drawDots(radio.value);
    });
  }
  byId("numbers").addEventListener("change", (event) => { map.numbers = event.target.checked; drawMap(); });
  byId("zoom-in").addEventListener("click", () => zoom(0.7));
  byId("zoom-out").addEventListener("click", () => zoom(1 / 0.7));
  byId("zoom-reset").addEventListener("click", wholeMap);
  byId("save-map").addEventListener("click", () =>
    Plotly.downloadImage("map", { format: "png", scale: 2, width: 1000, height: 800, filename: "scinno-map" }));
  byId("map").tabIndex = 0;
  byId("map").addEventListener("keydown", keyOnMap);
  byId("threshold").addEventListener("input", countUncertain);
  saveOnClick(byId("uncertain-csv"), uncertainRows);
  byId("show-doublets")?.addEventListener("click", colorByDoublets);
  byId("show-uncertain").addEventListener("click", () => {
    const threshold = Number(byId("threshold").value);
    map.gene = null;
    map.column = 1;
    color.value = "1";
    map.filter = (i) => map.confidence[i] < threshold;
    drawMap();
    byId("map-section").scrollIntoView();
    setText(byId("gene-note"), `Only cells below ${threshold.toFixed(2)} are shown; choose a coloring to see all again.`);
  });
}

function colorByDoublets() {
  const place = report.columns.findIndex((column) => column.id === "doublet_like");
  byId("color").value = String(place);
  byId("color").dispatchEvent(new Event("change"));
  byId("map-section").scrollIntoView();
}

function followAppearance() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  // Pictures keep the width they are drawn with, and paper is narrower than most screens.
  for (const [event, paper] of [["beforeprint", true], ["afterprint", false]]) {
    window.addEventListener(event, () => {
      document.body.classList.toggle("paper", paper);
      drawAll();
      if (!paper) for (const plot of document.querySelectorAll(".js-plotly-plot")) Plotly.Plots.resize(plot);
    });
  }
  let last = narrow(), wait = 0;
  window.addEventListener("resize", () => {
    clearTimeout(wait);
    wait = setTimeout(() => {
      if (narrow() !== last) drawAll();
      last = narrow();
    }, 200);
  });
}

try {
  for (const table of document.querySelectorAll("table.sortable")) makeSortable(table);
  fillOverlap();
  fillContingency();
  if (typeof DecompressionStream === "undefined") throw new Error("this browser is too old; one of 2023 or later is needed");
  await unpack();
  readyGenes();
  readyMap();
  readyGeneBox();
  readyControls();
  readyMarkers();
  drawAll();
  followAppearance();
  document.documentElement.dataset.ready = "yes";
} catch (error) {
  showProblem(`The pictures cannot be drawn: ${error.message}.`);
  throw error;
}
