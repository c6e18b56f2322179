"""How many threads a fit uses, and so whether its numbers can be reproduced.

Threads share out sums: with another number of them, and in scikit-learn's k-means even with the
same number, last digits differ, and a cell between two clusters may change its label. The networks
of the default preset are also too small to share out: two threads took up to ten times as long on a
busy machine with two cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for BLAS, scikit-learn and torch."""
    with threadpool_limits(1), one_torch_thread():
        yield


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """One thread for torch alone, which is quicker to set."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
