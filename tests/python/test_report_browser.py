"""The report page in real headless Chromium: it draws, responds and loads nothing."""

import csv
import json
import time
from pathlib import Path

import numpy as np
import pytest
from chromium import browser as browser
from chromium import folder as folder
from chromium import keys, look, open_page
from chromium import start_browser as start_browser
from report_in_browser import EVIL, points
from report_in_browser import adata as adata
from report_in_browser import once as once
from report_in_browser import opened as opened
from report_in_browser import page as page

from scinno._clusters import subsample
from scinno.report import write_report


def test_it_opens_without_errors_or_requests(browser, page):
    look(browser)
    open_page(browser, page)
    bad = [one for one in browser.get_log("browser") if one["level"] == "SEVERE"]
    assert bad == []
    requested = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            requested.append(message["params"]["request"]["url"])
    outside = [url for url in requested if not url.startswith(("data:", "blob:"))]
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
    assert {
        "map",
        "confidence-plot",
        "dots-plot",
        "curve0",
        "curve1",
        "k0",
        "k3",
        "histogram0",
    } <= {plot[0] for plot in plots}
    for plot, drawn, role, label in plots:
        assert drawn > 0, plot
        assert role == "img"
        assert label
    texts = opened.execute_script(
        "return [...document.querySelectorAll('#overlap td')].map((c) => c.textContent)"
    )
    assert len(texts) == 9


def test_points_lie_where_they_belong(opened, adata):
    shown = points(opened)
    assert len(shown["x"]) == 300
    place = next(i for i, text in enumerate(shown["text"]) if "cell 42<" in text)
    assert abs(shown["x"][place] - adata.obsm["X_tsne_scinno"][42, 0]) < 1e-3
    confidence = adata.obsm["scinno_memberships"][42].max()
    assert f"confidence {confidence:.2f}" in shown["text"][place]
    assert any("doublet-like" in text for text in shown["text"])
    opened.execute_script(
        "const c = document.getElementById('color'); c.value = '1';"
        "c.dispatchEvent(new Event('change'))"
    )
    scale = "const m = document.getElementById('map').data[0].marker; return [m.cmin, m.cmax]"
    lowest = float(adata.obsm["scinno_memberships"].max(1).min())
    assert opened.execute_script(scale) == pytest.approx([min(lowest, 0.5), 1], abs=1e-3)
    assert any("&lt;img src=x" in text for text in shown["text"])
    assert not any("<img" in text for text in shown["text"])


def test_a_gene_is_found_by_a_near_name_and_colors_the_cells(opened, adata):
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


def test_a_marker_button_colors_the_map(opened):
    button = opened.find_element("css selector", "#cluster-table button.gene")
    gene = button.text
    opened.execute_script("arguments[0].click()", button)
    assert opened.find_element("id", "legend-title").text == f"{gene} (log expression)"


def test_columns_color_and_the_legend_hides(opened, adata):
    from selenium.webdriver.support.select import Select

    color = Select(opened.find_element("id", "color"))
    color.select_by_visible_text("batch")
    shown = points(opened)
    assert len(set(shown["color"])) == 2
    button = opened.find_element("css selector", "#legend button[data-level='0']")
    assert button.get_attribute("aria-pressed") == "true"
    keys(opened, button, "\ue007")  # Enter
    assert len(points(opened)["x"]) == 150
    button = opened.switch_to.active_element  # still where it was
    assert button.get_attribute("aria-pressed") == "false"
    color.select_by_visible_text("age")
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


def test_a_sample_is_called_one_where_cells_are_counted(start_browser, adata, folder, monkeypatch):
    monkeypatch.setattr(subsample, "MAX_CELLS", 90)
    driver = start_browser()
    look(driver)
    open_page(driver, write_report(adata, folder / "sample.html"))
    assert "Numbers are of the drawn cells." in driver.find_element("id", "legend").text
    counted = driver.find_element("id", "threshold-count").text
    assert counted.endswith("; the CSV holds those that are drawn")


def test_nothing_is_called_a_sample_where_all_cells_are_drawn(opened):
    assert "drawn cells" not in opened.find_element("id", "legend").text
    assert "drawn" not in opened.find_element("id", "threshold-count").text


def test_the_evidence_for_k_is_drawn_column_by_column(opened):
    titles = [title.text for title in opened.find_elements("css selector", "#k-plots h4")]
    assert titles[0] == "Neighbor purity, mean over clusters"
    assert titles[3] == "Stability"
    drawn = "const p = document.getElementById('k3').data[0]; return [[...p.x], [...p.y]]"
    assert opened.execute_script(drawn) == [[2, 3, 4], [0.5, 0.9, 0.1]]
    assert "0.9 at the chosen 3" in opened.find_element("id", "k3").get_attribute("aria-label")
    rows = opened.execute_script(
        "return [...document.querySelectorAll('#k-table tbody tr')]"
        ".map((r) => [r.className, ...[...r.cells].map((c) => c.textContent)])"
    )
    assert rows[1] == ["changed", "3", "0.97", "0.9", "9", "0.9"]


def test_doublet_like_cells_are_colored_and_lie_on_top(opened):
    opened.execute_script("document.getElementById('show-doublets').click()")
    shown = points(opened)
    assert len(shown["x"]) == 300
    assert opened.find_element("id", "legend-title").text == "Doublet-like"
    assert "cell 7<" in shown["text"][-1]
    assert [color == shown["color"][-1] for color in shown["color"]].count(True) == 1


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
    assert rows[0] == [
        "cell", "label", "confidence", "second_label", "second_membership", "doublet_like",
    ]  # fmt: skip
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
