"""Checks of plain arguments: types by the annotations of a function, ranges of numbers, arrays."""

from __future__ import annotations

import functools
import inspect
import os
import re
from collections.abc import Callable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    import numpy as np

MAX_SEED = 2**63 - 1

P = ParamSpec("P")
R = TypeVar("R")


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_flag(value: Any) -> bool:
    # NumPy's own is told by its name: the command line starts without NumPy.
    return isinstance(value, bool) or type(value).__name__ in ("bool", "bool_")


def _is_path(value: Any) -> bool:
    if not isinstance(value, str | os.PathLike):
        return False
    try:
        text = os.fsencode(value)
    except (TypeError, UnicodeEncodeError):
        return False
    # No system takes more bytes as the name of a file.
    return 0 not in text and len(os.path.basename(text)) <= 255


def is_sequence(value: Any) -> bool:
    """Whether it is a list of something: with a length, in one dimension, no text or mapping."""
    return (
        hasattr(value, "__len__")
        and hasattr(value, "__iter__")
        and not isinstance(value, str | bytes | Mapping)
        and getattr(value, "ndim", 1) == 1
    )


# By the word of an annotation: its test, and what an error calls it.
_TESTS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "None": (lambda value: value is None, "None"),
    "bool": (_is_flag, "True or False"),
    "int": (_is_number, "a whole number"),
    "float": (_is_number, "a number"),
    "str": (lambda value: isinstance(value, str), "a text"),
    "Literal": (lambda value: isinstance(value, str), "a text"),
    "InputKind": (lambda value: isinstance(value, str), "a text"),
    "Cells": (lambda value: isinstance(value, str), "a text"),
    "Path": (_is_path, "a path"),
    "Sequence": (is_sequence, "a list"),
    "tuple": (is_sequence, "a pair, as in (5, 12),"),
    "Callable": (callable, "a function"),
    "dict": (lambda value: isinstance(value, dict), "a dict"),
    "Mapping": (lambda value: isinstance(value, Mapping), "a mapping"),
}


def checked(function: Callable[P, R]) -> Callable[P, R]:
    """A function that first compares its plain arguments with its own annotations.

    Annotations with other words than plain types are left to the function, as are ranges, and
    whether a number is whole.

    Raises
    ------
    TypeError
        An argument is of another type; the message names it.
    """
    signature = inspect.signature(function)
    tests = {
        name: found
        for name, one in signature.parameters.items()
        if one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
        and (found := _tests_of(str(one.annotation)))
    }

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        # An unknown or missing argument is reported by Python itself, below.
        given = dict(zip(signature.parameters, args, strict=False)) | kwargs
        for name, kinds in tests.items():
            if name in given and not any(test(given[name]) for test, _ in kinds):
                words = " or ".join(dict.fromkeys(words for _, words in kinds))
                raise TypeError(f"{name} must be {words}, got {_shown(given[name])}")
        return function(*args, **kwargs)

    return call


def _tests_of(annotation: str) -> list[tuple[Callable[[Any], bool], str]]:
    """The tests of an annotation, any of which must pass; none if it has words of its own."""
    while annotation != (shorter := re.sub(r"\[[^\[\]]*\]", "", annotation)):
        annotation = shorter
    words = annotation.split(" | ")
    # "str | Path" is a path, not any text.
    words = [word for word in words if not (word == "str" and "Path" in words)]
    return [_TESTS[word] for word in words] if set(words) <= set(_TESTS) else []


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 and "\n" not in text else f"a {type(value).__name__}"


def check_numbers(value: Any, name: str, ndim: int) -> np.ndarray:
    """``value`` as an array of numbers with so many dimensions.

    Raises
    ------
    TypeError
        It is not one of numbers.
    ValueError
        It has other dimensions.
    """
    import numpy as np

    try:
        array = np.asarray(value)
    except Exception as error:  # tensors and tables raise errors of many kinds
        raise TypeError(f"{name} must be an array of numbers, got {_shown(value)}") from error
    if array.dtype.kind not in "iufb":
        raise TypeError(f"{name} must be an array of numbers, got {_shown(value)}")
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), got shape {array.shape}")
    return array


def check_integer(value: Any, name: str, low: int, high: int) -> int:
    """``value`` as int; whole floats pass because R's 10 is one.

    Raises
    ------
    TypeError
        ``value`` is not a whole number.
    ValueError
        It is below ``low`` or above ``high``.
    """
    good = isinstance(value, Real) and not isinstance(value, bool)
    if not good or value % 1 != 0:  # also of infinity and NaN
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low} to {high}, got {int(value)}")
    return int(value)


def check_seed(seed: Any) -> int:
    """A seed from 0 to 2**63 − 1; errors as `check_integer`."""
    return check_integer(seed, "seed", 0, MAX_SEED)
