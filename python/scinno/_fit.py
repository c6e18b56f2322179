"""`fit`: the straight line from counts to clusters."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from scipy.linalg import eigh
from torch import nn

from scinno._batches import Batches
from scinno._cluster_warnings import cluster_warnings
from scinno._counts import InputKind
from scinno._first_centres import first_centres, small_groups
from scinno._fuzzy import own_spread
from scinno._inputs import Inputs, prepare
from scinno._k_choice import KChoice
from scinno._n_clusters import estimate_n_clusters
from scinno._n_clusters_asked import Asked, check_n_clusters, whole
from scinno._network import Network
from scinno._placed import place_cells
from scinno._resident import with_resident
from scinno._result import Fit
from scinno._settings import Settings
from scinno._source import cells_of, telling
from scinno._threads import one_thread
from scinno._training import Row, Training, denoise, refine

logger = logging.getLogger("scinno")

# Cells that are dense at a time where all of them are summed up.
CELLS_PER_BLOCK = 2048


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
        return _fit(inputs, k, chosen, seed, where, callback)


def denoised(
    inputs: Inputs,
    settings: Settings,
    seed: int,
    where: torch.device,
    callback: Callable[[Row], None] | None,
    seeds: np.random.Generator,
) -> Training:
    """All that comes before clusters: DN trained, views weighed, attention started."""
    generator = torch.Generator(where).manual_seed(seed)
    network = _new_network(inputs, settings, seed, where)
    training = Training(
        network,
        Batches(network, inputs, generator),
        callback,
        steps=settings.steps_per_epoch or -(-inputs.n_cells // settings.batch_size),
        epochs=settings.epochs + settings.joint_epochs,
    )
    denoise(training)
    _settle(training, seeds)
    return training


def _fit(
    inputs: Inputs,
    asked: Asked,
    settings: Settings,
    seed: int,
    where: torch.device,
    callback: Callable[[Row], None] | None,
) -> Fit:
    seeds = np.random.default_rng(seed)
    training = denoised(inputs, settings, seed, where, callback, seeds)
    network = training.network
    code = training.batches.codes()
    p = network.axes.shape[1]
    directions, embedding = network.directions_of(code), network.attended(code)
    choice = None
    if isinstance(asked, int):
        k = asked
    else:
        choice = choice_of(network, code, directions, seeds, asked)
        k = choice.k
    deep = directions[:, p:]
    centres = first_centres(embedding, [directions, embedding, deep], k, seeds)
    network.centres = nn.Parameter(torch.from_numpy(centres).to(where))
    if settings.collapse_guard:
        network.unit.fill_(own_spread(torch.from_numpy(embedding), torch.from_numpy(centres)))
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


def pick_device(device: str) -> torch.device:
    """The torch device for "auto", "cpu", "cuda" or "cuda:N".

    Raises
    ------
    ValueError
        Not a device, or one this machine does not have.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        where = torch.device(device)
    except (RuntimeError, TypeError):
        where = None
    if where is None or where.type not in ("cpu", "cuda"):
        raise ValueError(f"device must be 'auto', 'cpu', 'cuda' or 'cuda:N', got {device!r}")
    if where.type == "cuda" and (where.index or 0) >= torch.cuda.device_count():
        raise ValueError(
            f"device {device!r} is not available: PyTorch {torch.__version__} sees "
            f"{torch.cuda.device_count()} CUDA device(s); use device='cpu' or 'auto'"
        )
    return where


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


def principal_axes(inputs: Inputs, p: int) -> np.ndarray:
    """First ``p`` principal axes of the scaled values, float32 (kept, p).

    From the covariance, summed over blocks of cells: exact, and never more than a block is dense.
    The largest entry of each axis is positive, so that no axis depends on the solver's sign.
    """
    p = min(p, inputs.n_cells - 1, inputs.n_kept - 1)
    if p < 1:
        return np.zeros((inputs.n_kept, 0), dtype=np.float32)
    if inputs.resident is None:
        products = np.zeros((inputs.n_kept, inputs.n_kept))
        for block in inputs.blocks(CELLS_PER_BLOCK):
            wide = block.astype(np.float64)
            products += wide.T @ wide
    else:
        products = inputs.resident.products()
    last = inputs.n_kept - 1
    axes = eigh(products / inputs.n_cells, subset_by_index=(last - p + 1, last))[1][:, ::-1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(p)])
    return np.ascontiguousarray(axes, dtype=np.float32)


def _settle(training: Training, seeds: np.random.Generator) -> None:
    """After DN: weigh the views, choose what cells attend to, and let attention start there."""
    network = training.network
    settings = network.settings
    code = training.batches.codes()
    if settings.collapse_guard:
        _weigh(network, code)
    codes = network.directions_of(code)
    if settings.collapse_guard:
        bank = small_groups(codes, settings.anchors, 2, seeds)[0].astype(np.float32)
    else:  # the paper's cells attend to their batch: afterwards, to one fixed batch of cells
        drawn = seeds.choice(len(codes), min(settings.anchors, len(codes)), replace=False)
        bank = codes[np.sort(drawn)]
    network.anchors = torch.from_numpy(bank).to(network.device)
    if network.attention is not None and settings.collapse_guard:
        some = np.sort(seeds.choice(len(codes), min(1000, len(codes)), replace=False))
        z = network.unit_length(torch.from_numpy(codes[some]).to(network.device))
        generator = torch.Generator().manual_seed(int(seeds.integers(2**31)))
        network.attention.start_as_neighbourhood(
            z, network.unit_length(network.anchors), settings.attended_anchors, generator
        )


def _weigh(network: Network, code: np.ndarray) -> None:
    """Bring both views of the code to one total variance, the deep one then to its weight."""
    p = network.axes.shape[1]
    if p:
        network.reach.fill_(max(float(np.median(np.linalg.norm(code[:, :p], axis=1))), 1e-6))
    views = network.directions_of(code)
    stretch = np.ones(code.shape[1], dtype=np.float32)
    for part, weight in ((slice(0, p), 1.0), (slice(p, None), network.settings.deep_weight)):
        spread = float(np.sqrt(views[:, part].var(0).sum()))
        stretch[part] = weight / max(spread, 1e-6)
    network.stretch.copy_(torch.from_numpy(stretch))


def _finish(training: Training, inputs: Inputs, seed: int, choice: KChoice | None) -> Fit:
    """Number clusters by size, freeze everything, and say what went wrong if anything did."""
    network = training.network.eval().requires_grad_(False)
    code, embedding, memberships, labels = place_cells(
        network, inputs, telling(inputs.told, "placing")
    )
    network = network.cpu()
    k, live = len(network.centres), len(np.unique(labels))
    if live < k:
        logger.warning("only %d of %d clusters are alive: the others hold no cell", live, k)
    p = network.axes.shape[1]
    said = cluster_warnings(code[:, :p] if p else code, labels)
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
