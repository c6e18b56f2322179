"""What two processes compute, against a single one; a part of process_group_runs.py."""

import json
from pathlib import Path

import numpy as np
import psutil
import scipy.sparse as sp
import torch
from torch import nn

from scinno._data.blocks import MatrixBlocks
from scinno._data.source import BlockSource
from scinno._distributed.group import SINGLE_PROCESS, ProcessGroup, torchrun_process_group
from scinno._nn.network import Network
from scinno._preprocess.gene_stats import compute_gene_stats
from scinno._run import RunContext
from scinno._settings.settings import Settings
from scinno._train.batch_losses import joint_losses, pretrain_losses
from scinno._train.parts import Parts

CELLS, GENES, K = 12, 30, 3


def network_of(settings: Settings) -> Network:
    generator = torch.Generator().manual_seed(1)
    network = Network(torch.zeros(GENES, 4), settings, generator, 6, K)
    network.loadings = torch.randn(GENES, 4, generator=generator)
    network.anchors = torch.randn(6, 4 + settings.n_latent, generator=generator)
    network.centers = nn.Parameter(torch.randn(K, 4 + settings.n_latent, generator=generator))
    return network


def gradients(
    settings: Settings, joint: bool, group: ProcessGroup
) -> tuple[np.ndarray, list[float]]:
    """Gradient of one step's loss of all cells, and its parts."""
    network = network_of(settings)
    generator = torch.Generator().manual_seed(2)
    clean = torch.randn(CELLS, GENES, generator=generator)
    noisy = clean * (torch.rand(CELLS, GENES, generator=generator) > 0.3)
    own = list(group.shard(CELLS))

    def part_loss(network, _):
        losses = (joint_losses if joint else pretrain_losses)(
            network, group, clean[own], noisy[own]
        )
        loss = (
            losses[0]
            + settings.contrastive_loss_weight * losses[1]
            + settings.mask_loss_weight * losses[2]
        )
        if joint:
            loss = loss + 0.5 * (losses[3] + 0.1 * losses[4])
        return loss, losses

    found = Parts(network, 1, group).gradients(part_loss)
    parts = [value for name, value in found.items() if name != "loss"]
    flat = [p.grad.ravel() for p in network.parameters() if p.grad is not None]
    mean = group.all_reduce_sum(np.array(parts)) / group.size
    return torch.cat(flat).numpy(), mean.tolist()


def main(out: Path) -> None:
    small = {"n_hidden": 16, "n_latent": 8, "n_projection": 5, "precision": "float32"}
    cases = {
        "pretrain": (Settings().replace(small), False),
        "pretrain without InfoNCE": (
            Settings().replace(small | {"contrastive": False}),
            False,
        ),
        "joint": (Settings().replace(small), True),
        "joint of the paper": (Settings.paper().replace(small), True),
    }
    found: dict[str, object] = {}
    with torchrun_process_group() as group:
        for name, (settings, joint) in cases.items():
            together, parts = gradients(settings, joint, group)
            single, expected = gradients(settings, joint, SINGLE_PROCESS)
            apart = np.abs(together - single).max() / np.abs(single).max()
            found[name] = {"gradient": float(apart), "parts": parts, "expected": expected}
        whole = np.arange(7.0)[:, None] * [1, 10]
        own = whole[list(group.shard(7))]
        values = sp.csr_matrix(np.array([[1.0, 2], [3, 4], [5, 6.5]]))
        source = BlockSource(MatrixBlocks(values), np.array(["A", "B"]), True, "auto")
        seen = compute_gene_stats(source, RunContext(group=group))
        found["kinds"] = group.all_gather_rows(np.array([seen.kind == "log"])).tolist()
        found["expressed in"] = seen.expressed_in.tolist()
        found["rows"] = group.all_gather_rows(own).tolist()
        gathered = group.gather_rows_to_main(own, np.zeros((7, 2)))
        found["to main"] = gathered[: 7 * group.is_main].tolist()
        found["sum"] = group.all_reduce_sum(np.array([1.0 + group.rank])).tolist()
        found["from main"] = group.broadcast_object(lambda: {"rank": group.rank})
        found["local"] = group.all_gather_rows(group.local_rows(np.array([0, 2, 3, 6]), 7)).tolist()
        # Ports at which this process listens; torchrun's own are its parent's.
        listening = [c.laddr.ip for c in psutil.Process().net_connections("inet") if not c.raddr]
        found["listens"] = group.broadcast_object(lambda: listening)
        layer = nn.Linear(2, 2)
        nn.init.constant_(layer.weight, float(group.rank))
        group.broadcast_module(layer)
        found["same"] = group.all_gather_rows(layer.weight.detach().numpy()).ravel().tolist()
    threads = Path("/proc/self/task")
    if threads.is_dir():  # Linux
        names = [(task / "comm").read_text().strip() for task in threads.iterdir()]
        found["threads of gloo"] = [name for name in names if "gloo" in name]
    if group.is_main:
        out.write_text(json.dumps(found))
