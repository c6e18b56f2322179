"""The view of a tissue in the report, in a browser."""

import numpy as np
import pytest
from chromium import browser as browser
from chromium import folder as folder
from chromium import look, open_page, wait
from chromium import start_browser as start_browser
from report_in_browser import adata as adata

from scinno.report import write_report


@pytest.fixture(scope="module")
def page(adata, folder):
    data = adata.copy()
    rng = np.random.default_rng(0)
    data.obsm["spatial"] = rng.uniform(size=(300, 2)) * (400, 100)
    data.obs["slice"] = np.where(np.arange(300) % 2, "<b>left</b>", "right")
    data.obs["scinno_domain"] = (data.obsm["spatial"][:, 0] > 200).astype(int).astype(str)
    data.obs["scinno_domain"] = data.obs["scinno_domain"].astype("category")
    data.obs["scinno_domain_confidence"] = np.float32(1)
    data.uns["scinno"] = dict(data.uns.get("scinno", {})) | {
        "domains": {"spatial_key": "spatial", "library_key": "slice", "n_domains": 2,
                    "smoothing": 3}
    }  # fmt: skip
    path = folder / "tissue.html"
    write_report(data, path)
    return path


def test_cells_are_shown_in_their_tissue_at_one_scale(browser, page):
    open_page(browser, page)
    look(browser)
    radios = browser.find_elements("css selector", "input[name=view]")
    names = [r.find_element("xpath", "following-sibling::span").text for r in radios]
    assert names[-1] == "Tissue"
    browser.execute_script("arguments[0].click()", radios[-1])
    layout = wait(browser, """
        const plot = document.getElementById("map"), l = plot && plot._fullLayout;
        if (!l || !l.annotations || l.annotations.length !== 2) return null;
        const x = l.xaxis, y = l.yaxis;
        return { names: l.annotations.map((a) => a.text), x: x._length / (x.range[1] - x.range[0]),
                 y: y._length / (y.range[1] - y.range[0]) };
    """)  # fmt: skip
    assert layout["x"] == pytest.approx(layout["y"], rel=1e-3)
    assert sorted(layout["names"]) == ["&lt;b&gt;left&lt;/b&gt;", "right"]


def test_cells_can_be_colored_by_domain(browser, page):
    open_page(browser, page)
    options = [o.text for o in browser.find_elements("css selector", "#color option")]
    assert "Domain" in options
    assert "Domain confidence" in options
    assert "scinno_domain" not in options
