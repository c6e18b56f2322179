"""Values that JSON can hold, and JSON files that are what scinno wrote."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

# What a value must be: a test, a list of values of one kind, or an object with these names, of
# which those that end in "?" may be missing. Other names are those of later versions.
Schema = Callable[[Any], bool] | Sequence["Schema"] | Mapping[str, "Schema"]


def json_ready(value: Any) -> Any:
    """``value`` with plain Python types; NaN and infinities, which JSON lacks, become None.

    Parameters
    ----------
    value : any
        Dicts, lists, tuples, NumPy numbers and arrays, nested in any way; other values stay as
        they are.
    """
    if isinstance(value, dict):
        return {str(name): json_ready(part) for name, part in value.items()}
    if hasattr(value, "tolist"):  # NumPy's numbers and arrays
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [json_ready(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def read_json(path: Path, what: str, schema: Schema) -> Any:
    """Read a file that scinno wrote.

    Parameters
    ----------
    path : Path
    what : str
        What it should be, with its article, for the error.
    schema : Schema

    Raises
    ------
    FileNotFoundError
    ValueError
        It is none, or damaged.
    """
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist, which should be {what}")
    if not path.is_file():  # a named pipe would be waited for without end
        raise ValueError(f"{path} is not {what}: it is not a file")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    # RecursionError: lists within lists within lists.
    except (ValueError, RecursionError):
        wrong = "it is not valid JSON"
    else:
        wrong = problem(value, schema)
    if wrong:
        raise ValueError(f"{path} is not {what}, or damaged: {wrong}")
    return value


def problem(value: Any, schema: Schema, name: str = "it") -> str:
    """What of a value is not as it must be, as the end of a sentence; "" if all is."""
    if isinstance(schema, Mapping):
        if not isinstance(value, dict):
            return f"{name} is not an object with names"
        for key, part in schema.items():
            if (plain := key.removesuffix("?")) not in value:
                if plain == key:
                    return f"{name} has no {plain!r}"
            elif wrong := problem(value[plain], part, repr(plain)):
                return wrong
        return ""
    if isinstance(schema, Sequence):
        if not isinstance(value, list):
            return f"{name} is not a list"
        return next((wrong for part in value if (wrong := problem(part, schema[0], name))), "")
    return "" if schema(value) else f"{name} holds {str(value)[:60]!a}"


def is_text(value: Any) -> bool:
    """Text that can be written: no half of a pair of surrogates."""
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)


def is_whole(value: Any) -> bool:
    """A whole number from 0 on that every program reads as it is."""
    return type(value) is int and 0 <= value < 2**53


def is_size(value: Any) -> bool:
    return is_whole(value) and value > 0


def is_number(value: Any) -> bool:
    """A number that float64 holds, and no bool."""
    return type(value) in (int, float) and abs(value) < 2**1023 and math.isfinite(value)


def is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def or_none(schema: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """A value of a kind, or none."""
    return lambda value: value is None or schema(value)


def one_of(*values: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and value in values
