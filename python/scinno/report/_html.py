"""From plain data to the text of the page."""

from __future__ import annotations

import json
import math
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from scinno._runtime.json import json_ready
from scinno.report._content.contents import Contents
from scinno.report._content.summary import percent

# In the order in which they must run.
SCRIPTS = ("data.js", "plots.js", "levels.js", "embedding.js", "genes.js", "tables.js", "main.js")


def html(contents: Contents) -> str:
    """The whole page; everything that came from the user is escaped by the template."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(page_part),
    )
    environment.filters["percent"] = _percent
    environment.filters["number"] = _number
    return environment.get_template("page.html").render(
        contents.page,
        style=Markup(page_part("style.css")),
        plotly=Markup(plotly_script()),
        script=Markup("\n".join(page_part(name) for name in SCRIPTS)),
        data=Markup(as_json(contents.data)),
        packed=contents.packed,
    )


def as_json(data: Any) -> str:
    """JSON that may stand in a script element; what is not finite becomes null."""
    text = json.dumps(json_ready(data), allow_nan=False, separators=(",", ":"))
    # "</script>" and "<!--" would end the element.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def page_part(name: str) -> str:
    return files("scinno.report").joinpath("page", name).read_text(encoding="utf-8")


@cache
def plotly_script() -> str:
    from plotly.offline import get_plotlyjs

    script = get_plotlyjs()
    if "</script" in script.lower():
        raise RuntimeError("this version of plotly.js cannot be put into a page")
    return script


def _percent(value: Any) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return percent(float(value)).replace("under ", "<\u2009").replace("over ", ">\u2009")


def _number(value: Any) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"
