"""What a checkpoint must hold, compared with the phase that it is for."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from scinno._train.rollback import Rollback

_STATE = {
    "weights", "optimizer", "peak_rate", "epoch", "n_rollbacks", "extra", "history", "random_state",
}  # fmt: skip
# Of every row of the history, beside the losses.
_ROW = {"epoch", "n_epochs", "phase", "loss", "label_change", "seconds"}
# What Adam stores of a weight.
_MOMENTS = {"step", "exp_avg", "exp_avg_sq"}
# Labels of the sample, before the phase and after its last epoch.
_EXTRA: tuple[set[str], set[str]] = ({"first", "last"}, set())


class DamagedError(ValueError):
    """What is wrong with a checkpoint, without its name."""


def read_content(content: bytes) -> dict[str, Any]:
    """The run and the state in a checkpoint.

    Raises
    ------
    DamagedError
        It is not what `torch.save` wrote of them, or claims more than it holds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # PyTorch does not pack.
            if sum(part.file_size for part in archive.infolist()) > len(content):
                raise DamagedError("it claims more bytes than it has")
        held = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except DamagedError:
        raise
    except Exception as error:  # of zipfile, pickle and PyTorch, of many kinds
        raise DamagedError("its content is not what was saved") from error
    good = isinstance(held, dict) and set(held) == {"run", "state"}
    if not good or not isinstance(held["run"], dict) or not isinstance(held["state"], dict):
        raise DamagedError("it has no run and no state")
    return held


def check_state(state: Mapping[str, Any], rollback: Rollback, n_epochs: int, n_sample: int) -> None:
    """Compare a state with that of a phase that has just begun.

    Parameters
    ----------
    state : mapping
        As ``rollback.state_dict()``, with history and random_state.
    rollback : Rollback
        With weights and optimizer of the phase.
    n_epochs : int
        Of the phase.
    n_sample : int
        Cells whose labels are watched.

    Raises
    ------
    DamagedError
        A missing, superfluous or wrong part.
    """
    like = rollback.state_dict()
    if set(state) != _STATE:
        raise DamagedError(f"it lacks or adds parts: {sorted(set(state) ^ _STATE, key=str)[:3]}")
    _require(_same_kind(state["weights"], like["weights"]), "weights")
    _check_optimizer(state["optimizer"], like["optimizer"], rollback.optimizer)
    _require(_is_number(state["peak_rate"]) and 0 < state["peak_rate"] <= 1e6, "peak_rate")
    _require(_is_count(state["epoch"]) and state["epoch"] <= n_epochs, "epoch")
    _require(_is_count(state["n_rollbacks"]), "n_rollbacks")
    extra = state["extra"]
    _require(isinstance(extra, dict) and set(extra) in _EXTRA, "extra")
    labels = list(extra.values())
    _require(all(isinstance(x, Tensor) and x.dtype == torch.int64 for x in labels), "extra")
    _require(all(x.shape == (n_sample,) and bool((x >= 0).all()) for x in labels), "extra")
    _check_history(state["history"])
    states = state["random_state"]
    good = isinstance(states, Tensor) and states.dtype == torch.uint8 and states.ndim == 2
    _require(good and _are_states(states), "random_state")


def _check_optimizer(value: Any, like: Any, optimizer: torch.optim.Optimizer) -> None:
    good = isinstance(value, dict) and set(value) == set(like)
    _require(good and isinstance(value["param_groups"], list), "optimizer")
    groups, present = value["param_groups"], like["param_groups"]
    _require(len(groups) == len(present), "optimizer")
    for group, own in zip(groups, present, strict=True):
        # A scheduler adds "initial_lr".
        _require(isinstance(group, dict) and set(own) <= set(group), "optimizer")
        for name, mine in own.items():
            if name not in ("lr", "initial_lr"):
                _require(type(group[name]) is type(mine) and group[name] == mine, "optimizer")
        extra = set(group) - set(own)
        _require(extra <= {"initial_lr"}, "optimizer")
        _require(all(_is_number(group[n]) for n in ("lr", *extra)), "optimizer")
    numbers = [number for group in present for number in group["params"]]
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    shapes = {n: weight.shape for n, weight in zip(numbers, weights, strict=True)}
    moments = value["state"]
    _require(isinstance(moments, dict) and set(moments) <= set(numbers), "optimizer")
    for number, found in moments.items():
        _require(isinstance(found, dict) and set(found) == _MOMENTS, "optimizer")
        _require(_is_real(found["step"], torch.Size()), "optimizer")
        for name in ("exp_avg", "exp_avg_sq"):
            _require(_is_real(found[name], shapes[number]), "optimizer")
        _require(bool((found["exp_avg_sq"] >= 0).all()), "optimizer")


def _check_history(value: Any) -> None:
    _require(isinstance(value, list), "history")
    for row in value:
        _require(isinstance(row, dict) and set(row) >= _ROW, "history")
        _require(all(isinstance(name, str) for name in row), "history")
        _require(row["phase"] in ("pretrain", "joint"), "history")
        rest = [number for name, number in row.items() if name != "phase"]
        # No label has changed before the joint phase: NaN.
        _require(all(type(number) in (int, float) for number in rest), "history")
        _require(_is_count(row["epoch"]) and _is_count(row["n_epochs"]), "history")


def _are_states(states: Tensor) -> bool:
    """Whether rows begin with the state of a generator; that of a GPU's may follow."""
    length = len(torch.Generator().get_state())
    try:
        for row in states:
            torch.Generator().set_state(row[:length].clone())
    except RuntimeError:
        return False
    return len(states) > 0


def _same_kind(value: Any, like: Mapping[str, Tensor]) -> bool:
    """Whether tensors have the names, kinds and shapes of others, and are finite."""
    return (
        isinstance(value, dict)
        and set(value) == set(like)
        and all(_is_real(x, like[name].shape, like[name].dtype) for name, x in value.items())
    )


def _is_real(value: Any, shape: torch.Size, dtype: torch.dtype = torch.float32) -> bool:
    """Whether it is a tensor of this shape and kind, all finite; others may claim any size."""
    is_tensor = isinstance(value, Tensor) and value.layout == torch.strided
    good = is_tensor and value.shape == shape and value.dtype == dtype
    return good and bool(torch.isfinite(value).all())


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**31


def _require(good: bool, name: str) -> None:
    if not good:
        raise DamagedError(f"its part {name!r} is not of this phase")
