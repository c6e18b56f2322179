"""What a run in blocks will take, estimated before it starts."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from scinno._clusters.subsample import MAX_SAMPLE
from scinno._data.blocks import BLOCK
from scinno._runtime.memory import amount, available_memory
from scinno._runtime.scratch import MAX_BYTES_IN_MEMORY
from scinno._settings.settings import Settings

# Python, torch and scanpy, and pictures of 20,000 cells.
PROGRAM = 900_000_000
# Names, tables and library sizes, per cell.
PER_CELL = 600
# Copies of the codes among which initial centers are found.
COPIES = 8
# Seconds of one core: per stored value of both readings, per cell of everything after, per cell and
# gene of a training step, and of initial centers and pictures. Measured on a million cells: 194 s
# from file to fit, 480 s with everything written (docs/large.md).
PER_VALUE, LABELING, TRAINING, PICTURES = 1.6e-7, 8e-5, 1.2e-7, 250


@dataclass(frozen=True)
class Estimate:
    """Bytes of memory and disk that this machine's processes need together, and seconds."""

    cells: int
    genes: int
    memory: float
    disk: float
    seconds: float
    processes: int = 1

    def __str__(self) -> str:
        minutes = max(1, round(self.seconds / 60))
        by = "" if self.processes == 1 else f" by {self.processes} processes"
        return (
            f"{self.cells:,} cells × {self.genes:,} genes, read in blocks{by}: about "
            f"{self.memory / 1e9:.1f} GB of memory, {self.disk / 1e9:.1f} GB of disk and "
            f"{minutes} minute(s)"
        )


def estimate(
    cells: int, genes: int, stored: int, settings: Settings, processes: int = 1, here: int = 1
) -> Estimate:
    """For ``stored`` values above 0 in all cells.

    Parameters
    ----------
    processes, here : int
        Of the process group, and how many of them are on this machine.
    """
    kept = min(settings.n_genes, genes)
    width = 4 * (settings.n_pcs + settings.n_latent)
    sample = min(cells, MAX_SAMPLE)
    values = stored * max(kept / genes, 0.15)  # variable genes hold more than their share
    arrays = (6 * values, cells * width, cells * width, cells * 80)
    own = tuple(size / processes for size in arrays)
    # The main rank also gathers the rows of all.
    whole = arrays[1:] if processes > 1 else ()
    files = here * sum(size for size in own if size > MAX_BYTES_IN_MEMORY)
    disk = files + sum(size for size in whole if size > MAX_BYTES_IN_MEMORY) + cells * (width + 300)
    each = (
        PROGRAM
        + COPIES * sample * width
        + 40 * stored / cells * min(cells, BLOCK)
        + sum(min(size, MAX_BYTES_IN_MEMORY) for size in own)
    )
    memory = here * each + cells * PER_CELL + sum(min(size, MAX_BYTES_IN_MEMORY) for size in whole)
    epochs = settings.pretrain_epochs + settings.joint_epochs
    steps = epochs * (settings.steps_per_epoch or cells / settings.batch_size)
    training = steps * settings.batch_size * kept * TRAINING
    seconds = PICTURES + (training + stored * PER_VALUE + cells * LABELING) / processes
    return Estimate(cells, genes, memory, disk, seconds, processes)


def check_resources(needed: Estimate, folder: Path) -> None:
    """Refuse what would end in a killed program or a full disk half an hour later.

    Raises
    ------
    ValueError
        Too little memory, or too little space in ``folder``, with both numbers.
    """
    available = available_memory()
    if needed.memory > available:
        raise ValueError(
            f"{needed.cells:,} cells need about {needed.memory / 1e9:,.1f} GB of memory even in "
            f"blocks, and {available / 1e9:,.1f} GB are available: take fewer cells or a larger "
            "machine"
        )
    free = shutil.disk_usage(folder).free
    if needed.disk > free:
        raise ValueError(
            f"{needed.cells:,} cells need about {amount(needed.disk)} of disk in {folder}, "
            f"and {amount(free)} are free: choose --out on a larger disk"
        )
