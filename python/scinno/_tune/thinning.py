"""Two independent halves of the molecules of each cell (count splitting)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp


@dataclass(frozen=True)
class Split:
    """The molecules of the same cells, divided into two halves at random.

    If counts are Poisson given the state of a cell, its two halves are independent given that
    state: what clusters of one half tell of the other they cannot have copied (Neufeld et al.,
    Biostatistics 2023).

    Attributes
    ----------
    halves : tuple of two csr_matrix of float32, (cells, genes)
        They add up to the counts and share one structure, so that zeros are stored.
    seed : int
        Of the fits of these halves.
    """

    halves: tuple[sp.csr_matrix, sp.csr_matrix]
    seed: int


def split_counts(counts: sp.csr_matrix, seed: int, number: int) -> Split:
    """Give each molecule to one of two halves with equal probability.

    Parameters
    ----------
    counts : csr_matrix of whole numbers, (cells, genes)
    seed, number : int
        Seed of the search, and which split of it: each has its own random numbers.

    Returns
    -------
    Split
    """
    sequence = np.random.SeedSequence([seed, number])
    rng = np.random.default_rng(sequence)
    first = rng.binomial(counts.data.astype(np.int64), 0.5).astype(np.float32)
    second = counts.data.astype(np.float32) - first
    structure = (counts.indices, counts.indptr)
    one, other = (sp.csr_matrix((d, *structure), shape=counts.shape) for d in (first, second))
    return Split((one, other), int(sequence.generate_state(1)[0]))
