"""The report page in real headless Chromium: it draws, answers and asks nobody for anything."""

import csv
import json
import os
import shutil
import time
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import simulate

from scinno.report import write_report

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
EVIL = "<img src=x onerror=\"document.title='broken'\">"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--window-size=1280,900",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def adata() -> ad.AnnData:
    """Three clusters, known memberships, a name that would run if it were not escaped."""
    x, types = simulate(cells=300, genes=80)
    rng = np.random.default_rng(1)
    sure = rng.uniform(0.4, 1, 300)
    memberships = np.full((300, 3), 0.0)
    memberships[np.arange(300), types] = sure
    memberships[np.arange(300), (types + 1) % 3] = (1 - sure) * 0.7
    memberships[np.arange(300), (types + 2) % 3] = (1 - sure) * 0.3
    obs = pd.DataFrame(
        {
            "batch": np.where(np.arange(300) % 2, "b1", "b2"),
            "kind": [f"kind {t}" for t in types],
            "age": np.linspace(0, 9, 300),
            "scinno": pd.Categorical(memberships.argmax(1).astype(str)),
            "scinno_doublet_like": np.arange(300) == 7,
        },
        index=[EVIL if i == 0 else "=1+1" if i == 1 else f"cell {i}" for i in range(300)],
    )
    names = [EVIL if j == 3 else f"Gene{j}" for j in range(80)]
    adata = ad.AnnData(x.astype(np.float32), obs=obs, var=pd.DataFrame(index=names))
    adata.obsm["scinno_memberships"] = memberships.astype(np.float32)
    flat = rng.normal(0, 1, (300, 2)) + 5 * np.eye(3)[types][:, :2]
    for name in ("X_scinno", "X_tsne_scinno", "X_umap_scinno"):
        adata.obsm[name] = flat.astype(np.float32)
    history = pd.DataFrame({
        "epoch": [1, 2, 3], "epochs": 3, "phase": ["denoise", "denoise", "cluster"],
        "loss": [3.0, 2.0, 1.5], "scatter": [np.nan, np.nan, 0.4], "changed": [np.nan, np.nan, 0.1],
    })  # fmt: skip
    evidence = pd.DataFrame({
        "n_clusters": [2, 3, 4], "mean_share": [0.99, 0.97, 0.8], "least_share": [0.9, 0.9, 0.2],
        "good_clusters": [2, 3, 2],
    })  # fmt: skip
    adata.uns["scinno"] = {"seed": 0, "history": history, "k_evidence": evidence}
    return adata


@pytest.fixture(scope="module")
def page(adata, folder) -> Path:
    return write_report(adata, folder / "report.html", label_key="kind", title=EVIL)


@pytest.fixture(scope="module")
def start_browser(folder):
    """A function that starts Chromium with more flags; all are closed in the end."""
    if CHROMIUM is None or DRIVER is None:
        words = "Chromium is not here: 'apt-get install chromium chromium-driver' brings it"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    started = []

    def start(*more: str):
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        profile = folder / f"profile{len(started)}"
        for flag in (*FLAGS, f"--user-data-dir={profile}", *more):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        options.add_experimental_option(
            "prefs",
            {
                "download.default_directory": str(folder / "downloads"),
                # Or Chromium asks before the second file, and nobody answers.
                "profile.default_content_setting_values.automatic_downloads": 1,
            },
        )
        driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        started.append(driver)
        return driver

    yield start
    for driver in started:
        driver.quit()


@pytest.fixture(scope="module")
def browser(start_browser):
    return start_browser()


