"""The arguments that R may pass on, read from the signature and docstrings of the core."""

from __future__ import annotations

import inspect
from dataclasses import asdict
from typing import Any

from scinno._fit import fit
from scinno._settings.settings import Settings

# Arguments of `fit` that R fills in itself.
_SET_BY_R = ("x", "genes", "settings", "checkpoint", "callback", "batch", "overrides")


def settings_table(preset: str = "default") -> list[dict[str, Any]]:
    """One entry per argument: name, type, default and meaning.

    Parameters
    ----------
    preset : {"default", "paper"}
        Settings whose values are the defaults.

    Raises
    ------
    ValueError
        Unknown preset.
    """
    table = []
    about = _documented(fit.__doc__)
    for name, argument in inspect.signature(fit).parameters.items():
        if name not in _SET_BY_R:
            default = preset if name == "preset" else argument.default
            table.append(_entry(name, str(argument.annotation), default, about))
    about = _documented(Settings.__doc__)
    types = inspect.get_annotations(Settings)
    for name, default in asdict(Settings.from_preset(preset)).items():
        table.append(_entry(name, str(types[name]), default, about))
    return table


def _entry(name: str, type_: str, default: Any, about: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "type": type_, "default": default, "about": about[name]}


def _documented(text: str | None) -> dict[str, str]:
    """Meaning of each name in the parameter lists of a numpydoc docstring."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in inspect.cleandoc(text or "").splitlines():
        if " : " in line and not line.startswith(" "):
            names = line.split(" : ")[0].split(", ")
            found |= dict.fromkeys(names, "")
        elif line.startswith("    "):
            for name in names:
                found[name] = f"{found[name]} {line.strip()}".strip()
        else:
            names = []
    return found
