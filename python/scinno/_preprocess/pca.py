"""The linear path of the network: principal axes of the scaled values."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from scinno._preprocess.inputs import Inputs

# Cells that are dense at a time where all of them are summed up.
CELLS_PER_BLOCK = 2048


def principal_axes(inputs: Inputs, p: int) -> np.ndarray:
    """First ``p`` principal axes of the scaled values, float32 (kept, p).

    From the covariance, summed over blocks of cells: exact, and never more than a block is dense.
    The largest entry of each axis is positive, so that no axis depends on the solver's sign.
    """
    p = min(p, inputs.n_all - 1, inputs.n_kept - 1)
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
    products = inputs.team.sum(products)
    axes = eigh(products / inputs.n_all, subset_by_index=(last - p + 1, last))[1][:, ::-1]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(p)])
    return np.ascontiguousarray(axes, dtype=np.float32)
