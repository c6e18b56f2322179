// The data that Python wrote into the page, unpacked.

const report = JSON.parse(document.getElementById("report-data").textContent);
const byId = (id) => document.getElementById(id);
let packed = null;

async function unpack() {
  const text = atob(byId("report-pack").textContent.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  packed = await new Response(unpacked).arrayBuffer();
  byId("report-pack").remove();
}

function arrayOf(name) {
  const [kind, offset, length] = report.directory[name];
  return new globalThis[kind + "Array"](packed, offset, length);
}

function textsOf(name) {
  return JSON.parse(new TextDecoder().decode(arrayOf(name)));
}

// Numbers are stored as steps above the lowest one; the highest step is "missing".
const MISSING = 65535;

function numbersOf({ id, low, step }) {
  return Float64Array.from(arrayOf(id), (s) => (s === MISSING ? NaN : low + s * step));
}

// Expression of one gene in the drawn cells: how many cells to skip, then a level from 1 to 63.
function expressionOf(place, cells) {
  const values = new Float64Array(cells);
  const gap = arrayOf("gene_gap"), level = arrayOf("gene_level"), count = arrayOf("gene_count");
  const top = arrayOf("gene_top")[place] / 63;
  let at = arrayOf("gene_at")[place];
  let value = 0;
  for (let j = 0; j < place; j++) value += count[j];
  let cell = -1;
  for (let i = 0; i < count[place]; i++) {
    let byte;
    do {
      byte = gap[at++];
      cell += byte;
    } while (byte === 255);
    cell += 1;
    values[cell] = level[value + i] * top;
  }
  return values;
}

// Invisible characters are written out, as in scinno/_runtime/_texts/plain_text.py: a mark of direction in
// a name would turn the words beside it around.
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]/gu;

function plainText(text) {
  return String(text).replace(UNSEEN, (c) => `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`);
}

// Plotly interprets some HTML in its texts, so names are escaped.
function escapeHtml(text) {
  return plainText(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

function shorten(text, maxLetters = 22) {
  const letters = Array.from(String(text));
  return letters.length > maxLetters ? letters.slice(0, maxLetters - 1).join("") + "…" : String(text);
}

function figures(value, digits = 3) {
  if (value === null || !Number.isFinite(value)) return "–";
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) return value.toExponential(1);
  return value.toLocaleString("en", { maximumSignificantDigits: digits });
}

function percent(fraction) {
  return (100 * fraction).toFixed(fraction < 0.1 ? 1 : 0) + " %";
}

// For those who see, and for those who listen.
function setText(target, text) {
  target.textContent = plainText(text);
}

function setLabel(target, text) {
  target.setAttribute("aria-label", plainText(text));
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  for (const shown of ["textContent", "title"]) if (shown in properties) made[shown] = plainText(properties[shown]);
  made.append(...children);
  return made;
}

function csv(rows) {
  const cell = (value) => {
    if (typeof value === "number") return String(value);
    // A spreadsheet would compute a text that begins like a formula: scinno/_runtime/_texts/csv_text.py.
    const text = /^(?![+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$)[=+\-@\t\r\n＝＋－＠]/.test(value) ? "'" + value : value;
    return /[",\n\r]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  };
  return rows.map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

// The link saves what ``rows`` returns at the time of the click.
function saveOnClick(link, rows) {
  let last = null;
  const refresh = () => {
    if (last) URL.revokeObjectURL(last);
    last = URL.createObjectURL(new Blob([csv(rows())], { type: "text/csv" }));
    link.href = last;
  };
  link.addEventListener("pointerdown", refresh);
  link.addEventListener("click", (event) => {
    if (!event.pointerType) refresh(); // pressed by keyboard or script
  });
  refresh();
}
