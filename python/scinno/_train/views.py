"""Between denoising and clustering: both views weighed, attention started."""

from __future__ import annotations

import numpy as np
import torch

from scinno._clusters.initial_centers import small_groups
from scinno._nn.network import Network
from scinno._settings import Settings
from scinno._train.loops import Training


def settle_views(training: Training, seeds: np.random.Generator) -> None:
    """After DN: weigh the views, choose what cells attend to, and let attention start there."""
    network = training.network
    settings = network.settings
    code = training.batches.codes()
    if settings.collapse_guard:
        _weigh(network, code)
    codes = network.directions_of(code)
    bank = training.team.from_first(lambda: _bank(codes, settings, seeds))
    network.anchors = torch.from_numpy(bank).to(network.device)
    if network.attention is not None and settings.collapse_guard:
        some = np.sort(seeds.choice(len(codes), min(1000, len(codes)), replace=False))
        z = network.unit_length(torch.from_numpy(codes[some]).to(network.device))
        generator = torch.Generator().manual_seed(int(seeds.integers(2**31)))
        network.attention.start_as_neighbourhood(
            z, network.unit_length(network.anchors), settings.attended_anchors, generator
        )
    training.team.same(network)


def _bank(codes: np.ndarray, settings: Settings, seeds: np.random.Generator) -> np.ndarray:
    """What cells attend to, float32 (anchors, latent): the middles of small groups of cells."""
    if settings.collapse_guard:
        return small_groups(codes, settings.anchors, 2, seeds)[0].astype(np.float32)
    # The paper's cells attend to their batch: afterwards, to one fixed batch of cells.
    drawn = seeds.choice(len(codes), min(settings.anchors, len(codes)), replace=False)
    return codes[np.sort(drawn)]


def _weigh(network: Network, code: np.ndarray) -> None:
    """Bring both views of the code to one total variance, the deep one then to its weight."""
    p = network.axes.shape[1]
    if p:
        network.reach.fill_(max(float(np.median(np.linalg.norm(code[:, :p], axis=1))), 1e-6))
    views = network.directions_of(code)
    stretch = np.ones(code.shape[1], dtype=np.float32)
    for part, weight in ((slice(0, p), 1.0), (slice(p, None), network.settings.deep_weight)):
        spread = float(np.sqrt(views[:, part].var(0).sum()))
        stretch[part] = weight / max(spread, 1e-6)
    network.stretch.copy_(torch.from_numpy(stretch))
