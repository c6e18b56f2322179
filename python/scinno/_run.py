"""What surrounds a fit without changing its result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scinno._distributed.group import SINGLE_PROCESS, ProcessGroup
from scinno._runtime.scratch import ScratchSpace

# A word for what is being done, cells done, all cells.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class RunContext:
    """Where and by which processes a fit is computed, and what hears of its progress.

    Attributes
    ----------
    scratch : ScratchSpace
        Where arrays with a row for each cell may lie.
    group : ProcessGroup
        The processes that share out the cells.
    checkpoint : Path, optional
        Folder from which training resumes if it was killed.
    progress : callable, optional
        Called with a word for what is being done, cells done and all cells.
    callback : callable, optional
        Gets each row of the history as a dict as soon as it exists.
    gene_stats_reader : callable, optional
        From a range of cells to another way to read their statistics, see
        `scinno._preprocess.gene_stats.compute_gene_stats`.
    """

    scratch: ScratchSpace = field(default_factory=ScratchSpace)
    group: ProcessGroup = SINGLE_PROCESS
    checkpoint: Path | None = None
    progress: Progress | None = None
    callback: Callable[[dict[str, Any]], None] | None = None
    gene_stats_reader: Callable[[range], Any] | None = None

    def progress_of(self, task: str) -> Callable[[int, int], None] | None:
        """`progress` of one task: cells done, all cells."""
        progress = self.progress
        return None if progress is None else lambda done, of: progress(task, done, of)
