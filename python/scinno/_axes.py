"""Principal axes of the scaled values, from blocks of cells."""

from __future__ import annotations

import numpy as np
import scipy.linalg
from scipy.linalg.blas import dsyrk

from scinno._inputs import Inputs

BLOCK = 2048


def principal_axes(inputs: Inputs, p: int) -> np.ndarray:
    """First ``p`` principal axes, float32 (kept, p).

    The covariance of the genes is summed over blocks in float64 and taken apart exactly: for a
    thousand genes that is less work than iterating over the cells, and needs none of them twice.
    Of each axis the largest entry is positive.
    """
    n, g = inputs.n_cells, inputs.n_kept
    p = min(p, n - 1, g - 1)
    if p < 1:
        return np.zeros((g, 0), dtype=np.float32)
    products, sums = np.zeros((g, g), order="F"), np.zeros(g)
    for block in inputs.blocks(BLOCK):
        wide = block.astype(np.float64)
        sums += wide.sum(axis=0)
        products = dsyrk(1.0, wide.T, beta=1.0, c=products, overwrite_c=True)
    products -= np.outer(sums, sums) / n  # the upper triangle is all that is read
    vectors = scipy.linalg.eigh(products, lower=False, subset_by_index=(g - p, g - 1))[1][:, ::-1]
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(p)])
    return np.ascontiguousarray(vectors * signs, dtype=np.float32)
