"""Real headless Chromium for the tests of pages."""

import os
import shutil
import time
from pathlib import Path

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--window-size=1280,900",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def start_browser(folder):
    """A function that starts Chromium with more flags; all are closed in the end."""
    if CHROMIUM is None or DRIVER is None:
        words = "Chromium is not here: 'apt-get install chromium chromium-driver' brings it"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)  # on a user's machine only: in CI a missing browser fails, line above
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


def keys(browser, element, *words: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    browser.execute_script("arguments[0].focus()", element)
    chain = ActionChains(browser)
    for word in words:
        chain.send_keys(word)
    chain.perform()


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

# Contrast of every visible text with the color behind it (WCAG 2: 4.5, large text 3).
CONTRAST = """
const probe = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
const rgba = (color) => {
  probe.clearRect(0, 0, 1, 1); probe.fillStyle = color; probe.fillRect(0, 0, 1, 1);
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
"""  # noqa: E501  # JavaScript: its long lines are plain to read
