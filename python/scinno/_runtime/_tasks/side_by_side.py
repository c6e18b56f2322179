"""Tasks that share nothing, computed beside each other with the results of one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from scinno._runtime.memory import available_threads
from scinno._runtime.threads import one_thread

T = TypeVar("T")


def side_by_side(tasks: Iterable[Callable[[], T]]) -> list[T]:
    """Results of tasks in their order, from as many threads as there are processors.

    Each task has one thread for its libraries, and must draw no random numbers that another task
    draws from: so results do not depend on the number of processors.
    """
    waiting = list(tasks)
    threads = min(available_threads(), len(waiting))
    if threads < 2:
        return [task() for task in waiting]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(_alone, waiting))


def _alone(task: Callable[[], T]) -> T:
    with one_thread():  # numbers of threads of OpenMP are each thread's own
        return task()
