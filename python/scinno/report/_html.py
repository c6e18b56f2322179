"""From plain data to the text of the page."""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup, escape

from scinno._runtime._texts.plain_text import plain_text
from scinno._runtime.json import json_ready
from scinno.report._content.contents import Contents
from scinno.report._content.summary import percent

# In the order in which they must run.
SCRIPTS = ("data.js", "plots.js", "levels.js", "embedding.js", "genes.js", "tables.js", "main.js")


def html(contents: Contents) -> str:
    """The whole page."""
    return render(
        "page.html",
        page_part,
        style=page_part("style.css"),
        scripts=[page_part(name) for name in SCRIPTS],
        data=contents.data,
        webgl=True,
        packed=contents.packed,
        **contents.page,
    )


def render(
    template: str,
    part: Callable[[str], str],
    *,
    style: str,
    scripts: Sequence[str],
    data: Any,
    webgl: bool = False,
    **values: Any,
) -> str:
    """A page that loads nothing and runs our scripts only.

    Parameters
    ----------
    template : str
        Its name for ``part``.
    part : callable
        Text of a template.
    style, scripts : str, sequence of str
        Of the page; the scripts run as one, after plotly's.
    data : any
        What the scripts read.
    webgl : bool
        Whether plotly.js draws by WebGL, for which it compiles code of its own.
    **values
        What the template shows: escaped by it, and with invisible characters written out.
    """
    environment = jinja2.Environment(
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FunctionLoader(part),
    )
    environment.filters["percent"] = _percent
    environment.filters["number"] = _number
    # Names that a script looks up: escaped like all others, but not written out.
    environment.filters["exact"] = escape
    script = '(async () => {\n"use strict";\n' + "\n".join(scripts) + "\n})();"
    return environment.get_template(template).render(
        values,
        policy=policy(plotly_script(), script, webgl=webgl),
        style=Markup(style),
        plotly=Markup(plotly_script()),
        script=Markup(script),
        data=Markup(as_json(data)),
    )


def _shown(value: Any) -> Any:
    return plain_text(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def policy(*scripts: str, webgl: bool = False) -> str:
    """Content-Security-Policy: nothing is loaded or sent, and no other script runs than these.

    Two exceptions are what plotly.js needs. For WebGL it compiles the functions that draw
    ('unsafe-eval'; without it the map stays empty), and everywhere it writes style elements and
    attributes ('unsafe-inline' of styles, which cannot load anything: nothing may be loaded).
    """
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    compiled = " 'unsafe-eval'" if webgl else ""
    return (
        f"default-src 'none'; script-src {hashes}{compiled}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


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
    return script.replace("\r\n", "\n")  # as a browser reads it, or its hash would differ


def _percent(value: Any) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return percent(float(value)).replace("under ", "<\u2009").replace("over ", ">\u2009")


def _number(value: Any) -> str:
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.2f}"
