"""`fit`: the straight line from counts to clusters."""

from __future__ import annotations

import hashlib
import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from scinno._batch.labels import BatchLabels
from scinno._clusters.diagnostics import cluster_warnings
from scinno._clusters.initial_centers import initial_centers
from scinno._clusters.k_choice import KChoice
from scinno._clusters.n_clusters import estimate_n_clusters
from scinno._clusters.requested_k import RequestedK, check_n_clusters
from scinno._data.counts import InputKind
from scinno._data.source import BlockSource, as_source, scratch_of
from scinno._nn.inference import assign_cells, embed, embed_cells, view_codes
from scinno._nn.memberships import order_by_size
from scinno._nn.network import Network
from scinno._preprocess.inputs import Inputs
from scinno._preprocess.pca import pca_loadings
from scinno._preprocess.prepare import move_to_gpu, prepare
from scinno._result.batch_summary import batch_warnings, cluster_profiles, summarize_batches
from scinno._result.fit import Fit
from scinno._run import RunContext
from scinno._runtime.device import pick_device
from scinno._runtime.threads import one_thread
from scinno._runtime.torch_state import plain_torch
from scinno._runtime.validate import check_seed, checked
from scinno._settings.settings import Settings, resolve_settings
from scinno._train.batch_centers import share_centers
from scinno._train.batches import Batches
from scinno._train.checkpoint import Checkpoint, clear_checkpoint, values_digest
from scinno._train.loops import pretrain, refine
from scinno._train.phase import Row, Training, ended_early, history_table
from scinno._train.views import weigh_views

logger = logging.getLogger("scinno")


