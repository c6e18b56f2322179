"""The benchmark's page in real headless Chromium: it draws, sorts and loads nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from chromium import CONTRAST, OVERFLOW, look, open_page
from chromium import browser as browser
from chromium import folder as folder
from chromium import start_browser as start_browser
from test_bench_scores import method, record

from scinno.bench._tables.html import page as as_html

EVIL = "<img src=x onerror=\"document.title='broken'\">"


@pytest.fixture(scope="module")
def results() -> dict:
    """Three methods on four sets, one of them with a name that would run if it were not escaped."""
    scores = {
        "a": {"scinno": 0.91, "other": 0.52, "third": 0.33},
        "b": {"scinno": 0.84, "other": 0.73, "third": 0.22},
        "c": {"scinno": 0.45, "other": 0.66, "third": 0.17},
        EVIL: {"scinno": 0.96, "other": 0.57, "third": None},
    }
    runs = [
        record(name, key, value, mode=mode)
        for mode in ("given", "unknown")
        for name, row in scores.items()
        for key, value in row.items()
        if not (mode == "unknown" and key == "third")
    ]
    sets = [{"name": name, "cells": 10 * (j + 1), "genes": 5, "zeros": 0.5, "types": 4,
             "counts_per_cell": None, "genes_per_cell": 3.0, "smallest_type": 2,
             "largest_type": 3, "batch_mix": 0.5, "batches": 2}
            for j, name in enumerate(scores)]  # fmt: skip
    gone = method("gone", missing="not installed (no module gone): pip install gone")
    about = {
        "made": "2026-01-02T03:04:05", "threads": 1, "machines": 1,
        "defaults": {"pretrain_epochs": 20},
        "machine": {"processor": "p", "cores": 2, "memory_gb": 8},
        "versions": {"scinno": "1", "scinno code": "x"},
    }  # fmt: skip
    named = [method("scinno"), method("other"), method("third", k=("given",)), gone]
    made = [{"versions": {"scinno code": "x"}}]
    return {"about": about, "sets": sets, "methods": named, "runs": runs, "environments": made}


@pytest.fixture(scope="module")
def page(results, folder) -> Path:
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 3, 80)
    picture = {
        "set": "a", "types": ["one", EVIL, "three"], "x": rng.normal(size=80).tolist(),
        "y": rng.normal(size=80).tolist(), "truth": groups.tolist(), "cells": 80,
        "methods": [{"method": "scinno", "ARI": 0.91, "labels": groups.tolist()}],
    }  # fmt: skip
    path = folder / "benchmark.html"
    path.write_text(as_html(results, [picture]), encoding="utf-8")
    return path


@pytest.fixture
def opened(browser, page):
    look(browser)
    open_page(browser, page)
    return browser


def choose_mode(opened, place: int) -> None:
    opened.execute_script(f"document.querySelectorAll('input[name=mode]')[{place}].click()")


def heat(opened) -> list[list[str]]:
    return opened.execute_script(
        "return [...document.querySelectorAll('#heat tbody tr')].map((r) =>"
        " [...r.cells].map((c) => c.textContent))"
    )


def test_it_opens_without_errors_or_requests(browser, page):
    look(browser)
    browser.get_log("browser"), browser.get_log("performance")
    open_page(browser, page)
    assert [one for one in browser.get_log("browser") if one["level"] == "SEVERE"] == []
    requested = [
        message["params"]["request"]["url"]
        for entry in browser.get_log("performance")
        if (message := json.loads(entry["message"])["message"])["method"]
        == "Network.requestWillBeSent"
    ]
    assert [url for url in requested if not url.startswith(("data:", "blob:"))] == [page.as_uri()]
    assert browser.title == "Benchmark – scinno"
    assert browser.execute_script("return document.querySelectorAll('img').length") == 0
    assert browser.execute_script("return document.getElementById('problem').hidden")


def test_scores_of_every_set_stand_in_the_heat_map(opened):
    rows = heat(opened)
    assert rows[0] == ["a", "0.91", "0.52", "0.33"]
    assert rows[3] == [EVIL, "0.96", "0.57", "–"]
    best = "return [...document.querySelectorAll('#heat td.best')].map((c) => c.textContent)"
    assert opened.execute_script(best) == ["0.91", "0.84", "0.66", "0.96"]
    opened.execute_script("document.querySelectorAll('#heat thead button')[2].click()")
    assert [row[0] for row in heat(opened)] == ["b", "c", EVIL, "a"]  # by "other", highest first
    choose_mode(opened, 1)
    assert [len(row) for row in heat(opened)] == [3] * 4  # "third" needs K


def test_ranks_and_times_are_drawn_and_said(opened):
    choose_mode(opened, 0)
    drawn = opened.execute_script(
        "return ['ranks', 'times'].map((id) => [document.getElementById(id).data[0].x,"
        " document.getElementById(id).getAttribute('aria-label')])"
    )
    # "third" lacks a set and is not ranked; of the others scinno is first on three of four.
    assert drawn[0] == [[1.25, 1.75], "Mean ranks: SCINNO 1.25, OTHER 1.75"]
    assert (
        "Not ranked, because sets are missing: THIRD"
        in opened.find_element("id", "ranks-caption").text
    )
    assert drawn[1][0] == [2.0, 2.0, 2.0]
    assert "SCINNO 2 s, 0.79" in drawn[1][1]


def test_tables_of_means_are_sorted_and_name_what_is_missing(opened):
    def names() -> list[str]:
        return [c.text for c in opened.find_elements("css selector", "#means-given tbody th")]

    assert names() == ["SCINNO", "OTHER", "THIRD", "GONE"]
    button = opened.find_element("css selector", "#means-given thead th:nth-child(2) button")
    opened.execute_script("arguments[0].click()", button)
    opened.execute_script("arguments[0].click()", button)  # lowest first
    assert names() == ["GONE", "THIRD", "OTHER", "SCINNO"]
    assert "pip install gone" in opened.find_element("id", "methods").text
    assert "it broke" in opened.find_element("id", "failures").text
    assert "c (0.45, OTHER 0.66)" in opened.find_element("id", "summary").text


def test_maps_are_painted_in_the_colors_of_the_types(opened):
    colors = """
