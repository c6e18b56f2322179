"""What training fixed and new cells must get as well."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Preprocessing:
    """The way from counts to the values that the network reads.

    Attributes
    ----------
    genes : ndarray of str, (genes,)
        All genes of the training data: library sizes are summed over these.
    named : bool
        Whether the gene names came from the caller.
    selected : ndarray of int64, (g,)
        Which of them the network reads.
    target_sum : float
        Counts per cell after normalization; 0 for log input, which is taken as it is.
    center : ndarray of float32, (g,), or (batches, g)
        Subtracted from the log1p values; with batches each has its own.
    scale : ndarray of float32, (g,)
        What the centered values are divided by.
    kind : {"counts", "log", "normalized"}
    batches : tuple of str
        Names of the batches, in the order of the centers; empty without batches.
    """

    genes: np.ndarray
    named: bool
    selected: np.ndarray
    target_sum: float
    center: np.ndarray
    scale: np.ndarray
    kind: str
    batches: tuple[str, ...] = ()
