"""How many threads a fit uses, and so whether its numbers can be had again.

Threads share out sums: with another number of them, and in scikit-learn's k-means even with the
same number, last digits differ, and a cell between two clusters may change sides. The networks of
the default preset are also too small to share out: two threads took up to ten times as long on a
busy machine with two cores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def one_thread(torch_too: bool = True) -> Iterator[None]:
    """One thread for BLAS, for scikit-learn and, unless told otherwise, for torch."""
    before = torch.get_num_threads()
    with threadpool_limits(1), one_torch_thread() if torch_too else nullcontext():
        if not torch_too:  # torch shares the OpenMP that was just limited
            torch.set_num_threads(before)
        yield


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """One thread for torch alone, which is quicker to say."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
