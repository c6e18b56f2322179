"""Estimate the number of clusters."""

from __future__ import annotations

import numpy as np


def estimate_n_clusters(embedding: np.ndarray, seeds: np.random.Generator) -> int:
    raise ValueError("n_clusters must be given")
