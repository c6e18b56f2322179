"""Principal components: the linear path of the network."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh

from scinno._distributed.group import SINGLE_PROCESS, ProcessGroup
from scinno._preprocess.inputs import Inputs

# Cells that are dense at a time where all of them are summed up.
BLOCK = 2048


def pca_loadings(
    inputs: Inputs, n_pcs: int, group: ProcessGroup = SINGLE_PROCESS, block: int = BLOCK
) -> np.ndarray:
    """First principal axes of the scaled values, float32 (g, p), p ≤ ``n_pcs``.

    From the covariance, summed over blocks of cells: exact, and never more than a block is dense.
    The largest entry of each axis is positive, so that no axis depends on the solver's sign.
    """
    g = inputs.n_genes
    p = min(n_pcs, inputs.n_all - 1, g - 1)
    if p < 1:
        return np.zeros((g, 0), dtype=np.float32)
    if inputs.gpu_values is None:
        gram = np.zeros((g, g))
        for part in inputs.blocks(block):
            wide = part.astype(np.float64)
            gram += wide.T @ wide
    else:
        gram = inputs.gpu_values.gram_matrix()
    gram = group.all_reduce_sum(gram)
    loadings = eigh(gram / inputs.n_all, subset_by_index=(g - p, g - 1))[1][:, ::-1]
    loadings = loadings * np.sign(loadings[np.abs(loadings).argmax(axis=0), np.arange(p)])
    return np.ascontiguousarray(loadings, dtype=np.float32)
