"""The tree, the flow and the dots of the report in real headless Chromium."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chromium import CONTRAST, OVERFLOW, look, open_page
from chromium import browser as browser
from chromium import folder as folder
from chromium import start_browser as start_browser
from report_page import clustered

from scinno.report import write_report

# Texts of a picture that overlap each other, stick out of it, or would be cut at an axis.
TEXTS = """
const plot = document.getElementById(arguments[0]), whole = plot.getBoundingClientRect();
const texts = [...plot.querySelectorAll('.main-svg text')].filter((e) => e.textContent.trim());
const box = (e) => e.getBoundingClientRect();
const out = texts.filter((e) => box(e).left < whole.left - 1 || box(e).right > whole.right + 1
  || box(e).top < whole.top - 1 || box(e).bottom > whole.bottom + 1).map((e) => e.textContent);
const cut = plot._fullLayout, inner = whole.left + cut.xaxis._offset;
plot.querySelectorAll('.textpoint text').forEach((e) => {
  if (plot.id === 'tree-plot' && box(e).left < inner) out.push(e.textContent);
});
const over = [];
texts.forEach((one, i) => texts.slice(i + 1).forEach((other) => {
  const a = box(one), b = box(other);
  const turned = (e) => /rotate\\((?!0)/.test(e.getAttribute('transform') ?? '');
  if (turned(one) || turned(other)) return;
  if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3)
    over.push([one.textContent, other.textContent]);
}));
return [texts.length, out, over];
"""


@pytest.fixture(scope="module")
def page(small_fit, simulated, names, folder) -> Path:
    wide = np.array([f"WMW{name}" + 10 * "W" for name in names])
    fit = replace(small_fit, preprocessing=replace(small_fit.preprocessing, genes=wide))
    adata, tree = clustered(fit, simulated, wide), fit.tree
    # What many clusters are merged to has a long name.
    many = "".join(f"+{j}" for j in range(10, 20)) + "+"
    fit.__dict__["tree"] = replace(tree, nodes=[n.replace("+", many) for n in tree.nodes])
    return write_report(adata, folder / "levels.html", fit=fit)


@pytest.mark.parametrize("width", [390, 800, 1280])
def test_all_pictures_can_be_read(browser, page, width):
    look(browser, width)
    open_page(browser, page)
    assert [one for one in browser.get_log("browser") if one["level"] == "SEVERE"] == []
    for plot in ("tree-plot", "flow-plot", "dots-plot"):
        n, out, over = browser.execute_script(TEXTS, plot)
        assert n > 8, plot
        assert out == [], plot
        assert over == []
    total, screen, out = browser.execute_script(OVERFLOW)
    assert total == screen
    assert out == []


# Circles of the flow that touch each other.
CIRCLES = """
const plot = document.getElementById('flow-plot'), layout = plot._fullLayout, t = plot.data[0];
const x = t.x.map((v) => layout.xaxis.l2p(v)), y = t.y.map((v) => layout.yaxis.l2p(v));
const bad = [];
t.text.forEach((one, i) => t.text.slice(i + 1).forEach((other, j) => {
  const k = i + 1 + j, apart = Math.hypot(x[i] - x[k], y[i] - y[k]);
  if (apart < (t.marker.size[i] + t.marker.size[k]) / 2 + 2) bad.push([one, other, apart]);
}));
return bad;
"""


@pytest.mark.parametrize("width", [390, 1280])
def test_circles_do_not_touch_and_names_end_before_the_next_level(browser, page, width):
    look(browser, width)
    open_page(browser, page)
    assert browser.execute_script(CIRCLES) == []
    wide = (
        "const plot = document.getElementById('flow-plot'), axis = plot._fullLayout.xaxis;"
        "return [...plot.querySelectorAll('.textpoint text')].map((e) =>"
        "[e.getBoundingClientRect().width, axis.l2p(1) - axis.l2p(0)])"
    )
    widths = browser.execute_script(wide)
    assert len(widths) == 10
    assert all(text < level for text, level in widths)


def test_leaves_and_dots_stand_in_the_same_row(browser, page):
    look(browser)
    open_page(browser, page)
    rows = browser.execute_script(
        "const p = document.getElementById('tree-plot'), layout = p._fullLayout;"
        "const at = (axis, v) => axis._offset + axis.l2p(v);"
        "return [0, 1, 2].map((v) => [at(layout.yaxis, v), at(layout.yaxis2, v)])"
    )
    for tree, dots in rows:
        assert tree == pytest.approx(dots, abs=0.5)


def test_hovering_a_split_tells_its_evidence(browser, page, small_fit):
    look(browser)
    open_page(browser, page)
    told = browser.execute_script("return document.getElementById('tree-plot').data[1].customdata")
    first = small_fit.tree.splits.iloc[0]
    assert f"support {first['support']:.2f}, stability {first['stability']:.2f}" in told[-1]
    flow = browser.execute_script("return document.getElementById('flow-plot').data[0].customdata")
    assert any(f"<b>0</b><br>{(small_fit.labels == 0).sum()} cells" in text for text in flow)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out(browser, page, scheme):
    look(browser, scheme=scheme)
    open_page(browser, page)
    seen, bad = browser.execute_script(CONTRAST)
    assert seen > 300
    assert bad == []


def test_on_paper_both_are_as_wide_as_the_paper(browser, page):
    look(browser)
    open_page(browser, page)
    browser.execute_script("window.dispatchEvent(new Event('beforeprint'))")
    for plot in ("tree-plot", "flow-plot"):
        width = f"return document.querySelector('#{plot} .main-svg').getBoundingClientRect().width"
        assert browser.execute_script(width) <= 718
        _, out, over = browser.execute_script(TEXTS, plot)
        assert out == []
        assert over == []
    browser.execute_script("window.dispatchEvent(new Event('afterprint'))")
