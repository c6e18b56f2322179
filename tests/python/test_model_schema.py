"""The shapes that a model file must have are those of the network."""

import pytest
import torch
from conftest import Network

import scinno
from scinno._result._model_file import schema

SMALL = {"n_hidden": 12, "n_latent": 6, "n_heads": 2, "head_dim": 5, "n_anchors": 9}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"layer_norm": False, "activate_latent": True},
        {"mask_loss_weight": 0, "n_projection": 0},
        {"attention": False},
    ],
)
@pytest.mark.parametrize("p", [0, 4])
def test_shapes_are_those_of_the_network(changes, p):
    settings = scinno.Settings(**SMALL | changes)
    network = Network(torch.zeros(20, p), settings, torch.Generator(), 9, 3)
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    assert schema.network_shapes(settings, 20, p, 9, 3) == shapes
