"""Counts of a few cell types in batches whose genes are measured unevenly."""

import numpy as np
import scipy.sparse as sp


def batched(
    cells: int = 240, genes: int = 200, strength: float = 1.5, seed: int = 0, batches: int = 2
) -> tuple[sp.csr_matrix, np.ndarray, np.ndarray]:
    """Counts (cells, genes), type 0 to 2 and batch "a", "b", … of each cell.

    Each batch multiplies the rate of each gene by a factor of its own, log-normal of
    ``strength``; those of the markers less.
    """
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.8, 0.8, size=genes) * np.ones((3, 1))
    for j in range(3):
        rates[j, j * 20 : (j + 1) * 20] += 3
    types = rng.integers(3, size=cells)
    codes = rng.integers(batches, size=cells)
    uneven = rng.lognormal(0, strength, size=(batches, genes))
    uneven[:, :60] **= 0.4  # markers differ less between batches than between types
    depth = rng.lognormal(0, 0.2, size=(cells, 1))
    counts = sp.csr_matrix(rng.poisson(rates[types] * uneven[codes] * depth))
    return counts, types, np.array(list("abcdefgh"))[codes]
