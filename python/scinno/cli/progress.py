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


class ProgressBar:
    """A `callback` for `scinno.fit` that draws one bar on stderr.

    Rows carry ``phase``, ``epoch``, ``n_epochs`` (of all phases together) and ``loss``.
    """

    def __init__(self, shown: bool) -> None:
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TextColumn("{task.completed:>4,.0f}/{task.total:,.0f} {task.fields[unit]}"),
            TextColumn("{task.fields[loss]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), disable=not shown, transient=True)
        self._task = self._bar.add_task("preparing", total=1, loss="", unit="epochs")
        self._cells_task = ""

    def __enter__(self) -> ProgressBar:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def cells_done(self, task: str, done: int, of: int) -> None:
        """Show a task that goes through all cells; each task has its own time left."""
        if task != self._cells_task:
            self._cells_task = task
            self._bar.reset(self._task, total=of, description=task, loss="", unit="cells")
        self._bar.update(self._task, completed=done)

    def __call__(self, row: Mapping[str, Any]) -> None:
        if self._cells_task:
            self._cells_task = ""
            self._bar.reset(self._task, total=row["n_epochs"], unit="epochs")
        self._bar.update(
            self._task,
            description=row["phase"],
            total=row["n_epochs"],
            completed=row["epoch"],
            loss=f"loss {row['loss']:.4f}",
        )


class BudgetBar:
    """One bar on stderr for a search with a budget of seconds: how much of it is used."""

    def __init__(self, budget: float, shown: bool) -> None:
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(),
            TextColumn("{task.completed:>4,.0f}/{task.total:,.0f} s"),
            TextColumn("{task.fields[best]}"),
        )
        self._bar = Bar(*columns, console=Console(stderr=True), disable=not shown, transient=True)
        self._task = self._bar.add_task("starting", total=budget, best="")
        self._scores: list[float] = []
        self._ended = 0

    def __enter__(self) -> BudgetBar:
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def tick(self, step: str, used: float) -> None:
        """Show the step that begins, and the seconds used before it."""
        self._bar.update(self._task, description=step, completed=used)

    def trial(self, row: Mapping[str, Any]) -> None:
        """Count a trial that has ended, and show the best score."""
        self._ended += 1
        if row["state"] == "complete":
            self._scores.append(row["score"])
        best = f", best score {max(self._scores):.3f}" if self._scores else ""
        self._bar.update(self._task, best=f"{self._ended} trials{best}")
