"""Size factors and log1p."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

# Below it a cell's sum is no sum of counts or shares: one over it would overflow.
MIN_LIBRARY = 1e-18


def check_library(library: np.ndarray, first: int = 0) -> None:
    """Refuse cells that cannot be brought to a common sum (ValueError).

    Parameters
    ----------
    library : ndarray of float64, (cells,)
        Sums of consecutive cells, the first of which is cell ``first``; 0 is allowed.
    first : int
    """
    bad = np.flatnonzero((library > 0) & (library < MIN_LIBRARY))
    if len(bad):
        raise ValueError(
            f"x must hold counts or values in proportion to them, but those of {len(bad)} cell(s) "
            f"sum to nearly nothing (first: {library[bad[0]]:g} in cell {first + bad[0]}): look at "
            "x, or leave these cells out"
        )


def size_factors(library: np.ndarray, target_sum: float) -> np.ndarray:
    """What counts of each cell are multiplied by, float64 (cells,); 0 for empty cells."""
    return np.divide(target_sum, library, out=np.zeros_like(library), where=library > 0)


def log_normalize(counts: sp.csr_matrix, factors: np.ndarray) -> sp.csr_matrix:
    """log1p(counts × size factor of the cell), float32 (cells, genes), in fresh buffers."""
    per_value = np.repeat(factors.astype(np.float32), np.diff(counts.indptr))
    per_value *= counts.data
    np.log1p(per_value, out=per_value)
    return sp.csr_matrix((per_value, counts.indices, counts.indptr), shape=counts.shape)
