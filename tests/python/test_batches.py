"""Mini-batches of cells."""

import pytest
import torch
from conftest import QUICK, Network, ProcessGroup, prepared

from scinno import Settings
from scinno._train.batches import Batches


def test_a_process_group_needs_more_cells_than_a_batch(simulated):
    settings = Settings().replace(QUICK | {"batch_size": 150})
    inputs = prepared(simulated[0], **QUICK)
    network = Network(torch.zeros(inputs.n_genes, 0), settings, torch.Generator())
    Batches(network, inputs, 0, ProcessGroup(0, 1))
    with pytest.raises(ValueError, match="2 processes need more cells than batch_size, .* 150 cel"):
        Batches(network, inputs, 0, ProcessGroup(0, 2))
