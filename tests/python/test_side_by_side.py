"""Tasks in threads: order, errors, threads of libraries."""

import os
import threading
import time

import numpy as np
import pytest
import torch
from sklearn.utils._openmp_helpers import _openmp_effective_n_threads

from scinno._runtime._tasks.side_by_side import side_by_side


def two_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def test_results_come_in_the_order_of_the_tasks_from_several_threads(monkeypatch):
    two_processors(monkeypatch)
    met = threading.Barrier(2, timeout=60)  # passes only if both run at the same time

    def task(number):
        met.wait()
        time.sleep(0.1 * (1 - number))
        return number, threading.get_ident()

    (first, one), (second, other) = side_by_side([lambda: task(0), lambda: task(1)])
    assert (first, second) == (0, 1)
    assert len({one, other, threading.get_ident()}) == 3


@pytest.mark.parametrize("limited", ["by the system", "by the user"])
def test_one_processor_needs_no_threads(monkeypatch, limited):
    two_processors(monkeypatch)
    if limited == "by the user":
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
    else:
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
        monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert set(side_by_side([threading.get_ident] * 3)) == {threading.get_ident()}


def test_each_task_has_one_thread_for_its_libraries_and_leaves_no_trace(monkeypatch):
    two_processors(monkeypatch)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    met = threading.Barrier(2, timeout=60)

    def task():
        met.wait()
        return torch.get_num_threads(), _openmp_effective_n_threads()

    try:
        assert side_by_side([task, task]) == [(1, 1), (1, 1)]
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_an_error_of_a_task_is_that_of_the_call(monkeypatch):
    two_processors(monkeypatch)

    def fail():
        raise ValueError("no cells")

    with pytest.raises(ValueError, match="no cells"):
        side_by_side([fail, lambda: np.zeros(3)])
