"""The center of a batch that a fit has not seen, without training."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from scinno._batch.fitted import FittedBatches
from scinno._batch.shift import nearest_profile
from scinno._data.source import BlockSource
from scinno._nn.network import Network
from scinno._preprocess.preprocessing import Preprocessing
from scinno._result.predict import prepared_blocks
from scinno._run import RunContext

# How often cells are placed and the center is moved.
ROUNDS = 2


def center_of_new_batch(
    source: BlockSource,
    fitted: Preprocessing,
    network: Network,
    info: FittedBatches,
    min_overlap: float,
    context: RunContext,
) -> np.ndarray:
    """Where the cells of a new batch agree best with the clusters of a fit, float32 (g,).

    The first center is the mean of the cells. Each is then placed at the nearest profile of a
    cluster, and the center becomes what cells have beyond the profiles, on average.

    Parameters
    ----------
    source : BlockSource, (new cells, new genes)
    fitted : Preprocessing
    network : Network
    info : FittedBatches
    min_overlap : float
        As `scinno._result.predict.embed_new_cells`, whose errors this has.
    context : RunContext
    """
    scale = fitted.scale.astype(np.float64)
    loadings = network.loadings.numpy().astype(np.float64)
    min_norm = float(network.min_norm)
    profiles, to_scores = info.profiles @ loadings, loadings / scale[:, None]
    total = np.zeros(len(scale))
    for _, inputs in prepared_blocks(source, fitted, min_overlap):
        assert isinstance(inputs.values, sp.csr_matrix)
        total += np.asarray(inputs.values.sum(axis=0, dtype=np.float64)).ravel()
    mean = total / source.n_cells
    center = mean
    progress = context.progress_of("placing")
    for _ in range(ROUNDS):
        counts = np.zeros(len(profiles), dtype=np.int64)
        for start, inputs in prepared_blocks(source, fitted, min_overlap):
            assert isinstance(inputs.values, sp.csr_matrix)
            scores = inputs.values @ to_scores - center @ to_scores
            labels = nearest_profile(scores, profiles, min_norm)
            counts += np.bincount(labels, minlength=len(profiles))
            if progress is not None:
                progress(start + inputs.n_cells, source.n_cells)
        center = mean - (counts / source.n_cells) @ info.profiles * scale
    return center.astype(np.float32)