@checked
def fit(
    x: Any,
    n_clusters: int | tuple[int, int] | None = None,
    *,
    genes: Sequence[str] | None = None,
    input: InputKind = "auto",
    preset: str = "default",
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    checkpoint: str | Path | None = None,
    callback: Callable[[Row], None] | None = None,
    batch: Any = None,
    batch_force: bool = False,
    **overrides: Any,
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
        which K is estimated; or None, and K is estimated freely.
    genes : sequence of str, optional
        One unique name per gene; a DataFrame brings its own.
    input : {"auto", "counts", "log", "normalized"}
        What ``x`` holds: raw counts; values that are normalized and log-transformed; or normalized
        values without a logarithm (TPM, CPM) or fractional counts (SoupX, alevin, RSEM), which are
        treated as counts. "auto" takes whole numbers for counts and fractions for log values.
    preset : {"default", "paper"}
        Settings to start from; "paper" has the published constants, and tends to collapse.
    settings : Settings, optional
        All settings at once, in place of a preset.
    seed : int
        Same seed, machine and versions: same result, with any number of threads.
    device : str
        "auto" (CUDA where there is one, else CPU), "cpu", "cuda" or "cuda:N".
    checkpoint : path, optional
        Folder for the state of training. The same call with the same data resumes from it after
        the program was killed or training interrupted; it is removed when all epochs are done.
    callback : callable, optional
        Gets each row of `Fit.history` as a dict as soon as it exists.
    batch : sequence, (cells,), optional
        The batch of each cell, as its donor, chip or protocol: what sets batches apart is not to
        make clusters. A DataFrame makes a batch of each combination of its columns.
    batch_force : bool
        Bring batches together even if they seem to have nothing in common.
    **overrides
        Any field of `scinno.Settings`, over the preset or ``settings``.

    Returns
    -------
    Fit
        Labels, memberships and embedding in the order of the input. An interrupt (Ctrl-C) during
        training ends it early with a warning and the last good state.

    Raises
    ------
    TypeError
        ``x`` is not a numeric matrix; an unknown setting or one of the wrong type.
    ValueError
        NaN, infinite, negative or fractional counts, fractions too large to be logarithms,
        duplicate gene names, genes × cells,
        n_clusters or a setting out of range, fewer than two usable genes, unavailable device, a
        checkpoint of another run.

    Notes
    -----
    SCINNO: Modeling and Simulation 14(5), 818–828, 2025, doi 10.12677/mos.2025.145436.
    """
    resolved = resolve_settings(settings, preset, overrides)
    torch_device = pick_device(device)
    seed = check_seed(seed)
    folder = None if checkpoint is None else Path(checkpoint)
    context = RunContext(scratch_of(x), checkpoint=folder, callback=callback)
    source = as_source(x, genes, input, context.scratch, batch, batch_force)
    k = check_n_clusters(n_clusters, source.n_cells)
    result = fit_cells(source, k, resolved, seed, torch_device, context)
    if not ended_early(result.history):
        clear_checkpoint(folder)
    return result


def fit_cells(
    source: BlockSource,
    k: RequestedK,
    settings: Settings,
    seed: int,
    device: torch.device,
    context: RunContext,
) -> Fit:
    """Cluster checked cells; what all adapters call. Arguments and errors as `fit`."""
    with one_thread(), plain_torch():
        rng = np.random.default_rng(seed)
        training, inputs = start_training(source, k, settings, seed, device, context)
        pretrain(training)
        weigh_views(training, rng)
        choice = place_centers(training, k, rng)
        if not training.interrupted:
            refine(training)
        return _finish(training, inputs, seed, choice, source.batch)


def start_training(
    source: BlockSource,
    k: RequestedK,
    settings: Settings,
    seed: int,
    device: torch.device,
    context: RunContext,
) -> tuple[Training, Inputs]:
    """The prepared cells, and a network with random weights that is ready to be trained."""
    inputs = prepare(source, settings, context)
    if source.batch is not None:
        given = k if isinstance(k, int) else None
        inputs = share_centers(inputs, source.batch, given, settings.n_pcs, seed, context.group)
    inputs = move_to_gpu(inputs, device)
    loadings = torch.from_numpy(pca_loadings(inputs, settings.n_pcs, context.group))
    # First weights are drawn on the CPU so that they are the same on every device.
    generator = torch.Generator().manual_seed(seed)
    network = Network(loadings, settings, generator).to(device)
    training = Training(
        network,
        Batches(network, inputs, seed, context.group),
        context,
        _open_checkpoint(inputs, settings, seed, k, context),
        steps_per_epoch=settings.steps_per_epoch or -(-inputs.n_all // settings.batch_size),
        n_epochs=settings.pretrain_epochs + settings.joint_epochs,
    )
    return training, inputs


def place_centers(training: Training, k: RequestedK, rng: np.random.Generator) -> KChoice | None:
    """Set the initial centers, and choose their number if it was not given."""
    network, group = training.network, training.context.group
    code = training.batches.sample_codes()
    views, embedding = view_codes(network, code), embed(network, code)

    def on_main() -> tuple[KChoice | None, np.ndarray]:
        clustered = [views, embedding, views[:, network.n_pcs :]]
        if isinstance(k, int):
            return None, initial_centers(embedding, clustered, k, rng)
        found = estimate_k(network, code, views, rng, k)
        return found, initial_centers(embedding, clustered, found.n_clusters, rng)

    choice, centers = group.broadcast_object(on_main)
    network.set_centers(centers, embedding)
    group.broadcast_module(network)
    return choice


def estimate_k(
    network: Network,
    code: np.ndarray,
    views: np.ndarray,
    rng: np.random.Generator,
    within: tuple[int, int] | None,
) -> KChoice:
    """K of cells with these codes: clusters in both views, neighbors in the principal components.

    Parameters
    ----------
    code, views : ndarray of float32, (cells, latent)
        z_clean and its scaled views.
    """
    p = network.n_pcs
    return estimate_n_clusters(views, code[:, :p] if p else views, rng, within)


def _open_checkpoint(
    inputs: Inputs, settings: Settings, seed: int, k: RequestedK, context: RunContext
) -> Checkpoint:
    """The checkpoint of this run; one of other data or settings is refused when it is read."""
    run: dict[str, Any] = {}
    if context.checkpoint is not None:
        fixed = inputs.preprocessing
        run = {
            "cells": inputs.n_all,
            "genes": hashlib.sha256("\n".join(fixed.genes[fixed.selected]).encode()).hexdigest(),
            "values": values_digest(inputs, context.group),
            "settings": asdict(settings),
            "seed": seed,
            "n_clusters": list(k) if isinstance(k, tuple) else k,
        }
        if fixed.batches:
            run["batches"] = hashlib.sha256(fixed.center.tobytes()).hexdigest()
    return Checkpoint(context.checkpoint, run, context.group)


def _finish(
    training: Training,
    inputs: Inputs,
    seed: int,
    choice: KChoice | None,
    batch: BatchLabels | None,
) -> Fit:
    """Label all cells, number clusters by size, and warn of what went wrong if anything did."""
    network, context = training.network.eval().requires_grad_(False), training.context
    group, k = context.group, len(training.network.centers)
    code, embedding = embed_cells(network, inputs, context)
    _, labels = assign_cells(network, embedding, context)
    network.reorder_clusters(order_by_size(group.all_gather_rows(labels), k))
    memberships, labels = assign_cells(network, embedding, context)
    profiles = None if batch is None else cluster_profiles(inputs, labels, k, group)
    code, embedding, memberships, labels = (
        _on_main(own, inputs.n_all, context) for own in (code, embedding, memberships, labels)
    )
    network = network.cpu()
    n_alive, p = len(np.unique(labels)), network.n_pcs
    if n_alive < k and group.is_main:  # the other ranks have no rows
        logger.warning("only %d of %d clusters are alive: the others hold no cell", n_alive, k)
    doubts = cluster_warnings(code[:, :p] if p else code, labels) if group.is_main else ()
    info = None
    if batch is not None and profiles is not None and group.is_main:
        info = summarize_batches(batch, inputs, network, code, embedding, profiles)
        doubts = (*doubts, *batch_warnings(batch, info))
    if training.interrupted:
        kept = "" if context.checkpoint is None else f", and {context.checkpoint} resumes from it"
        warnings.warn(
            f"interrupted after {len(training.history)} of {training.n_epochs} epochs: "
            f"this is the last good state{kept}",
            stacklevel=4,
        )
    return Fit(
        labels=labels,
        memberships=memberships,
        embedding=embedding,
        latent=code,
        centers=network.centers.numpy(),
        history=history_table(training.history),
        k_evidence=None if choice is None else choice.table,
        warnings=doubts,
        settings=network.settings,
        seed=seed,
        preprocessing=inputs.preprocessing,
        network=network,
        batch_info=info,
    )


def _on_main(own: np.ndarray, n: int, context: RunContext) -> np.ndarray:
    """The rows of all cells on the main rank, none on the others."""
    group = context.group
    if group.is_single:
        return own
    shape = (n if group.is_main else 0, *own.shape[1:])
    return group.gather_rows_to_main(own, context.scratch.array(shape, own.dtype))
