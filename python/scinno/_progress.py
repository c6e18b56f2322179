"""A progress bar with the time left, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar


class Progress:
    """A `callback` for `scinno.fit` that draws one bar on stderr.

    Rows carry ``phase``, ``epoch``, ``epochs`` (of all phases together) and ``loss``.
    """

    def __init__(self, shown: bool) -> None:
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TextColumn("{task.completed:>4.0f}/{task.total:.0f} epochs"),
            TextColumn("{task.fields[loss]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), disable=not shown, transient=True)
        self._task = self._bar.add_task("preparing", total=1, loss="")

    def __enter__(self) -> Progress:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def __call__(self, row: Mapping[str, Any]) -> None:
        self._bar.update(
            self._task,
            description=row["phase"],
            total=row["epochs"],
            completed=row["epoch"],
            loss=f"loss {row['loss']:.4f}",
        )
