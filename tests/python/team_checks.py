"""What two processes compute together, against one alone; run by torchrun, see test_team.py."""

import functools
import json
import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from torch import nn

from scinno._data.blocks import MatrixBlocks
from scinno._distributed.ddp import spread
from scinno._distributed.group import SINGLE_PROCESS, ProcessGroup, torchrun_process_group
from scinno._nn.network import Network
from scinno._preprocess.gene_stats import survey
from scinno._settings.settings import Settings
from scinno._train.loops import _alone_parts, _denoising_loss, _joint_parts

CELLS, GENES, K = 12, 30, 3


def network_of(settings: Settings) -> Network:
    generator = torch.Generator().manual_seed(1)
    network = Network(GENES, 4, 6, K, settings, generator)
    network.axes = torch.randn(GENES, 4, generator=generator)
    network.anchors = torch.randn(6, 4 + settings.n_latent, generator=generator)
    network.centers = nn.Parameter(torch.randn(K, 4 + settings.n_latent, generator=generator))
    return network


def gradients(
    settings: Settings, joint: bool, team: ProcessGroup
) -> tuple[np.ndarray, list[float]]:
    """Gradient of one step's loss of all cells, and its parts."""
    network = network_of(settings)
    generator = torch.Generator().manual_seed(2)
    clean = torch.randn(CELLS, GENES, generator=generator)
    noisy = clean * (torch.rand(CELLS, GENES, generator=generator) > 0.3)
    own = list(team.part(CELLS))
    parts_of = functools.partial(_joint_parts if joint else _alone_parts, network, team)
    trained = network if joint else network.dn
    of_batch = spread(trained, parts_of, team, unused=not settings.contrastive)
    parts = of_batch(clean[own], noisy[own])
    loss = _denoising_loss(network, parts)
    if joint:
        loss = loss + 0.5 * (parts[3] + 0.1 * parts[4])
    loss.backward()
    flat = [p.grad.ravel() for p in trained.parameters() if p.grad is not None]
    mean = team.sum(np.array([part.item() for part in parts])) / team.size
    return torch.cat(flat).numpy(), mean.tolist()


def main(out: Path) -> None:
    small = {"n_hidden": 16, "n_latent": 8, "n_projection": 5, "precision": "float32"}
    alone = {"contrastive": False}
    cases = {
        "denoise": (Settings.make("default", small), False),
        "denoise without InfoNCE": (
            Settings.make("default", small | {"contrastive": False}),
            False,
        ),
        "joint": (Settings.make("default", small), True),
        "joint of the paper": (Settings.make("paper", small), True),
    }
    found: dict[str, object] = {}
    with torchrun_process_group() as team:
        for name, (settings, joint) in cases.items():
            together, parts = gradients(settings, joint, team)
            alone, expected = gradients(settings, joint, SINGLE_PROCESS)
            apart = np.abs(together - alone).max() / np.abs(alone).max()
            found[name] = {"gradient": float(apart), "parts": parts, "expected": expected}
        everyone = np.arange(7.0)[:, None] * [1, 10]
        own = everyone[list(team.part(7))]
        values = sp.csr_matrix(np.array([[1.0, 2], [3, 4], [5, 6.5]]))
        seen = survey(MatrixBlocks(values), np.array(["A", "B"]), team=team)
        found["kinds"] = team.rows(np.array([seen.kind == "log"])).tolist()
        found["expressed in"] = seen.expressed_in.tolist()
        found["rows"] = team.rows(own).tolist()
        found["to first"] = team.to_first(own, np.zeros((7, 2)))[: 7 * team.first].tolist()
        found["sum"] = team.sum(np.array([1.0 + team.rank])).tolist()
        found["from first"] = team.from_first(lambda: {"rank": team.rank})
        found["mine"] = team.rows(team.mine(np.array([0, 2, 3, 6]), 7)).tolist()
        layer = nn.Linear(2, 2)
        nn.init.constant_(layer.weight, float(team.rank))
        team.same(layer)
        found["same"] = team.rows(layer.weight.detach().numpy()).ravel().tolist()
        if team.first:
            out.write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
