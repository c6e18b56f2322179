"""`fit`: the straight line from counts to clusters."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from torch import nn

from scinno._counts import InputKind, as_counts
from scinno._fuzzy import order_by_size, own_spread
from scinno._inputs import Inputs, prepare
from scinno._n_clusters import estimate_n_clusters
from scinno._network import Network
from scinno._result import Fit
from scinno._settings import Settings
from scinno._training import Row, Training, denoise, refine

logger = logging.getLogger("scinno")


def fit(
    x: Any,
    n_clusters: int | None = None,
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
    x : ndarray, scipy sparse matrix or array, or DataFrame, (cells, genes)
        Raw counts, of any integer dtype, float32 or float64. Never written to.
    n_clusters : int, optional
        K, from 2 to half the number of cells; estimated when not given.
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
    seed = _whole(seed, "seed", 0, 2**63 - 1)
    counts = as_counts(x, genes, input)
    k = _check_n_clusters(n_clusters, counts.matrix.shape[0])
    inputs = prepare(counts, chosen)

    generator = torch.Generator(where).manual_seed(seed)
    seeds = np.random.default_rng(seed)
    network = _new_network(inputs, chosen, generator, where, seeds)
    epochs = chosen.epochs + chosen.joint_epochs
    training = Training(network, inputs, generator, callback, epochs)
    denoise(training)
    _settle(network, inputs, seeds)
    _, embedding = network.embed(inputs)
    if k is None:
        k = estimate_n_clusters(embedding, seeds)
    centres = first_centres(embedding, k, seeds)
    network.centres = nn.Parameter(torch.from_numpy(centres).to(where))
    if chosen.collapse_guard:
        network.unit.fill_(own_spread(torch.from_numpy(embedding), torch.from_numpy(centres)))
    refine(training)
    return _finish(training, chosen, seed)


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


def _whole(value: Any, name: str, low: int, high: int) -> int:
    """``value`` as int; whole floats pass because R's 10 is one."""
    good = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if not good or float(value) != int(value):
        raise TypeError(f"{name} must be a whole number, got {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low} to {high}, got {int(value)}")
    return int(value)


def _check_n_clusters(n_clusters: Any, n_cells: int) -> int | None:
    if n_cells < 4:
        raise ValueError(f"x must hold at least 4 cells to be clustered, got {n_cells}")
    if n_clusters is None:
        return None
    if n_cells < n_clusters:
        raise ValueError(f"n_clusters={n_clusters} asks for more clusters than the {n_cells} cells")
    return _whole(n_clusters, f"n_clusters (with {n_cells} cells)", 2, n_cells // 2)


def _new_network(
    inputs: Inputs,
    settings: Settings,
    generator: torch.Generator,
    where: torch.device,
    seeds: np.random.Generator,
) -> Network:
    """A network with random weights and, as its linear path, the data's principal axes."""
    axes = principal_axes(inputs, settings.linear, seeds)
    # First weights are drawn on the CPU so that they are the same on every device.
    cpu = torch.Generator().manual_seed(generator.initial_seed())
    network = Network(inputs.n_kept, axes.shape[1], 0, 0, settings, cpu)
    network.axes = torch.from_numpy(axes)
    return network.to(where)


def principal_axes(inputs: Inputs, p: int, seeds: np.random.Generator) -> np.ndarray:
    """First ``p`` principal axes of the scaled values, float32 (kept, p)."""
    p = min(p, *(side - 1 for side in inputs.values.shape))
    if p < 1:
        return np.zeros((inputs.n_kept, 0), dtype=np.float32)
    scaled = inputs.values.multiply(1 / inputs.preprocessing.scale).tocsr()
    state = int(seeds.integers(2**31))
    model = PCA(p, svd_solver="arpack", random_state=state).fit(scaled.astype(np.float64))
    return np.ascontiguousarray(model.components_.T, dtype=np.float32)


def _settle(network: Network, inputs: Inputs, seeds: np.random.Generator) -> None:
    """After DN: bring both paths to one scale, and choose the codes that cells attend to."""
    settings, p = network.settings, network.axes.shape[1]
    code, _ = network.embed(inputs)
    if p:  # with one path the code stays as the encoder gives it, as in the paper
        network.shift.copy_(torch.from_numpy(code.mean(0)))
        for path in (slice(0, p), slice(p, None)):
            spread = max(float(np.sqrt(code[:, path].var(0).sum())), 1e-6)
            network.stretch[path] = 1 / spread
        code = (code - network.shift.cpu().numpy()) * network.stretch.cpu().numpy()
    if settings.collapse_guard and len(code) > settings.anchors:
        anchors = _k_means(code, settings.anchors, seeds, restarts=1)
    else:
        drawn = seeds.choice(len(code), min(settings.anchors, len(code)), replace=False)
        anchors = code[np.sort(drawn)]
    network.anchors = torch.from_numpy(np.ascontiguousarray(anchors)).to(network.device)


def first_centres(embedding: np.ndarray, k: int, seeds: np.random.Generator) -> np.ndarray:
    """Centres to start the joint phase from, float32 (k, latent)."""
    return _k_means(embedding, k, seeds, restarts=10)


def _k_means(z: np.ndarray, k: int, seeds: np.random.Generator, restarts: int) -> np.ndarray:
    state = int(seeds.integers(2**31))
    return KMeans(k, n_init=restarts, random_state=state).fit(z).cluster_centers_.astype("float32")


def _finish(training: Training, settings: Settings, seed: int) -> Fit:
    """Number clusters by size, freeze everything, and say what went wrong if anything did."""
    network, inputs = training.network.cpu().eval().requires_grad_(False), training.inputs
    code, embedding = network.embed(inputs)
    k = len(network.centres)
    order = order_by_size(network.memberships(embedding).argmax(axis=1), k)
    network.centres = nn.Parameter(network.centres[order].clone(), requires_grad=False)
    memberships = network.memberships(embedding)
    labels = memberships.argmax(axis=1).astype(np.int32)
    live = len(np.unique(labels))
    if live < k:
        logger.warning("only %d of %d clusters are alive: the others hold no cell", live, k)
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
        settings=settings,
        seed=seed,
        preprocessing=inputs.preprocessing,
        network=network,
    )
