"""`choose_k`: how many clusters, without clustering to the end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import anndata as ad
import numpy as np

from scinno._anndata.cluster import matrix_of
from scinno._clusters.k_choice import KChoice
from scinno._clusters.requested_k import check_n_clusters, whole
from scinno._data.counts import InputKind
from scinno._data.source import cells_of
from scinno._fit import choice_of, denoised
from scinno._preprocess.gpu_values import with_resident
from scinno._preprocess.inputs import prepare
from scinno._runtime.device import pick_device
from scinno._runtime.threads import one_thread
from scinno._settings import Settings
from scinno._train.loops import Row


def choose_k(
    x: Any,
    within: tuple[int, int] | None = None,
    *,
    layer: str | None = None,
    genes: Sequence[str] | None = None,
    input: InputKind = "auto",
    preset: str = "default",
    seed: int = 0,
    device: str = "auto",
    callback: Callable[[Row], None] | None = None,
    **settings: Any,
) -> KChoice:
    """Estimate the number of clusters, with its evidence.

    Only the denoising network is trained, no clusters are refined. `scinno.fit` with the same
    arguments chooses the same number.

    Parameters
    ----------
    x : AnnData, or any matrix that `scinno.fit` takes, (cells, genes)
        As in `scinno.fit` or `scinno.cluster`. Never written to.
    within : (int, int), optional
        Least and largest number that may be chosen; default from 2 to 30, fewer for few cells.
    layer : str, optional
        For an AnnData: layer that holds the counts; default ``x.X``.
    genes, input, preset, seed, device, callback, **settings
        As in `scinno.fit`.

    Returns
    -------
    KChoice
        ``k``, ``runner_up``, ``table``, ``warnings``, and ``reason`` as a sentence.

    Raises
    ------
    TypeError, ValueError, KeyError
        As `scinno.fit` and `scinno.cluster`; TypeError also where ``within`` is one number.
    """
    chosen = Settings.make(preset, settings)
    where = pick_device(device)
    seed = whole(seed, "seed", 0, 2**63 - 1)
    if isinstance(within, int | float):
        raise TypeError(f"within must be a range, as in (5, 12), got {within!r}")
    if isinstance(x, ad.AnnData):
        genes = list(x.var_names) if genes is None else genes
        x = matrix_of(x, layer)
    elif layer is not None:
        raise TypeError(f"layer={layer!r} is for an AnnData, and x is a {type(x).__name__}")
    cells = cells_of(x, genes, input)
    asked = check_n_clusters(within, cells.n_cells)
    assert not isinstance(asked, int)
    # The refinement, which is left out, must not count among the epochs of the progress.
    chosen = replace(chosen, joint_epochs=0)
    with one_thread():
        inputs = with_resident(prepare(cells, chosen), where)
        seeds = np.random.default_rng(seed)
        training = denoised(inputs, chosen, seed, where, callback, seeds)
        network, code = training.network, training.batches.codes()
        choice = choice_of(network, code, network.directions_of(code), seeds, asked)
    if training.interrupted:
        warnings.warn(
            f"interrupted after {len(training.history)} of {training.epochs} epochs: K is of the "
            "last good state",
            stacklevel=2,
        )
    return choice