def wait(browser, script: str, seconds: float = 30):
    """Wait until the script gives something true, and give that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := browser.execute_script(script):
            return found
        time.sleep(0.05)
    raise AssertionError(f"not true after {seconds} s: {script}")


def open_page(browser, page: Path) -> None:
    """Open the page afresh, with the logs of earlier pages gone."""
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get(page.as_uri())
    wait(browser, "return document.documentElement.dataset.ready")


def look(browser, width: int = 1280, scheme: str = "light") -> None:
    """Take the width of a screen, and light or dark."""
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia",
        {"features": [{"name": "prefers-color-scheme", "value": scheme}]},
    )


# As a reader would put everything back; opening anew takes seconds each time.
RESET = """
const tell = (e, what) => e.dispatchEvent(new Event(what, {bubbles: true}));
const colour = document.getElementById('colour'), threshold = document.getElementById('threshold');
colour.value = '0'; tell(colour, 'change');
const view = document.querySelector('input[name=view]'); view.checked = true; tell(view, 'change');
threshold.value = 0.6; tell(threshold, 'input');
document.getElementById('zoom-reset').click();
"""


@pytest.fixture(scope="module")
def once(browser, page):
    look(browser)
    open_page(browser, page)
    return browser


@pytest.fixture
def opened(once, page):
    look(once)
    if once.execute_script("return document.documentElement.clientWidth") < 1200:
        open_page(once, page)
    once.execute_script(RESET)
    return once


def points(browser) -> dict:
    """What the map shows: hover texts, colours and positions of its points."""
    return browser.execute_script(
        "const t = document.getElementById('map').data[0];"
        "return {text: t.text, color: t.marker.color, x: Array.from(t.x), type: t.type}"
    )


def keys(browser, element, *words: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    browser.execute_script("arguments[0].focus()", element)
    chain = ActionChains(browser)
    for word in words:
        chain.send_keys(word)
    chain.perform()


def test_it_opens_without_errors_and_asks_the_network_for_nothing(browser, page):
    look(browser)
    open_page(browser, page)
    bad = [one for one in browser.get_log("browser") if one["level"] == "SEVERE"]
    assert bad == []
    asked = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            asked.append(message["params"]["request"]["url"])
    outside = [url for url in asked if not url.startswith(("data:", "blob:"))]
    assert outside == [page.as_uri()]
    assert browser.title == f"{EVIL} – scinno"
    assert browser.execute_script("return document.querySelectorAll('img').length") == 0
    assert browser.execute_script("return document.getElementById('problem').hidden")


def test_every_picture_is_drawn_and_named(opened):
    plots = opened.execute_script(
        "return [...document.querySelectorAll('.plot')].map((p) =>"
        "[p.id, p.querySelectorAll('.main-svg').length, p.getAttribute('role'),"
        " p.getAttribute('aria-label')])"
    )
    assert {"map", "confidence-plot", "dots-plot", "curve0", "curve1", "k-plot", "histogram0"} <= {
        plot[0] for plot in plots
    }
    for plot, drawn, role, label in plots:
        assert drawn > 0, plot
        assert role == "img"
        assert label
    texts = opened.execute_script(
        "return [...document.querySelectorAll('#blend td')].map((c) => c.textContent)"
    )
    assert len(texts) == 9


# Width of each picture that is out of step with its place, and of the page with what sticks out.
PLACES = """
const plots = [...document.querySelectorAll('.plot')].map((p) =>
  [p.id, p.clientWidth, Math.round(p.querySelector('.main-svg').getBoundingClientRect().width)]);
