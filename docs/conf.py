"""Sphinx configuration; plots and help texts are made by running the code that pages show."""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib

import scinno

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
matplotlib.use("Agg")

project = "scinno"
author = "the scinno developers"
copyright = "2026, the scinno developers"
version = release = scinno.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "made"]
html_theme = "furo"
html_title = "scinno"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_rtype = False
# Else "Parameters" and "Other Parameters" become one list.
napoleon_use_param = False
napoleon_use_ivar = True

# Pages whose plots are made here: what the code of a page saves as x.png, the page shows as
# made/<page>/x.png.
ILLUSTRATED = ("gallery", "tutorials/first-clustering", "tutorials/choosing-k", "tutorials/levels",
               "tutorials/memberships", "tutorials/batches", "tutorials/tissue")  # fmt: skip
COMMANDS = (
    "cluster",
    "choose-k",
    "tune",
    "predict",
    "markers",
    "tree",
    "subcluster",
    "report",
    "bench",
    "doctor",
    "demo",
)


def make_pictures(app) -> None:
    import _pages
    from matplotlib import pyplot as plt

    made = HERE / "made"
    shutil.rmtree(made, ignore_errors=True)
    for page in ILLUSTRATED:
        with tempfile.TemporaryDirectory() as folder:
            _pages.run(HERE / f"{page}.md", Path(folder))
            plt.close("all")  # matplotlib warns of more than twenty open figures
            target = made / Path(page).name
            target.mkdir(parents=True)
            for picture in Path(folder).glob("*.png"):
                shutil.copy(picture, target)
    (made / "help").mkdir()
    for command in COMMANDS:
        shown = subprocess.run(
            [Path(sys.executable).with_name("scinno"), command, "--help"],
            capture_output=True, text=True, check=True,
            env={"PATH": "", "COLUMNS": "92", "PYTHONPATH": ":".join(sys.path), "NO_COLOR": "1"},
        )  # fmt: skip
        (made / "help" / f"{command}.txt").write_text(shown.stdout)


def keep_trailing_underscores(app, what, name, obj, options, lines: list[str]) -> None:
    """Escape names such as ``labels_``, which docutils reads as links to "labels"."""
    lines[:] = [re.sub(r"^(:(?:ivar|vartype) \w+)_:", r"\1\\_:", line) for line in lines]


def setup(app) -> None:
    app.connect("builder-inited", make_pictures)
    app.connect("autodoc-process-docstring", keep_trailing_underscores, priority=900)
