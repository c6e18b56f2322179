"""Where prepared values go."""

import logging

import torch
from conftest import prepared

from scinno._preprocess.prepare import move_to_gpu


def test_a_gpu_without_free_memory_gets_mini_batches_and_the_processor_nothing(
    simulated, monkeypatch, caplog
):
    inputs = prepared(simulated[0])
    assert move_to_gpu(inputs, torch.device("cpu")) is inputs
    needed = 2 * inputs.n_cells * inputs.n_genes
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (needed, needed))
    with caplog.at_level(logging.INFO, "scinno"):
        assert move_to_gpu(inputs, torch.device("cuda")) is inputs
    assert "mini-batches are sent one by one" in caplog.text
