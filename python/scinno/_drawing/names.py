"""Names of cells, genes and groups as matplotlib shows them."""

from __future__ import annotations

from scinno._runtime._texts.plain_text import plain_text


def as_label(name: str) -> str:
    """The name as text of a picture.

    What stands between dollar signs would be read as a formula, and a name that begins with "_"
    left out of a legend.
    """
    shown = plain_text(name).replace("$", r"\$")
    return f"\u200b{shown}" if shown.startswith("_") else shown