const found = (id) => {
  const c = document.getElementById(id), data = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
  const seen = {};
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] === 255) {
      const key = [data[i], data[i + 1], data[i + 2]].join();
      seen[key] = (seen[key] ?? 0) + 1;
    }
  }
  return Object.entries(seen).filter(([, n]) => n > 50).map(([key]) => key).sort();
};
const swatches = [...document.querySelectorAll("#types0 .swatch")].map((s) =>
  getComputedStyle(s).backgroundColor.replace(/[^0-9,]/g, "")).sort();
return [found("map0-truth"), found("map0-0"), swatches];
"""  # noqa: E501  # JavaScript: its long lines are plain to read
    truth, found, swatches = opened.execute_script(colors)
    assert truth == found == swatches
    assert len(set(truth)) == 3


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(browser, page, width):
    look(browser, width)
    open_page(browser, page)
    total, screen, out = browser.execute_script(OVERFLOW)
    assert total == screen
    assert out == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out(browser, page, scheme):
    look(browser, scheme=scheme)
    open_page(browser, page)
    seen, bad = browser.execute_script(CONTRAST)
    assert seen > 150
    assert bad == []


def test_everything_can_be_reached_with_the_keyboard(opened):
    missing = opened.execute_script(
        "return [...document.querySelectorAll('a, button, select, input, summary, .scroller')]"
        ".filter((e) => e.tabIndex < 0 || !(e.textContent.trim() || e.labels?.length ||"
        " e.getAttribute('aria-label'))).map((e) => e.outerHTML.slice(0, 80))"
    )
    assert missing == []
