"""Whether fractions can be logarithms of normalized expression."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

# So many cells tell.
SAMPLE = 2000
# Without the logarithm all cells of log-normalized values have nearly one sum. On 29 labeled sets
# the standard deviation of its logarithm is at most 0.92 (natural and binary logarithms, all genes
# and the 1,000 most variable ones), and 1.26 or more where values are roots or fractional counts.
MOST = 1.1


def sums_differ(matrix: sp.csr_matrix) -> bool:
    """Whether cells' sums of exp(x) − 1 differ more than those of log-normalized values do.

    Parameters
    ----------
    matrix : csr_matrix of float, (cells, genes)
        No value is so large that its exponential overflows.
    """
    if matrix.shape[0] < 2:
        return False
    first = matrix[:SAMPLE].astype(np.float64)
    first.data = np.expm1(first.data)
    sums = np.asarray(first.sum(axis=1)).ravel()
    sums = sums[sums > 0]
    return bool(len(sums) > 1 and np.log(sums).std() > MOST)
