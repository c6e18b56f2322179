"""Size factors and log1p."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp


def size_factors(library: np.ndarray, target_sum: float) -> np.ndarray:
    """What counts of each cell are multiplied by, float64 (cells,); 0 for empty cells."""
    return np.divide(target_sum, library, out=np.zeros_like(library), where=library > 0)


def log_normalize(counts: sp.csr_matrix, factors: np.ndarray) -> sp.csr_matrix:
    """log1p(counts × size factor of the cell), float32 (cells, genes), in fresh buffers."""
    per_value = np.repeat(factors.astype(np.float32), np.diff(counts.indptr))
    per_value *= counts.data
    np.log1p(per_value, out=per_value)
    return sp.csr_matrix((per_value, counts.indices, counts.indptr), shape=counts.shape)
