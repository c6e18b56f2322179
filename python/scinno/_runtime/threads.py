"""How many threads a fit uses, and so whether its numbers can be reproduced.

Threads share out sums: with another number of them, and in scikit-learn's k-means even with the
same number, last digits differ, and a cell between two clusters may change its label. The networks
of the default preset are also too small to share out: two threads took up to ten times as long on a
busy machine with two cores.

Fits in several threads of one program overlap: what the process has one of is limited by the first
to come, and given back by the last to go.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

_lock = threading.Lock()


class _Users:
    """Who is inside, over all threads, and what there was before the first of them."""

    def __init__(self) -> None:
        self.inside = 0
        self.torch_threads = 1
        self.pools: threadpool_limits | None = None
        self.of_thread = threading.local()

    def depth(self) -> int:
        return getattr(self.of_thread, "depth", 0)


_torch_users, _pool_users = _Users(), _Users()


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for BLAS, scikit-learn and torch."""
    users = _pool_users
    with _lock:
        if users.inside == 0:
            users.pools = threadpool_limits(None)  # what there is, without a change
        users.inside += 1
    try:
        with threadpool_limits(1), one_torch_thread():
            yield
    finally:
        with _lock:
            users.inside -= 1
            if users.inside == 0 and users.pools is not None:
                with users.pools:
                    pass
                users.pools = None


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """One thread for torch alone, which is quicker to set."""
    import torch  # not above: what reads a result imports this file, and needs no torch

    users = _torch_users
    depth = users.depth()
    if depth == 0:
        with _lock:
            if users.inside == 0:
                users.torch_threads = torch.get_num_threads()
            users.inside += 1
            torch.set_num_threads(1)
    users.of_thread.depth = depth + 1
    try:
        yield
    finally:
        users.of_thread.depth = depth
        if depth == 0:
            with _lock:
                users.inside -= 1
                torch.set_num_threads(users.torch_threads)
