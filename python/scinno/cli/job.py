"""One run of ``scinno cluster``: everything the user requested, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from scinno._settings.settings import Settings


@dataclass(frozen=True)
class ClusterJob:
    """One run of ``scinno cluster`` or ``scinno demo``.

    Attributes
    ----------
    input_path : Path or None
        What is clustered; None for the cells of the demo.
    n_clusters : int, (int, int) or None
    out : Path
        Folder for the results.
    settings : Settings
    seed : int
    device, input : str
        As in `scinno.fit`.
    layer, label_key : str, optional
    batch_key : tuple of str
        Columns of obs that name the batch of each cell.
    batch_force : bool
    spatial_key, library_key, n_domains, smoothing
        As in `scinno.cluster`.
    unassigned : float, optional
    backed : bool, optional
        Whether cells are read in blocks; None decides by their number.
    checkpoint : Path, optional
    scheduler : str, optional
        Address of a Dask scheduler.
    report, force, quiet, as_json : bool
    """

    input_path: Path | None
    n_clusters: int | tuple[int, int] | None
    out: Path
    settings: Settings
    seed: int = 0
    device: str = "auto"
    input: str = "auto"
    layer: str | None = None
    label_key: str | None = None
    batch_key: tuple[str, ...] = ()
    batch_force: bool = False
    spatial_key: str | None = None
    library_key: str | None = None
    n_domains: int | tuple[int, int] | None = None
    smoothing: int | Literal["auto"] = "auto"
    unassigned: float | None = None
    backed: bool | None = None
    checkpoint: Path | None = None
    scheduler: str | None = None
    report: bool = False
    force: bool = False
    quiet: bool = False
    as_json: bool = False

    @property
    def prints_text(self) -> bool:
        return not self.quiet and not self.as_json


def settings_of(preset: str, overrides: dict[str, Any]) -> Settings:
    """A preset with the settings of ``--set``; errors as `Settings`."""
    return Settings.from_preset(preset).replace(overrides)


def parse_n_clusters(
    text: str | None, option: str = "--n-clusters"
) -> int | tuple[int, int] | None:
    """``K`` as a number, ``LOW:HIGH`` as two.

    Raises
    ------
    ValueError
        Neither of both.
    """
    if text is None:
        return None
    try:
        ends: Sequence[int] = [int(part) for part in text.split(":")]
    except ValueError:
        ends = []
    if len(ends) == 1:
        return ends[0]
    if len(ends) == 2:
        return ends[0], ends[1]
    raise ValueError(f"{option} must be a whole number or a range such as 5:12, got {text!r}")


def parse_smoothing(text: str) -> int | Literal["auto"]:
    """Rounds as a number, or "auto"; ValueError for anything else."""
    if text == "auto":
        return "auto"
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"--smoothing must be auto or a number of rounds, got {text!r}") from None
