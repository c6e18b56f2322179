"""`tune`: settings for these cells, searched for without labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import scipy.sparse as sp
import torch

from scinno._clusters.requested_k import RequestedK, check_n_clusters
from scinno._data.adata import matrix_of
from scinno._data.counts import InputKind
from scinno._data.source import BlockSource, as_source, scratch_of
from scinno._runtime.device import pick_device
from scinno._runtime.validate import check_integer, check_seed, checked
from scinno._settings.settings import Settings, resolve_settings
from scinno._tune.cells import digests, sample_of
from scinno._tune.clock import Clock, OutOfTime, check_budget
from scinno._tune.result import Tuning
from scinno._tune.search import Search
from scinno._tune.space import Space, check_space
from scinno._tune.study import check_study, import_optuna, open_study, quiet_optuna
from scinno._tune.table import best_of, table_of
from scinno._tune.trial import Judge, estimated_k


@dataclass(frozen=True)
class Plan:
    """What a caller has requested of a search, checked.

    Attributes
    ----------
    budget : float
    n_trials : int or None
    space : mapping or None
    study : Path or None
    settings : Settings
        Where the search starts.
    seed : int
    device : torch.device
    """

    budget: float
    n_trials: int | None
    space: Mapping[str, Sequence[Any]] | None
    study: Path | None
    settings: Settings
    seed: int
    device: torch.device


@checked
def tune(
    x: Any,
    n_clusters: int | tuple[int, int] | None = None,
    *,
    budget: float = 600.0,
    n_trials: int | None = None,
    space: Mapping[str, Sequence[Any]] | None = None,
    study: str | Path | None = None,
    layer: str | None = None,
    genes: Sequence[str] | None = None,
    input: InputKind = "auto",
    preset: str = "default",
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    callback: Callable[[dict[str, Any]], None] | None = None,
    **overrides: Any,
) -> Tuning:
    """Search for settings that suit these cells, without labels.

    The molecules of each cell are divided into two halves at random. A trial clusters one half and
    is scored by what its clusters explain of the other, times the agreement of the clusters of both
    halves. The first trial has the settings that the call gives; others are recommended only if
    they are better on fresh halves, too, by more than the spread between these. Needs the extra
    ``scinno[tune]``.

    Parameters
    ----------
    x : AnnData, or any matrix that `scinno.fit` takes, (cells, genes)
        Raw counts, as in `scinno.fit` or `scinno.cluster`. Never written to. Of more than 2000
        cells a random sample is looked at.
    n_clusters : int or (int, int), optional
        K of all trials; estimated once, with the first settings, where it is not one number.
    budget : float
        Seconds, 10 or more, within which the call ends: before each step that cannot be
        interrupted it is estimated whether it still fits.
    n_trials : int, optional
        Most trials of this call; default as many as the budget allows.
    space : mapping of str to sequence, optional
        Names of settings and the values that are tried; default a few values of ``n_genes``,
        ``noise``, ``n_latent``, ``n_pcs`` and ``encoder_weight``.
    study : path, optional
        SQLite file of Optuna that keeps all trials. The same call with the same data goes on from
        it. One program at a time.
    layer : str, optional
        For an AnnData: layer that holds the counts; default ``x.X``.
    genes, input, preset, settings, device, **overrides
        As in `scinno.fit`. Settings are those of the first trial; ``input`` must not be "log" or
        "normalized".
    seed : int
        Same seed: same trials in the same order. Their number depends on the budget and the
        machine, unless ``n_trials`` ends the search first.
    callback : callable, optional
        Gets the row of the table of each trial, as a dict, when the trial has ended.

    Returns
    -------
    Tuning
        ``settings`` for `scinno.fit`, ``table`` of all trials, ``reason`` as a sentence. An
        interrupt (Ctrl-C) gives what was tried so far, with a warning.

    Raises
    ------
    ModuleNotFoundError
        Optuna is not installed, with the command that installs it.
    TypeError, ValueError, KeyError
        As `scinno.fit` and `scinno.cluster`; values that are not raw counts; ``budget``,
        ``n_trials`` or ``space`` out of range; a study of other data, settings or space.
    FileNotFoundError
        The folder of ``study`` does not exist.
    """
    clock = Clock(check_budget(budget))
    import_optuna()
    plan = Plan(
        clock.budget,
        check_n_trials(n_trials),
        space,
        check_study(study),
        resolve_settings(settings, preset, overrides),
        check_seed(seed),
        pick_device(device),
    )
    if isinstance(x, ad.AnnData):
        genes = list(x.var_names) if genes is None else genes
        x = matrix_of(x, layer)
    elif layer is not None:
        raise TypeError(f"layer={layer!r} is for an AnnData, and x is a {type(x).__name__}")
    source = as_source(x, genes, input, scratch_of(x))
    return tune_cells(source, n_clusters, plan, clock, callback)


def tune_cells(
    source: BlockSource,
    n_clusters: Any,
    plan: Plan,
    clock: Clock,
    callback: Callable[[dict[str, Any]], None] | None = None,
) -> Tuning:
    """Search for settings of checked cells; arguments and errors as `tune`."""
    space = check_space(plan.space, plan.settings, source.reader.shape[1])
    check_n_clusters(n_clusters, source.n_cells)  # before these are read
    fixed, search, gains = None, None, np.zeros(0)
    with quiet_optuna(), suppress(OutOfTime):  # before the first trial
        counts = sample_of(source, clock)
        k = check_n_clusters(n_clusters, counts.shape[0])
        first = {name: getattr(plan.settings, name) for name in space}
        study = open_study(plan.study, _description(source, counts, k, space, plan), first)
        fixed = k if isinstance(k, int) else _estimated(study, counts, k, plan, clock)
        judge = Judge(counts, plan.settings, fixed, plan.seed, plan.device, clock)
        search = Search(space, plan.seed, judge, study, callback)
        gains = search.run(plan.n_trials)
    table = table_of(None if search is None else search.study, space)
    if search is not None and search.interrupted:
        finished = int((table["state"] == "complete").sum())
        warnings.warn(
            f"interrupted after {finished} finished trials: the table holds what was tried",
            stacklevel=3,
        )
    best = None if search is None else best_of(search.study)
    better = plan.settings if best is None else plan.settings.replace(best.params)
    confirmed = len(gains) > 1 and gains.mean() > gains.std(ddof=1)
    return Tuning(
        settings=better if confirmed else plan.settings,
        start=plan.settings,
        best=better,
        n_clusters=fixed,
        table=table,
        gains=gains,
        budget=plan.budget,
        seconds=clock.used,
    )


def check_n_trials(n_trials: Any) -> int | None:
    """A number of trials or None; errors as `check_integer`."""
    return None if n_trials is None else check_integer(n_trials, "n_trials", 1, 1_000_000)


def _estimated(
    study: Any, counts: sp.csr_matrix, within: tuple[int, int] | None, plan: Plan, clock: Clock
) -> int:
    """K of all trials where it was not given, which the study keeps."""
    if "K" not in study.user_attrs:
        found = estimated_k(counts, within, plan.settings, plan.seed, plan.device, clock)
        study.set_user_attr("K", found)
    return int(study.user_attrs["K"])


def _description(
    source: BlockSource, counts: sp.csr_matrix, k: RequestedK, space: Space, plan: Plan
) -> dict[str, Any]:
    """What distinguishes this search from others, as plain values."""
    return {
        "cells": source.n_cells,
        **digests(source, counts),
        "n_clusters": list(k) if isinstance(k, tuple) else k,
        "settings": asdict(plan.settings),
        "space": {name: list(tried) for name, tried in space.items()},
        "seed": plan.seed,
    }
