"""Mini-batches made ahead of use: the same ones, no more than asked for, and no thread left."""

import threading

import numpy as np
import pytest
import torch
from conftest import QUICK

import scinno
from scinno import _training
from scinno._ahead import MOST_WAITING, ahead
from scinno._batches import Batches
from scinno._counts import as_counts
from scinno._inputs import prepare
from scinno._network import Network
from scinno._settings import Settings


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("scinno")]


@pytest.mark.parametrize("n", [0, 1, MOST_WAITING, 9])
def test_calls_are_made_in_order_and_none_is_left_over(n):
    made = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    assert list(ahead(make, n)) == made == list(range(n))
    assert threads() == []


def test_the_next_are_made_while_one_is_in_use_and_not_all_at_once():
    enough, calls = threading.Event(), []

    def make() -> None:
        calls.append(1)
        if len(calls) == 1 + MOST_WAITING:
            enough.set()

    results = ahead(make, 1000)
    next(results)
    assert enough.wait(30)
    assert len(calls) == 1 + MOST_WAITING
    results.close()
    assert len(calls) == 1 + MOST_WAITING
    assert threads() == []


def test_what_is_raised_there_is_raised_here():
    def make() -> None:
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        next(ahead(make, 2))
    assert threads() == []


def test_torch_uses_as_many_threads_there_as_here():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert list(ahead(torch.get_num_threads, 2)) == [1, 1]
    finally:
        torch.set_num_threads(before)


def test_mini_batches_are_those_that_would_be_drawn_one_by_one(simulated, names):
    settings = Settings.make("default", {"batch_size": 16, "noise": "gaussian:0.2+swap:0.3"})
    inputs = prepare(as_counts(simulated[0], names, "auto"), settings)
    network = Network(inputs.n_kept, 0, 0, 0, settings, torch.Generator())
    one, other = (Batches(network, inputs, 1) for _ in range(2))
    for _ in range(2):  # the second epoch goes on where the first ended
        expected = [other.draw() for _ in range(3)]
        for ours, theirs in zip(one.drawn(3), expected, strict=True):
            assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


def test_an_interrupt_within_an_epoch_leaves_no_thread(simulated, monkeypatch):
    real, calls = _training.reconstruction, []

    def stop(*args):
        calls.append(1)
        if len(calls) == 15:  # QUICK has 10 steps in an epoch
            raise KeyboardInterrupt
        return real(*args)

    monkeypatch.setattr(_training, "reconstruction", stop)
    with pytest.warns(UserWarning, match="interrupted after 1 of 5 epochs"):
        fit = scinno.fit(simulated[0], 3, **QUICK)
    assert threads() == []
    assert len(np.unique(fit.labels)) == 3
