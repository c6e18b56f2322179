"""The optimizer: PyTorch's numbers without its compiler."""

import subprocess
import sys

import torch

from scinno._nn.adam import Adam


def trained(kind: type[torch.optim.Adam]) -> tuple[torch.Tensor, dict]:
    generator = torch.Generator().manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(7, 5, generator=generator))
    optimizer = kind([weight], lr=0.01, fused=True)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 / (step + 1))
    for _ in range(5):
        optimizer.zero_grad()
        (weight - torch.randn(7, 5, generator=generator)).square().sum().backward()
        optimizer.step()
        scheduler.step()
    state = optimizer.state_dict()
    optimizer.load_state_dict(state)
    return weight.detach(), state["state"][0]


def test_numbers_are_those_of_pytorch():
    (own, state), (usual, expected) = trained(Adam), trained(torch.optim.Adam)
    assert torch.equal(own, usual)
    assert state.keys() == expected.keys()
    assert all(torch.equal(state[name], expected[name]) for name in state)


def test_a_fit_does_not_load_the_compiler():
    script = (
        "import sys, numpy as np, scinno;"
        "x = np.random.default_rng(0).poisson(1.0, (60, 50));"
        "scinno.fit(x, 2, pretrain_epochs=1, joint_epochs=1, steps_per_epoch=2);"
        "print([name for name in sys.modules if name.startswith('torch._dynamo')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
