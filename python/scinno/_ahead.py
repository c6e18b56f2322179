"""Results made in a second thread, some ahead of the one in use."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

T = TypeVar("T")

# So many results wait at most: on a busy machine the thread may have to wait for a core.
MOST_WAITING = 4


def ahead(make: Callable[[], T], n: int) -> Iterator[T]:
    """``make()`` n times, the next ones while the one before is in use.

    The calls come one after another and are n in all, so that what they draw at random is the same
    as without a thread. Who leaves early (Ctrl-C, an error) waits for the call that runs. What
    ``make`` raises is raised here.
    """
    # What torch uses here; a new thread would ask OpenMP instead.
    threads = torch.get_num_threads()
    thread = ThreadPoolExecutor(1, "scinno", torch.set_num_threads, (threads,))
    try:
        waiting = deque(thread.submit(make) for _ in range(min(n, MOST_WAITING)))
        for left in range(n, 0, -1):
            made = waiting.popleft().result()
            if left > MOST_WAITING:
                waiting.append(thread.submit(make))
            yield made
    finally:
        thread.shutdown(cancel_futures=True)
