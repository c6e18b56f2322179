"""Whole data sets through the network, in padded blocks.

Outside training, forward passes run on exactly `BLOCK` rows (the last block padded), because matrix
kernels may round differently for other shapes: so a cell's code depends neither on how many cells
it came with nor, on one thread, on the number of threads.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from scinno._nn.network import Network
from scinno._preprocess.inputs import Inputs
from scinno._run import RunContext
from scinno._runtime._tasks.side_by_side import side_by_side
from scinno._runtime.memory import available_threads
from scinno._runtime.scratch import release
from scinno._runtime.threads import one_torch_thread
from scinno._runtime.torch_state import plain_torch

# Rows of a forward pass. GPUs need more at a time.
BLOCK = {"cpu": 256, "cuda": 8192}
# Cells between two looks at memory and progress.
CELLS_AT_ONCE = 8192


def latent_codes(network: Network, inputs: Inputs, rows: np.ndarray | None = None) -> np.ndarray:
    """z_clean of all or some cells, float32 (cells, latent); a block of genes is dense at most."""
    n, size = inputs.n_cells if rows is None else len(rows), BLOCK[network.device.type]
    parts = (slice(start, start + size) for start in range(0, n, size))
    blocks = (inputs.tensor(p if rows is None else rows[p], network.device) for p in parts)
    return np.concatenate([_padded(network, block, network.encode) for block in blocks])


def view_codes(network: Network, code: np.ndarray) -> np.ndarray:
    """`Network.scaled_views` of z_clean, float32 (cells, latent)."""
    return _blockwise(network, code, network.scaled_views)


def embed(network: Network, code: np.ndarray) -> np.ndarray:
    """z_attn of z_clean, float32 (cells, latent)."""
    return _blockwise(network, code, network.attend)


def memberships(network: Network, embedding: np.ndarray) -> np.ndarray:
    """Equation (9) for embedded cells, float32 (cells, k)."""
    return _blockwise(network, embedding, network.memberships)


def decode(network: Network, code: np.ndarray) -> np.ndarray:
    """Scaled values from z_clean, float32 (cells, g)."""
    return _blockwise(network, code, network.decode)


def embed_cells(
    network: Network, inputs: Inputs, context: RunContext
) -> tuple[np.ndarray, np.ndarray]:
    """Code and embedding of this rank's cells, each float32 (cells, latent).

    The arrays are of ``context.scratch`` and so may lie on the disk.
    """
    n, latent = inputs.n_cells, network.centers.shape[1]
    progress = context.progress_of("embedding")
    code = context.scratch.array((n, latent), np.float32)
    embedding = context.scratch.array((n, latent), np.float32)

    def fill(part: slice) -> None:
        code[part] = latent_codes(network, inputs, np.arange(part.start, part.stop))
        embedding[part] = embed(network, code[part])

    # Threads share a GPU's memory and nothing else of it.
    at_once = available_threads() if network.device.type == "cpu" else 1
    parts = iter(_parts(n))
    while some := list(itertools.islice(parts, at_once)):
        side_by_side(functools.partial(fill, part) for part in some)
        release(code)
        release(embedding)
        if progress is not None:
            progress(some[-1].stop, n)
    return code, embedding


def assign_cells(
    network: Network, embedding: np.ndarray, context: RunContext
) -> tuple[np.ndarray, np.ndarray]:
    """Memberships, float32 (cells, k), and labels, int32 (cells,), of embedded cells."""
    n, k = len(embedding), len(network.centers)
    shares = context.scratch.array((n, k), np.float32)
    labels = np.zeros(n, dtype=np.int32)
    for part in _parts(n):
        shares[part] = memberships(network, embedding[part])
        labels[part] = shares[part].argmax(axis=1)
        release(embedding)
        release(shares)
    return shares, labels


def _parts(n: int) -> list[slice]:
    starts = range(0, n, CELLS_AT_ONCE)
    return [slice(start, min(start + CELLS_AT_ONCE, n)) for start in starts]


def _blockwise(
    network: Network, rows: np.ndarray, forward: Callable[[Tensor], Tensor]
) -> np.ndarray:
    size = BLOCK[network.device.type]
    # Of no rows too: what comes out has its columns.
    starts = range(0, max(len(rows), 1), size)
    blocks = (torch.from_numpy(rows[i : i + size]) for i in starts)
    return np.concatenate([_padded(network, block.to(network.device), forward) for block in blocks])


def _padded(network: Network, block: Tensor, forward: Callable[[Tensor], Tensor]) -> np.ndarray:
    with one_torch_thread(), plain_torch(), torch.no_grad():
        padded = block.new_zeros((BLOCK[network.device.type], block.shape[1]))
        padded[: len(block)] = block
        return forward(padded)[: len(block)].cpu().numpy()
