"""`choose_k`: how many clusters, without clustering to the end."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import anndata as ad
import numpy as np
import torch

from scinno._batch.columns import batch_of
from scinno._clusters.k_choice import KChoice
from scinno._clusters.requested_k import check_within
from scinno._data.adata import matrices_in, matrix_of, naming_counts, raw_as_x
from scinno._data.counts import InputKind
from scinno._data.source import BlockSource, as_source, scratch_of
from scinno._fit import estimate_k, start_training
from scinno._nn.inference import view_codes
from scinno._run import RunContext
from scinno._runtime.device import pick_device
from scinno._runtime.threads import one_thread
from scinno._runtime.torch_state import plain_torch
from scinno._runtime.validate import check_seed, checked
from scinno._settings.settings import Settings, resolve_settings
from scinno._train.loops import pretrain
from scinno._train.phase import Row
from scinno._train.views import weigh_views


@checked
def choose_k(
    x: Any,
    within: tuple[int, int] | None = None,
    *,
    layer: str | None = None,
    genes: Sequence[str] | None = None,
    input: InputKind = "auto",
    preset: str = "default",
    settings: Settings | None = None,
    seed: int = 0,
    device: str = "auto",
    callback: Callable[[Row], None] | None = None,
    batch: Any = None,
    batch_key: str | Sequence[str] | None = None,
    batch_force: bool = False,
    **overrides: Any,
) -> KChoice:
    """Estimate the number of clusters, with its evidence.

    Only the denoising network is trained, clusters are not refined. `scinno.fit` with the same
    arguments chooses the same number.

    Parameters
    ----------
    x : AnnData, or any matrix that `scinno.fit` takes, (cells, genes)
        As in `scinno.fit` or `scinno.cluster`. Never written to.
    within : (int, int), optional
        Least and largest number that may be chosen; default from 2 to 30, fewer for few cells.
    layer : str, optional
        For an AnnData: layer that holds the counts, or "raw" for ``x.raw``; default ``x.X``.
    batch_key : str or sequence of str, optional
        For an AnnData: the columns of ``x.obs`` that name the batch of each cell.
    genes, input, preset, settings, seed, device, callback, batch, batch_force, **overrides
        As in `scinno.fit`.

    Returns
    -------
    KChoice
        ``n_clusters``, ``runner_up``, ``table``, ``warnings``, and ``reason`` as a sentence.

    Raises
    ------
    TypeError, ValueError, KeyError
        As `scinno.fit` and `scinno.cluster`; TypeError also where ``within`` is one number.
    """
    resolved = resolve_settings(settings, preset, overrides)
    torch_device = pick_device(device)
    seed = check_seed(seed)
    adata: ad.AnnData | None = None
    if isinstance(x, ad.AnnData):
        adata = x
        x, name = raw_as_x(adata, layer)
        genes = list(x.var_names) if genes is None else genes
        batch = batch_of(adata.obs, batch_key) if batch is None else batch
        x = matrix_of(x, name)
    elif layer is not None:
        raise TypeError(f"layer={layer!r} is for an AnnData, and x is a {type(x).__name__}")
    elif batch_key is not None:
        raise TypeError(f"batch_key={batch_key!r} is for an AnnData, and x is a {type(x).__name__}")
    context = RunContext(scratch_of(x), callback=callback)
    with naming_counts(lambda: {} if adata is None else matrices_in(adata), layer):
        source = as_source(x, genes, input, context.scratch, batch, batch_force)
        requested = check_within(within, source.n_cells)
        return choose_k_of_cells(source, requested, resolved, seed, torch_device, context)


def choose_k_of_cells(
    source: BlockSource,
    within: tuple[int, int] | None,
    settings: Settings,
    seed: int,
    device: torch.device,
    context: RunContext,
) -> KChoice:
    """Estimate K of checked cells; arguments and errors as `choose_k`."""
    # The joint phase, which is left out, must not count among the epochs of the progress.
    settings = replace(settings, joint_epochs=0)
    with one_thread(), plain_torch():
        rng = np.random.default_rng(seed)
        training, _ = start_training(source, within, settings, seed, device, context)
        pretrain(training)
        weigh_views(training, rng)
        code = training.batches.sample_codes()
        choice = estimate_k(training.network, code, view_codes(training.network, code), rng, within)
    if training.interrupted:
        warnings.warn(
            f"interrupted after {len(training.history)} of {training.n_epochs} epochs: K is of the "
            "last good state",
            stacklevel=3,
        )
    return choice
