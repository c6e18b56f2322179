"""The state that training returns to when a loss is not finite."""

import torch

from scinno._train.rollback import MAX_ROLLBACKS, Rollback


def test_it_stays_good_however_often_it_is_returned_to():
    network = torch.nn.Sequential(torch.nn.Linear(6, 4), torch.nn.Linear(4, 2))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01, fused=True)

    def step(gradient: float) -> None:
        for parameter in network.parameters():
            parameter.grad = torch.full_like(parameter, gradient)
        optimizer.step()

    good = Rollback(network, optimizer, 0.01)
    step(1.0)
    good.keep()
    weights = [parameter.detach().clone() for parameter in network.parameters()]
    for _ in range(MAX_ROLLBACKS):
        step(float("nan"))
        assert good.roll_back()
        for parameter, was in zip(network.parameters(), weights, strict=True):
            assert torch.equal(parameter, was)
            moment = optimizer.state[parameter]["exp_avg"]
            torch.testing.assert_close(moment, torch.full_like(moment, 0.1))
    assert not good.roll_back()
