"""Hints for the end of an error about a name that does not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


def did_you_mean(name: str, known: Iterable[Any], max_shown: int = 30) -> str:
    """Similar names if there are any, else all known ones.

    Parameters
    ----------
    name : str
        The name that does not exist.
    known : iterable
        The names that exist.
    max_shown : int
        How many names are listed where none is similar.
    """
    names = [str(other) for other in known]
    lower = {other.lower(): other for other in reversed(names)}
    near = difflib.get_close_matches(str(name).lower(), lower, n=3, cutoff=0.7)
    if near:
        return "did you mean " + " or ".join(repr(lower[other]) for other in near) + "?"
    more = f" and {len(names) - max_shown} more" if len(names) > max_shown else ""
    return "there is " + (", ".join(names[:max_shown]) + more if names else "none")
