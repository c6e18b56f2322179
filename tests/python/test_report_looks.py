"""The looks of the report page in real headless Chromium: widths, paper, contrast, dark."""

import time

import numpy as np
import pytest
from chromium import CONTRAST, OVERFLOW, look, open_page, wait
from chromium import browser as browser
from chromium import folder as folder
from chromium import start_browser as start_browser
from report_in_browser import adata as adata
from report_in_browser import once as once
from report_in_browser import opened as opened
from report_in_browser import page as page
from report_in_browser import points

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


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_wider_than_the_screen(browser, page, width):
    look(browser, width)
    open_page(browser, page)
    total, screen, out = browser.execute_script(OVERFLOW)
    assert width - 20 < screen <= width  # a scroll bar takes some
    assert total == screen
    assert out == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_colors_stand_out(browser, page, scheme):
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

    def luminance(hex_color: str) -> float:
        parts = np.array([int(hex_color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    back = luminance("#" + "".join(f"{c:02x}" for c in channels))
    for color in set(points(browser)["color"]):
        low, high = sorted((luminance(color), back))
        assert (high + 0.05) / (low + 0.05) >= 3, color


def test_dark_comes_and_goes_while_the_page_is_open(opened):
    background = "return document.getElementById('map').layout.paper_bgcolor"
    light = opened.execute_script(background)
    look(opened, scheme="dark")
    wait(opened, f"{background.replace(';', '')} !== '{light}'", 10)


def test_without_webgl_the_map_is_drawn_as_svg(start_browser, page):
    driver = start_browser("--disable-3d-apis")
    look(driver)
    open_page(driver, page)
    assert points(driver)["type"] == "scatter"
    assert len(driver.find_elements("css selector", "#map .points path")) == 300
    bad = [one for one in driver.get_log("browser") if one["level"] == "SEVERE"]
    assert bad == []
