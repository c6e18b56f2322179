"""Between pretraining and clustering: views weighed, anchors chosen, attention initialized."""

from __future__ import annotations

import numpy as np
import torch

from scinno._clusters.microclusters import microclusters
from scinno._nn.inference import view_codes
from scinno._settings.settings import Settings
from scinno._train.phase import Training

# Cells at which the sharpness of attention is measured.
ATTENTION_SAMPLE = 1000


def weigh_views(training: Training, rng: np.random.Generator) -> None:
    """After pretraining: weigh the views, choose anchors, and let attention start from them."""
    network, group = training.network, training.context.group
    settings = network.settings
    code = training.batches.sample_codes()
    if settings.collapse_guard:
        network.set_min_norm(code)
        network.set_view_scale(view_codes(network, code))
    views = view_codes(network, code)
    network.set_anchors(group.broadcast_object(lambda: _choose_anchors(views, settings, rng)))
    if network.attention is not None and settings.collapse_guard:
        n = min(ATTENTION_SAMPLE, len(views))
        sample = np.sort(rng.choice(len(views), n, replace=False))
        z = network.unit_norm(torch.from_numpy(views[sample]).to(network.device))
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        network.attention.init_as_neighborhood(
            z, network.unit_norm(network.anchors), settings.attention_perplexity, generator
        )
    group.broadcast_module(network)


def _choose_anchors(views: np.ndarray, settings: Settings, rng: np.random.Generator) -> np.ndarray:
    """What cells attend to, float32 (anchors, latent): the centers of microclusters."""
    if settings.collapse_guard:
        return microclusters(views, settings.n_anchors, 2, rng)[0].astype(np.float32)
    # The paper's cells attend to their batch: afterwards, to one fixed batch of cells.
    drawn = rng.choice(len(views), min(settings.n_anchors, len(views)), replace=False)
    return views[np.sort(drawn)]