return plots.filter(([id, place, drawn]) => Math.abs(place - drawn) > 1);
"""


def test_every_picture_is_as_wide_as_its_place(browser, page):
    look(browser, 1280)
    open_page(browser, page)
    assert browser.execute_script(PLACES) == []
    # A row of several, each the same part of the page.
    widths = browser.execute_script(
        "return ['histogram0', 'histogram1'].map((id) => document.getElementById(id).clientWidth)"
    )
    assert widths[0] == widths[1] < 700


def test_on_paper_pictures_are_as_wide_as_the_paper_and_afterwards_as_before(browser, page):
    look(browser, 1280)
    open_page(browser, page)
    before = browser.execute_script("return document.getElementById('map').clientWidth")
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    assert browser.execute_script(PLACES) == []
    kinds = "return document.getElementById('map').data[0].type"
    assert browser.execute_script(kinds) == "scatter"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    # The table has all the columns that it can have; browsers shrink a page by a tenth unasked.
    for what, most in (("map", 718), ("dots-plot", 718), ("cluster-table", 790)):
        wide = f"return document.getElementById('{what}').getBoundingClientRect().right"
        assert browser.execute_script(wide) <= most
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
    time.sleep(0.5)  # plotly.js measures a tenth of a second later
    assert browser.execute_script(PLACES) == []
    assert browser.execute_script("return document.getElementById('map').clientWidth") == before
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"]
    assert len(printed) > 50_000


def test_points_lie_where_they_belong(opened, adata):
    shown = points(opened)
    assert len(shown["x"]) == 300
    place = next(i for i, text in enumerate(shown["text"]) if "cell 42<" in text)
    assert abs(shown["x"][place] - adata.obsm["X_tsne_scinno"][42, 0]) < 1e-3
    membership = adata.obsm["scinno_memberships"][42].max()
    assert f"membership {membership:.2f}" in shown["text"][place]
    assert any("doublet-like" in text for text in shown["text"])
    opened.execute_script(
        "const c = document.getElementById('colour'); c.value = '1';"
        "c.dispatchEvent(new Event('change'))"
    )
    scale = "const m = document.getElementById('map').data[0].marker; return [m.cmin, m.cmax]"
    lowest = float(adata.obsm["scinno_memberships"].max(1).min())
    assert opened.execute_script(scale) == pytest.approx([min(lowest, 0.5), 1], abs=1e-3)
    assert any("&lt;img src=x" in text for text in shown["text"])
    assert not any("<img" in text for text in shown["text"])


def test_a_gene_is_found_by_a_near_name_and_colours_the_cells(opened, adata):
    from selenium.webdriver.common.keys import Keys

    before = points(opened)["color"]
    box = opened.find_element("id", "gene")
    keys(opened, box, "gnee17")  # two letters the wrong way round
    options = [item.text for item in opened.find_elements("css selector", "#gene-list li")]
    assert "Gene17" in options
    keys(opened, box, *[Keys.ARROW_DOWN] * options.index("Gene17"), Keys.ENTER)
    shown = points(opened)
    assert shown["color"] != before
    log = adata.X.toarray()
    log = np.log1p(log / log.sum(1, keepdims=True) * 1e4)[:, 17]
    np.testing.assert_allclose(sorted(shown["color"]), sorted(log), atol=log.max() / 60)
    assert shown["color"][-1] == max(shown["color"])  # the highest lie on top
    assert opened.find_element("id", "legend-title").text == "Gene17 (log expression)"
    assert "Gene17" in opened.find_element("id", "map").get_attribute("aria-label")


def test_a_gene_that_is_not_there_is_said(opened):
    box = opened.find_element("id", "gene")
    keys(opened, box, "zzzzzz")
    assert not opened.find_elements("css selector", "#gene-list li")
    assert "No gene" in opened.find_element("id", "gene-note").text


def test_a_marker_button_colours_the_map(opened):
    button = opened.find_element("css selector", "#cluster-table button.gene")
    gene = button.text
    opened.execute_script("arguments[0].click()", button)
    assert opened.find_element("id", "legend-title").text == f"{gene} (log expression)"


def test_columns_colour_and_the_legend_hides(opened, adata):
    from selenium.webdriver.support.select import Select

    colour = Select(opened.find_element("id", "colour"))
    colour.select_by_visible_text("batch")
    shown = points(opened)
    assert len(set(shown["color"])) == 2
    button = opened.find_element("css selector", "#legend button[data-level='0']")
    assert button.get_attribute("aria-pressed") == "true"
    keys(opened, button, "\ue007")  # Enter
    assert len(points(opened)["x"]) == 150
    button = opened.switch_to.active_element  # still where it was
    assert button.get_attribute("aria-pressed") == "false"
    colour.select_by_visible_text("age")
    assert points(opened)["color"] == sorted(points(opened)["color"])
    assert max(points(opened)["color"]) == 9
    opened.execute_script("document.querySelectorAll('input[name=view]')[1].click()")
    assert opened.find_element("id", "map-caption").text.startswith("UMAP of 300 cells")


def test_buttons_and_keys_zoom(opened):
    def width() -> float:
        low, high = opened.execute_script(
            "return document.getElementById('map')._fullLayout.xaxis.range"
        )
        return high - low

    all_of_it = width()
    opened.execute_script("document.getElementById('zoom-in').click()")
    assert width() == pytest.approx(0.7 * all_of_it)
    keys(opened, opened.find_element("id", "map"), "+")
    assert width() == pytest.approx(0.49 * all_of_it)
    keys(opened, opened.find_element("id", "map"), "0")
    assert width() == pytest.approx(all_of_it)


def test_tables_are_sorted_by_pressing_a_title(opened, adata):
    def names() -> list[str]:
        cells = opened.find_elements("css selector", "#cluster-table tbody th")
        return [cell.text for cell in cells]

    sizes = adata.obs["scinno"].value_counts()
    head = opened.find_elements("css selector", "#cluster-table thead th")[1]
    button = head.find_element("tag name", "button")
    keys(opened, button, "\ue007")
    assert names() == sizes.index.tolist()
    assert head.get_attribute("aria-sort") == "descending"
    keys(opened, button, " ")
    assert names() == sizes.index.tolist()[::-1]
    assert head.get_attribute("aria-sort") == "ascending"


def test_the_threshold_counts_and_the_map_shows_them(opened, adata):
    opened.execute_script(
        "const t = document.getElementById('threshold'); t.value = 0.7;"
        "t.dispatchEvent(new Event('input'))"
    )
    count = int((adata.obsm["scinno_memberships"].max(1) < 0.7).sum())
    assert opened.find_element("id", "threshold-count").text.startswith(f"{count} cells")
    opened.execute_script("document.getElementById('show-uncertain').click()")
    assert len(points(opened)["x"]) == count


def downloaded(browser, folder: Path, link: str) -> list[list[str]]:
    """Press a link with the keyboard, and read the file that it saves."""
    home, button = folder / "downloads", browser.find_element("id", link)
    target = home / button.get_attribute("download")
    browser.execute_cdp_cmd(
        "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(home)}
    )
    keys(browser, button, "\ue007")
    end = time.monotonic() + 60
    while not (target.exists() and target.stat().st_size and not list(home.glob("*.crdownload"))):
        assert time.monotonic() < end, f"{target.name} was not saved: {list(home.glob('*'))}"
        time.sleep(0.05)
    with target.open(newline="") as file:
        return list(csv.reader(file))


def test_csv_files_are_saved_with_what_is_shown(opened, folder, adata):
    rows = downloaded(opened, folder, "marker-csv")
    assert rows[0][:3] == ["cluster", "gene", "log2_fold_change"]
    assert {row[0] for row in rows[1:]} == {"0", "1", "2"}
    assert EVIL in {row[1] for row in rows}  # a name with quotes survives
    opened.execute_script(
        "const t = document.getElementById('threshold'); t.value = 1;"
        "t.dispatchEvent(new Event('input'))"
    )
    rows = downloaded(opened, folder, "uncertain-csv")
    assert len(rows) == 301
    assert sum(row[5] == "yes" for row in rows) == 1
    assert "'=1+1" in {row[0] for row in rows}  # no formula for a spreadsheet


def test_the_markers_of_a_cluster_are_listed_and_drawn(opened):
    from selenium.webdriver.support.select import Select

    Select(opened.find_element("id", "marker-cluster")).select_by_visible_text("2")
    assert opened.find_element("id", "marker-caption").text.startswith("Cluster 2: the first")
    opened.execute_script("document.querySelectorAll('input[name=dots]')[1].click()")
    kind = "return document.getElementById('dots-plot').data[0].type"
    assert opened.execute_script(kind) == "heatmap"


OVERFLOW = """
const wide = document.documentElement.clientWidth;
const cut = (e) => /auto|scroll|hidden/.test(getComputedStyle(e).overflowX);
const scrolls = (e) => e && (cut(e) || scrolls(e.parentElement));
const out = [...document.body.querySelectorAll('*')].filter((e) => {
  const box = e.getBoundingClientRect();
  return box.right > wide + 1 && box.width > 0 && !scrolls(e.parentElement);
}).map((e) => e.tagName + '.' + e.className);
return [document.documentElement.scrollWidth, wide, out.slice(0, 5)];
"""


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(browser, page, width):
    look(browser, width)
    open_page(browser, page)
    total, screen, out = browser.execute_script(OVERFLOW)
    assert width - 20 < screen <= width  # a scroll bar takes some
    assert total == screen
    assert out == []


# Contrast of every visible text with the colour behind it (WCAG 2: 4.5, large text 3).
CONTRAST = """
const probe = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgba = (colour) => {
  probe.clearRect(0, 0, 1, 1); probe.fillStyle = colour; probe.fillRect(0, 0, 1, 1);
  return probe.getImageData(0, 0, 1, 1).data;
};
const lum = (c) => [0, 1, 2].map((i) => c[i] / 255).map((v) =>
  v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (e) => {
  for (; e; e = e.parentElement) {
    const c = rgba(getComputedStyle(e).backgroundColor);
    if (c[3] === 255) return c;
  }
  return rgba('white');
};
const bad = [];
let seen = 0;
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const e = walk.currentNode.parentElement;
  if (!walk.currentNode.textContent.trim() || !e.checkVisibility() || /SCRIPT|STYLE|OPTION/.test(e.tagName)) continue;
  const style = getComputedStyle(e), svg = e instanceof SVGElement;
  const [a, b] = [lum(rgba(svg ? style.fill : style.color)), lum(behind(e))].sort((x, y) => x - y);
  const ratio = (b + 0.05) / (a + 0.05), large = parseFloat(style.fontSize) >= 24;
  seen += 1;
  if (ratio < (large ? 3 : 4.5)) bad.push([e.tagName, e.className.baseVal ?? e.className, e.textContent.slice(0, 30), ratio]);
}
return [seen, bad.slice(0, 8)];
"""  # noqa: E501


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_colours_stand_out(browser, page, scheme):
    look(browser, scheme=scheme)
    open_page(browser, page)
    seen, bad = browser.execute_script(CONTRAST)
    assert seen > 300
    assert bad == []
    surface = browser.execute_script(
        "return getComputedStyle(document.querySelector('section')).backgroundColor"
    )
    channels = [int(c) for c in surface.removeprefix("rgb(").removesuffix(")").split(",")]
    assert (max(channels) < 64) == (scheme == "dark")

    def luminance(hex_colour: str) -> float:
        parts = np.array([int(hex_colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    back = luminance("#" + "".join(f"{c:02x}" for c in channels))
    for colour in set(points(browser)["color"]):
        low, high = sorted((luminance(colour), back))
        assert (high + 0.05) / (low + 0.05) >= 3, colour


def test_dark_comes_and_goes_while_the_page_is_open(opened):
    background = "return document.getElementById('map').layout.paper_bgcolor"
    light = opened.execute_script(background)
    look(opened, scheme="dark")
    wait(opened, f"{background.replace(';', '')} !== '{light}'", 10)


def test_everything_can_be_reached_with_the_keyboard(opened):
    missing = opened.execute_script(
        "const all = 'a, button, select, input, summary, .scroller, #map';"
        "return [...document.querySelectorAll(all)]"
        ".filter((e) => e.tabIndex < 0 || !(e.textContent.trim() || e.labels?.length ||"
        " e.getAttribute('aria-label'))).map((e) => e.outerHTML.slice(0, 80))"
    )
    assert missing == []
    ids = opened.execute_script("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    ours = [name for name in ids if not name.startswith(("clip", "legend", "g", "topdefs"))]
    assert len(ours) == len(set(ours))


def test_without_webgl_the_map_is_drawn_as_svg(start_browser, page):
    driver = start_browser("--disable-3d-apis")
    look(driver)
    open_page(driver, page)
    assert points(driver)["type"] == "scatter"
    assert len(driver.find_elements("css selector", "#map .points path")) == 300
    bad = [one for one in driver.get_log("browser") if one["level"] == "SEVERE"]
    assert bad == []
