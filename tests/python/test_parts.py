"""Gradients of parts of a mini-batch, computed side by side."""

import threading
from typing import NamedTuple

import numpy as np
import pytest
import torch
from conftest import QUICK, Network, ProcessGroup

import scinno
from scinno._train.parts import Parts, parts_of

SINGLE = ProcessGroup()


def network_of(precision):
    settings = scinno.Settings().replace(QUICK | {"precision": precision})
    return Network(torch.zeros(40, 0), settings, torch.Generator().manual_seed(0))


class Losses(NamedTuple):
    error: torch.Tensor
    size: torch.Tensor


def part_loss(network, part):
    """How well the decoder copies ten cells, and how large their codes are."""
    x = torch.randn(2, 10, 40, generator=torch.Generator().manual_seed(1))[part]
    code = network.dn.through(network.dn.encoder, x)
    copied = network.dn.through(network.dn.decoder, code)
    losses = Losses((copied - x).square().mean(), code.square().mean())
    return losses.error + 0.1 * losses.size, losses


@pytest.mark.parametrize("n_processors", [1, 2])
def test_gradients_and_losses_are_means_over_the_parts(n_processors, monkeypatch):
    monkeypatch.setattr("scinno._train.parts.available_threads", lambda: n_processors)
    network = network_of("float32")
    with parts_of(network, 2, SINGLE) as parts:
        found = parts.gradients(part_loss)
    expected = network_of("float32")
    loss = (part_loss(expected, 0)[0] + part_loss(expected, 1)[0]) / 2
    loss.backward()
    assert found["loss"] == pytest.approx(loss.item())
    assert set(found) == {"loss", "error", "size"}
    for own, weight in zip(network.parameters(), expected.parameters(), strict=True):
        if weight.grad is None:  # attention and centers have no share
            assert own.grad is None
        else:
            torch.testing.assert_close(own.grad, weight.grad)


def test_the_second_part_is_computed_in_another_thread(monkeypatch):
    monkeypatch.setattr("scinno._train.parts.available_threads", lambda: 2)
    seen = {}

    def noticed(network, part):
        seen[part] = threading.get_ident(), torch.get_num_threads()
        return part_loss(network, part)

    before = torch.get_num_threads()
    torch.set_num_threads(1)  # as in every fit
    try:
        with parts_of(network_of("float32"), 2, SINGLE) as parts:
            parts.gradients(noticed)
    finally:
        torch.set_num_threads(before)
    assert seen[0][0] == threading.get_ident() != seen[1][0]
    assert seen[0][1] == seen[1][1] == 1


def test_products_are_rounded_and_weights_are_not():
    full, low = network_of("float32"), network_of("bfloat16")
    exact = Parts(full, 1, SINGLE).gradients(part_loss)
    rounded = Parts(low, 1, SINGLE).gradients(part_loss)
    assert 0 < abs(exact["loss"] - rounded["loss"]) < 0.02 * exact["loss"]
    for weight, same in zip(low.parameters(), full.parameters(), strict=True):
        assert torch.equal(weight, same)
        assert weight.grad is None or weight.grad.dtype == torch.float32


def test_weights_that_have_changed_reach_the_copy():
    network = network_of("bfloat16")
    parts = Parts(network, 2, SINGLE)
    first = parts.gradients(part_loss)["loss"]
    with torch.no_grad():
        for weight in network.parameters():
            weight *= 0.5
    assert parts.gradients(part_loss)["loss"] != pytest.approx(first)


def test_the_number_of_processors_changes_no_bit(simulated, monkeypatch):
    found = []
    for n in (1, 2):
        monkeypatch.setattr("scinno._train.parts.available_threads", lambda n=n: n)
        found.append(scinno.fit(simulated[0], 3, **QUICK | {"batch_size": 64}))
    np.testing.assert_array_equal(found[0].embedding, found[1].embedding)
    np.testing.assert_array_equal(found[0].memberships, found[1].memberships)


def test_an_error_in_a_part_is_that_of_the_step(monkeypatch):
    monkeypatch.setattr("scinno._train.parts.available_threads", lambda: 2)

    def broken(network, part):
        if part == 1:
            raise MemoryError("no room")
        return part_loss(network, part)

    with (
        parts_of(network_of("float32"), 2, SINGLE) as parts,
        pytest.raises(MemoryError, match="no room"),
    ):
        parts.gradients(broken)
