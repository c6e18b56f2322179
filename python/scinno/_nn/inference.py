"""All cells through the trained network, block by block, into arrays that may lie on the disk."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from torch import nn

from scinno._nn.memberships import order_by_size
from scinno._nn.network import Network
from scinno._preprocess.inputs import Inputs
from scinno._runtime.scratch import release

# Cells between two looks at memory and progress.
BLOCK = 8192

Told = Callable[[int, int], None]


def place_cells(
    network: Network, inputs: Inputs, told: Told | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Code, embedding, memberships and labels of all cells; clusters get their final numbers.

    Of a team each process places its own cells, and the first one gets them all.

    Returns
    -------
    code, embedding : ndarray of float32, (cells, latent)
    memberships : ndarray of float32, (cells, k)
    labels : ndarray of int32, (cells,)
    """
    n, (k, latent) = inputs.n_cells, network.centres.shape
    code = inputs.room.array((n, latent), np.float32)
    embedding = inputs.room.array((n, latent), np.float32)
    memberships = inputs.room.array((n, k), np.float32)
    labels = np.zeros(n, dtype=np.int32)
    for part in _parts(n):
        code[part] = network.codes_of(inputs, np.arange(part.start, min(part.stop, n)))
        embedding[part] = network.attended(code[part])
        labels[part] = network.memberships(embedding[part]).argmax(axis=1)
        release(code)
        release(embedding)
        if told is not None:
            told(min(part.stop, n), n)
    order = order_by_size(inputs.team.rows(labels), k)
    network.centres = nn.Parameter(network.centres[order].clone(), requires_grad=False)
    for part in _parts(n):  # again, as `Fit.predict` will compute them
        memberships[part] = network.memberships(embedding[part])
        labels[part] = memberships[part].argmax(axis=1)
        release(embedding)
        release(memberships)
    return (
        _whole(code, inputs),
        _whole(embedding, inputs),
        _whole(memberships, inputs),
        _whole(labels, inputs),
    )


def _whole(own: np.ndarray, inputs: Inputs) -> np.ndarray:
    """The rows of all cells on the first process of a team, none on the others."""
    if inputs.team.alone:
        return own
    n = inputs.n_all if inputs.team.first else 0
    return inputs.team.to_first(own, inputs.room.array((n, *own.shape[1:]), own.dtype))


def _parts(n: int) -> list[slice]:
    return [slice(start, start + BLOCK) for start in range(0, n, BLOCK)]
