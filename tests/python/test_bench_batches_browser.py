"""The page of the task "batches" in real headless Chromium."""

from pathlib import Path

import pytest
from chromium import CONTRAST, OVERFLOW, look, open_page
from chromium import browser as browser
from chromium import folder as folder
from chromium import start_browser as start_browser
from test_bench_scores import method, record, results_of

from scinno.bench._tables.html import page as as_html

EVIL = "<img src=x onerror=\"document.title='broken'\">"
# A PNG of one point.
POINT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360"
    "606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def page(folder) -> Path:
    """Two methods on a set and its case that lacks a type, both with telling names."""
    values = {
        ("a", "scinno"): (0.9, 0.05), ("a", "other"): (0.9, 0.4),
        ("a-lacking", "scinno"): (0.89, 0.06), ("a-lacking", "other"): (0.5, 0.3),
    }  # fmt: skip
    runs = []
    for (name, key), (ari, with_batch) in values.items():
        run = record(name, key, ari) | {"task": "batches"}
        run["scores"] |= {"ARI_batch": with_batch, "ARI_kept": ari, "type_kept": ari, "iLISI": None}
        runs.append(run)
    results = results_of(runs, ["a", "a-lacking"], [method("scinno"), method("other")])
    results["about"] |= {"task": "batches", "batch_key": "batch", "defaults": {}}
    for one in results["sets"]:
        one |= {"batches": 2, "batch_mix": 0.5, "batch_sizes": {EVIL: 4, "b": 6}}
    results["sets"][1]["lacks"] = {"set": "a", "type": EVIL, "batch": "b", "cells": 3}
    path = folder / "batches.html"
    path.write_text(as_html(results, (), {EVIL: POINT}), encoding="utf-8")
    return path


def test_cases_guard_and_picture_are_shown(browser, page):
    look(browser)
    open_page(browser, page)
    assert [one for one in browser.get_log("browser") if one["level"] == "SEVERE"] == []
    assert browser.title == "Benchmark – scinno"
    section = browser.find_element("id", "batches").text
    assert f"{EVIL} 4, b 6" in section
    assert f"{EVIL} in b (3 cells)" in section
    lost = [one.text for one in browser.find_elements("css selector", ".guard .lost")]
    assert lost == ["0.90 → 0.50"] * 2
    # The picture is in the page.
    loaded = "return [...document.querySelectorAll('img')].map((one) => one.naturalWidth)"
    assert browser.execute_script(loaded) == [1]


def test_less_is_better_for_the_ari_with_the_batch(browser, page):
    look(browser)
    open_page(browser, page)
    best = "return [...document.querySelectorAll('#heat td.best')].map((c) => c.textContent)"
    assert browser.execute_script(best) == ["0.90", "0.90", "0.89"]
    browser.execute_script(
        "const s = document.getElementById('score'); s.value = 'ARI_batch';"
        "s.dispatchEvent(new Event('change'))"
    )
    assert browser.execute_script(best) == ["0.05", "0.06"]
    assert "lower is better" in browser.find_element("id", "score-note").text
    ranks = browser.find_element("id", "ranks").get_attribute("aria-label")
    assert ranks == "Mean ranks: SCINNO 1.00, OTHER 2.00"


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
    assert seen > 80
    assert bad == []
