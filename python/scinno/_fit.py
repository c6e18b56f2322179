"""`fit`: the straight line from counts to clusters."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from scinno._clusters.diagnostics import cluster_warnings
from scinno._clusters.initial_centers import first_centres
from scinno._clusters.k_choice import KChoice
from scinno._clusters.n_clusters import estimate_n_clusters
from scinno._clusters.requested_k import Asked, check_n_clusters, whole
from scinno._data.counts import InputKind
from scinno._data.source import Source, cells_of, telling
from scinno._nn.inference import place_cells
from scinno._nn.memberships import own_spread
from scinno._nn.network import Network
from scinno._preprocess.gpu_values import with_resident
from scinno._preprocess.inputs import Inputs, prepare
from scinno._preprocess.pca import principal_axes
from scinno._result.fit import Fit
from scinno._runtime.device import pick_device
from scinno._runtime.threads import one_thread
from scinno._settings import Settings
from scinno._train.batches import Batches
from scinno._train.checkpoint import NOWHERE, Checkpoint
from scinno._train.loops import Row, Training, denoise, refine
from scinno._train.views import settle_views

logger = logging.getLogger("scinno")


def fit(
    x: Any,
    n_clusters: int | tuple[int, int] | None = None,
    *,
    genes: Sequence[str] | None = None,
    input: InputKind = "auto",
    preset: str = "default",
    seed: int = 0,
    device: str = "auto",
    callback: Callable[[Row], None] | None = None,
    **settings: Any,
) -> Fit:
    """Cluster cells by their expression.

    Parameters
    ----------
    x : ndarray, scipy sparse matrix or array, DataFrame, or backed or lazy matrix, (cells, genes)
        Raw counts, of any integer dtype, float32 or float64. Never written to. What is on the disk
        (``X`` of an AnnData opened with ``backed="r"``, a dask array, data sets of h5py and zarr)
        is read in blocks, with the same result.
    n_clusters : int or (int, int), optional
        K, from 2 to half the number of cells; a range ``(low, high)``, both ends included, within
        which K is estimated; or nothing, and K is estimated freely.
    genes : sequence of str, optional
        One unique name per gene; a DataFrame brings its own.
    input : {"auto", "counts", "log"}
        What ``x`` holds: raw counts, or values already normalised and log-transformed.
    preset : {"default", "paper"}
        Settings to start from; "paper" has the published constants, and tends to collapse.
    seed : int
        Same seed, machine and number of threads: same result.
    device : str
        "auto" (CUDA where there is one, else CPU), "cpu", "cuda" or "cuda:N".
    callback : callable, optional
        Gets each row of `Fit.history` as a dict as soon as it exists.
    **settings
        Any field of `scinno.Settings`, over the preset.

    Returns
    -------
    Fit
        Labels, memberships and embedding in the order of the input. An interrupt (Ctrl-C) during
        training ends it early with a warning and the last good state.

    Raises
    ------
    TypeError
        ``x`` is no numeric matrix; an unknown setting or one of the wrong type.
    ValueError
        NaN, infinite, negative or fractional counts, duplicate gene names, genes × cells,
        n_clusters or a setting out of range, fewer than two usable genes, unavailable device.

    Notes
    -----
    SCINNO: Modeling and Simulation 14(5), 818–828, 2025, doi 10.12677/mos.2025.145436.
    """
    chosen = Settings.make(preset, settings)
    where = pick_device(device)
    seed = whole(seed, "seed", 0, 2**63 - 1)
    cells = cells_of(x, genes, input)
    k = check_n_clusters(n_clusters, cells.n_cells)
    with one_thread():
        inputs = with_resident(prepare(cells, chosen), where)
        checkpoint = NOWHERE
        if isinstance(cells, Source):
            checkpoint = cells.checkpoint.of(_about(inputs, chosen, seed, k), inputs.team)
        return _fit(inputs, k, chosen, seed, where, callback, checkpoint)


def denoised(
    inputs: Inputs,
    settings: Settings,
    seed: int,
    where: torch.device,
    callback: Callable[[Row], None] | None,
    seeds: np.random.Generator,
    checkpoint: Checkpoint = NOWHERE,
) -> Training:
    """All that comes before clusters: DN trained, views weighed, attention started."""
    network = _new_network(inputs, settings, seed, where)
    training = Training(
        network,
        Batches(network, inputs, seed),
        callback,
        steps=settings.steps_per_epoch or -(-inputs.n_all // settings.batch_size),
        epochs=settings.epochs + settings.joint_epochs,
        checkpoint=checkpoint,
    )
    denoise(training)
    settle_views(training, seeds)
    return training


def _about(inputs: Inputs, settings: Settings, seed: int, asked: Asked) -> dict[str, Any]:
    """What tells a run's checkpoint from another's, in plain values."""
    fixed = inputs.preprocessing
    return {
        "cells": inputs.n_all,
        "genes": hashlib.sha256("\n".join(fixed.genes[fixed.kept]).encode()).hexdigest(),
        "settings": asdict(settings),
        "seed": seed,
        "n_clusters": list(asked) if isinstance(asked, tuple) else asked,
    }


def _fit(
    inputs: Inputs,
    asked: Asked,
    settings: Settings,
    seed: int,
    where: torch.device,
    callback: Callable[[Row], None] | None,
    checkpoint: Checkpoint,
) -> Fit:
    seeds = np.random.default_rng(seed)
    training = denoised(inputs, settings, seed, where, callback, seeds, checkpoint)
    network = training.network
    code = training.batches.codes()
    p = network.axes.shape[1]
    directions, embedding = network.directions_of(code), network.attended(code)

    def start() -> tuple[KChoice | None, np.ndarray]:
        views = [directions, embedding, directions[:, p:]]
        if isinstance(asked, int):
            return None, first_centres(embedding, views, asked, seeds)
        found = choice_of(network, code, directions, seeds, asked)
        return found, first_centres(embedding, views, found.k, seeds)

    choice, centres = inputs.team.from_first(start)
    network.centres = nn.Parameter(torch.from_numpy(centres).to(where))
    if settings.collapse_guard:
        network.unit.fill_(own_spread(torch.from_numpy(embedding), torch.from_numpy(centres)))
    inputs.team.same(network)
    if not training.interrupted:
        refine(training)
    return _finish(training, inputs, seed, choice)


def choice_of(
    network: Network,
    code: np.ndarray,
    directions: np.ndarray,
    seeds: np.random.Generator,
    within: tuple[int, int] | None,
) -> KChoice:
    """K for cells with these codes: clusters in both views, neighbours in the linear one."""
    p = network.axes.shape[1]
    return estimate_n_clusters(directions, code[:, :p] if p else directions, seeds, within)


def _new_network(
    inputs: Inputs,
    settings: Settings,
    seed: int,
    where: torch.device,
) -> Network:
    """A network with random weights, and the data's principal axes for its linear path."""
    axes = principal_axes(inputs, settings.linear)
    # First weights are drawn on the CPU so that they are the same on every device.
    generator = torch.Generator().manual_seed(seed)
    g, p = axes.shape
    network = Network(g, p, 0, 0, settings, generator)
    network.axes = torch.from_numpy(axes)
    return network.to(where)


def _finish(training: Training, inputs: Inputs, seed: int, choice: KChoice | None) -> Fit:
    """Number clusters by size, freeze everything, and say what went wrong if anything did."""
    network = training.network.eval().requires_grad_(False)
    code, embedding, memberships, labels = place_cells(
        network, inputs, telling(inputs.told, "placing")
    )
    network = network.cpu()
    first = inputs.team.first  # the others have no rows
    k, live = len(network.centres), len(np.unique(labels))
    if live < k and first:
        logger.warning("only %d of %d clusters are alive: the others hold no cell", live, k)
    p = network.axes.shape[1]
    said = cluster_warnings(code[:, :p] if p else code, labels) if first else ()
    if training.interrupted:
        warnings.warn(
            f"interrupted after {len(training.history)} of {training.epochs} epochs: "
            "this is the last good state",
            stacklevel=3,
        )
    return Fit(
        labels=labels,
        memberships=memberships,
        embedding=embedding,
        code=code,
        centres=network.centres.numpy(),
        history=pd.DataFrame(training.history),
        k_evidence=None if choice is None else choice.table,
        warnings=said,
        settings=network.settings,
        seed=seed,
        preprocessing=inputs.preprocessing,
        network=network,
    )
