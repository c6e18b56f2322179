"""Files of a run that could not be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scinno._data._formats.reasons import reason


class Failures:
    """Files that could not be written: the others are kept all the same."""

    def __init__(self, folder: Path) -> None:
        self.sentences: list[str] = []
        self._folder = folder

    @contextmanager
    def of(self, names: str) -> Iterator[None]:
        """Keep what is raised inside as a sentence about these files, "a" or "a and b"."""
        try:
            yield
        except Exception as error:  # of anndata, HDF5, matplotlib and the system, of many kinds
            self.sentences.append(f"{names} could not be written: {reason(error)}")
            for name in names.split(" and "):  # what is left of it fills a full disk
                (self._folder / name).unlink(missing_ok=True)
