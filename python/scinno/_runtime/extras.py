"""Packages that only some parts of scinno need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def needs_extra(what: str, extra: str) -> Iterator[None]:
    """Turn the error about a missing package into the command that installs it.

    Parameters
    ----------
    what : str
        What needs it, as in "scinno.pl".
    extra : str
        Name of the extra in pyproject.toml.

    Raises
    ------
    ModuleNotFoundError
        A package is missing, and how to get it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "scinno").partition(".")[0]
        if package == "scinno":
            raise
        raise ModuleNotFoundError(
            f"{what} needs {package}, which is not installed: pip install 'scinno[{extra}]'",
            name=package,
        ) from error
