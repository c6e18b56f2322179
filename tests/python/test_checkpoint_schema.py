"""A checkpoint that is not of this phase is refused before any of it is used."""

import copy
import io
import math
import zipfile

import pytest
import torch

from scinno._train import checkpoint_schema as schema


class Phase:
    """A network of one layer, after a step."""

    def __init__(self):
        self.network = torch.nn.Linear(3, 2)
        self.optimizer = torch.optim.Adam(self.network.parameters())
        self.network(torch.ones(4, 3)).sum().backward()
        self.optimizer.step()

    def state_dict(self):
        return {
            "weights": copy.deepcopy(self.network.state_dict()),
            "optimizer": copy.deepcopy(self.optimizer.state_dict()),
        }


ROW = {"epoch": 1, "n_epochs": 2, "phase": "joint", "loss": 0.5, "label_change": math.nan,
       "seconds": 0.1}  # fmt: skip


@pytest.fixture
def state() -> dict:
    labels = torch.zeros(5, dtype=torch.int64)
    return Phase().state_dict() | {
        "peak_rate": 0.1, "epoch": 1, "n_rollbacks": 0, "extra": {"first": labels, "last": labels},
        "history": [dict(ROW)], "random_state": torch.Generator().get_state()[None],
    }  # fmt: skip


def test_a_sound_state_passes(state):
    schema.check_state(state, Phase(), 2, 5)
    state["random_state"] = torch.cat(
        [state["random_state"], torch.ones(1, 16, dtype=torch.uint8)], 1
    )
    schema.check_state(state, Phase(), 2, 5)


WRONG = {
    "a part is missing": lambda s: s.pop("history"),
    "a part is unknown": lambda s: s.update(more=1),
    "a weight is missing": lambda s: s["weights"].pop("bias"),
    "a weight of another shape": lambda s: s["weights"].update(bias=torch.zeros(3)),
    "a weight of another kind": lambda s: s["weights"].update(bias=torch.zeros(2).double()),
    "a weight that is not finite": lambda s: s["weights"]["bias"].fill_(math.nan),
    "a weight that claims a huge size": lambda s: s["weights"].update(
        bias=torch.zeros(1).expand(2**40)
    ),
    "moments of another shape": lambda s: s["optimizer"]["state"][0].update(
        exp_avg=torch.zeros(1).expand(2**40)
    ),
    "negative squares": lambda s: s["optimizer"]["state"][1]["exp_avg_sq"].fill_(-1),
    "moments of an unknown weight": lambda s: s["optimizer"]["state"].update({7: {}}),
    "another optimizer": lambda s: s["optimizer"]["param_groups"][0].update(betas=(0.1, 0.2)),
    "a rate of no number": lambda s: s["optimizer"]["param_groups"][0].update(lr=math.nan),
    "a peak of no number": lambda s: s.update(peak_rate=math.inf),
    "more epochs than the phase has": lambda s: s.update(epoch=3),
    "a flag as a number": lambda s: s.update(n_rollbacks=True),
    "labels of other cells": lambda s: s["extra"].update(last=torch.zeros(4, dtype=torch.int64)),
    "labels below 0": lambda s: s["extra"]["first"].fill_(-1),
    "one of the labels": lambda s: s["extra"].pop("first"),
    "a row without its loss": lambda s: s["history"][0].pop("loss"),
    "a loss that is text": lambda s: s["history"][0].update(loss="0.5"),
    "a phase that is none": lambda s: s["history"][0].update(phase="x"),
    "no state of random numbers": lambda s: s.update(random_state=s["random_state"][:0]),
    "a state that is none": lambda s: s.update(random_state=s["random_state"][:, :100]),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_wrong_part_is_refused(change, state):
    state = copy.deepcopy(state)
    change(state)
    with pytest.raises(schema.DamagedError, match="its part '|lacks or adds parts"):
        schema.check_state(state, Phase(), 2, 5)


def saved(value) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("value", [{}, [], {"run": 1, "state": {}}, {"run": {}}, torch.zeros(2)])
def test_other_things_that_torch_saves_are_refused(value):
    assert schema.read_content(saved({"run": {}, "state": {}})) == {"run": {}, "state": {}}
    with pytest.raises(schema.DamagedError, match="no run and no state"):
        schema.read_content(saved(value))


def test_what_torch_cannot_read_or_claims_too_much_is_refused():
    good = saved({"run": {}, "state": {}})
    for data in (b"", good[:-50], b"x" * 100, good.replace(b"run", b"\xff\xffn")):
        with pytest.raises(schema.DamagedError, match="not what was saved"):
            schema.read_content(data)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(10_000_000))
    with pytest.raises(schema.DamagedError, match="claims more bytes than it has"):
        schema.read_content(packed.getvalue())
