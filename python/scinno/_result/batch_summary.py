"""What is kept of the batches when a fit ends, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp

from scinno._batch.fitted import FittedBatches
from scinno._batch.labels import BatchLabels
from scinno._batch.neighbors import MAX_CELLS, kept_neighbors, mixing, uncorrected
from scinno._clusters.subsample import subsample
from scinno._data.blocks import BLOCK
from scinno._distributed.group import ProcessGroup
from scinno._nn.network import Network
from scinno._preprocess.inputs import Inputs

# A batch whose cells keep less of their neighbors than this may be over-corrected.
MIN_KEPT = 0.2


def cluster_profiles(inputs: Inputs, labels: np.ndarray, k: int, group: ProcessGroup) -> np.ndarray:
    """Mean scaled values of each cluster's cells, float32 (k, g); 0 for one without cells.

    Parameters
    ----------
    inputs : Inputs
    labels : ndarray of int, (own cells,)
    """
    fixed, codes = inputs.preprocessing, inputs.batch
    assert codes is not None
    sums = np.zeros((k, inputs.n_genes))
    for start in range(0, inputs.n_cells, BLOCK):
        part = labels[start : start + BLOCK]
        member = sp.csr_matrix((np.ones(len(part)), (part, np.arange(len(part)))), (k, len(part)))
        sums += (member @ inputs.values[start : start + BLOCK].astype(np.float64)).toarray()
    n = len(fixed.batches)
    counts = np.bincount(labels.astype(np.int64) * n + codes, minlength=k * n).reshape(k, n)
    sums, counts = group.all_reduce_sum(sums), group.all_reduce_sum(counts)
    apart = sums - counts @ fixed.center.astype(np.float64)
    means = apart / np.maximum(counts.sum(axis=1), 1)[:, None]
    return (means / fixed.scale).astype(np.float32)


def summarize_batches(
    batch: BatchLabels,
    inputs: Inputs,
    network: Network,
    code: np.ndarray,
    embedding: np.ndarray,
    profiles: np.ndarray,
) -> FittedBatches:
    """Neighbors before and after, of all cells or a sample.

    Parameters
    ----------
    batch : BatchLabels
    inputs : Inputs
    network : Network
    code, embedding : ndarray of float32, (cells, latent)
        Of all cells.
    profiles : ndarray of float32, (k, g)
    """
    fixed, p = inputs.preprocessing, network.n_pcs
    seen = subsample(np.arange(len(code)), MAX_CELLS)
    codes, after = batch.codes[seen], embedding[seen]
    components = code[seen][:, :p] if p else code[seen]
    before = components
    if p:
        common = np.average(fixed.center, axis=0, weights=batch.sizes)
        offsets = ((fixed.center - common) / fixed.scale).astype(np.float32)
        before = uncorrected(components, codes, offsets, network.loadings.numpy())
    mixed = np.full((len(code), 2), np.nan, dtype=np.float32)
    mixed[seen] = np.stack([mixing(before, codes), mixing(after, codes)], axis=1)
    kept = kept_neighbors(components, after, codes, batch.n_batches)
    return FittedBatches(batch.codes, batch.sizes, kept, mixed, profiles)


def batch_warnings(batch: BatchLabels, info: FittedBatches) -> Iterator[str]:
    """One sentence for each batch that may be over-corrected."""
    for name, kept in zip(batch.names, info.kept_neighbors, strict=True):
        if kept < MIN_KEPT:
            yield (
                f"batch {name!r} keeps {max(float(kept), 0):.0%} of the nearest neighbors of its "
                "cells: it may be over-corrected, look at its cells on their own"
            )
