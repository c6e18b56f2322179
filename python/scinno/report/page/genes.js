// The search for a gene: similar names as one types, in a list that can be used by keyboard.

const genes = { names: [], lower: [], inPage: new Set(), found: [], active: -1 };

function readyGenes() {
  genes.names = textsOf("genes");
  genes.lower = genes.names.map((name) => name.toLowerCase());
  genes.inPage = new Set(report.genes.in_page);
}

// Number of letters to change, or ``most + 1`` when it is more than ``most``.
function distance(a, b, most) {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row.push(Math.min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    if (Math.min(...row) > most) return most + 1;
    before = row;
  }
  return before[b.length];
}

// Places of the genes most like ``text``: equal, beginning so, holding it, or nearly so.
function similarGenes(text, most = 8) {
  const query = text.trim().toLowerCase();
  if (!query) return [];
  const ranked = [];
  genes.lower.forEach((name, j) => {
    const rank = name === query ? 0 : name.startsWith(query) ? 1 : name.includes(query) ? 2 : 9;
    if (rank < 9) ranked.push([rank + (genes.inPage.has(j) ? 0 : 0.5), name.length, j]);
  });
  if (ranked.length < 3 && query.length > 2) {
    const letters = query.length > 4 ? 2 : 1;
    genes.lower.forEach((name, j) => {
      if (name.includes(query)) return;
      const far = distance(query, name, letters);
      if (far <= letters) ranked.push([2 + far, name.length, j]);
    });
  }
  ranked.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return ranked.slice(0, most).map((one) => one[2]);
}

function listGenes() {
  const box = byId("gene"), list = byId("gene-list");
  genes.found = similarGenes(box.value);
  genes.active = genes.found.length ? 0 : -1;
  list.replaceChildren(...genes.found.map((j, place) => {
    const available = genes.inPage.has(j);
    const item = element("li", { id: `gene-option${place}`, textContent: genes.names[j] + (available ? "" : " (not in this page)") });
    item.setAttribute("role", "option");
    if (!available) item.setAttribute("aria-disabled", "true");
    // The box must keep the focus, or the list closes before the click.
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => chooseGene(j));
    return item;
  }));
  markGene();
  const open = genes.found.length > 0;
  list.hidden = !open;
  box.setAttribute("aria-expanded", String(open));
  if (!open && box.value.trim()) setText(byId("gene-note"), `No gene has a name similar to “${box.value.trim()}”.`);
}

function markGene() {
  const items = Array.from(byId("gene-list").children);
  items.forEach((item, place) => item.setAttribute("aria-selected", String(place === genes.active)));
  items[genes.active]?.scrollIntoView({ block: "nearest" });
  if (genes.active >= 0) byId("gene").setAttribute("aria-activedescendant", `gene-option${genes.active}`);
  else byId("gene").removeAttribute("aria-activedescendant");
}

function closeGenes() {
  byId("gene-list").hidden = true;
  byId("gene").setAttribute("aria-expanded", "false");
  byId("gene").removeAttribute("aria-activedescendant");
}

function chooseGene(j) {
  const name = genes.names[j], note = byId("gene-note");
  closeGenes();
  byId("gene").value = name;
  if (!genes.inPage.has(j)) {
    setText(note, `${name} is in the data, but its values are not in this page: make the page again with --genes ${name}.`);
    return;
  }
  map.gene = j;
  map.filter = null;
  byId("color").value = "";
  setText(note, `Colored by the expression of ${name}.`);
  drawMap();
}

function readyGeneBox() {
  const box = byId("gene");
  box.addEventListener("input", listGenes);
  box.addEventListener("focus", () => box.select());
  box.addEventListener("blur", closeGenes);
  box.addEventListener("keydown", (event) => {
    const n = genes.found.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (byId("gene-list").hidden) listGenes();
      else if (n) genes.active = (genes.active + (event.key === "ArrowDown" ? 1 : n - 1)) % n;
      markGene();
    } else if (event.key === "Enter") {
      if (byId("gene-list").hidden) listGenes();
      if (genes.active >= 0) chooseGene(genes.found[genes.active]);
    } else if (event.key === "Escape") closeGenes();
    else return;
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.gene");
    if (!button) return;
    const j = genes.names.indexOf(button.dataset.gene);
    if (j < 0) return;
    chooseGene(j);
    byId("map-section").scrollIntoView();
    box.focus({ preventScroll: true });
  });
}
