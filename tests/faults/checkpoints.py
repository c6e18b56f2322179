"""Changed checkpoints, from which a fit resumes."""

from __future__ import annotations

import contextlib
import copy
import io
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from judge import is_sentence
from mutations import HOSTILE, Rng, changed_bytes, noise, one_bit, rearranged, truncated

import scinno
from scinno._train.checkpoint import FORMAT_VERSION
from scinno._train.sealed import sealed

TESTS = Path(__file__).resolve().parents[1] / "python"
SMALL = {
    "n_genes": 40, "n_hidden": 12, "n_latent": 6, "n_pcs": 4, "n_heads": 2, "head_dim": 4,
    "n_anchors": 12, "n_projection": 4, "pretrain_epochs": 2, "joint_epochs": 2,
    "steps_per_epoch": 2,
}  # fmt: skip
N_GENES = 40


@dataclass
class State:
    """Checkpoints of both phases, and what an undisturbed fit gives."""

    x: Any
    files: dict[str, bytes]
    expected: bytes
    folder: Path


class _StopError(Exception):
    pass


def _fit(x: Any, folder: Path | None, callback: Any = None) -> scinno.Fit:
    genes = [f"G{j}" for j in range(N_GENES)]
    return scinno.fit(x, 3, genes=genes, checkpoint=folder, callback=callback, **SMALL)


def prepare(kind: str) -> State:
    sys.path.insert(0, str(TESTS))
    from conftest import simulate

    x, _ = simulate(60, N_GENES)
    folder = Path(tempfile.mkdtemp())

    def stop(row: dict[str, Any]) -> None:
        # The second phase keeps its state at its end only; it is read again all the same.
        if row["epoch"] == 4:
            raise _StopError

    from scinno._train import checkpoint

    checkpoint.INTERVAL = 0.0
    with contextlib.suppress(_StopError):
        _fit(x, folder, stop)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(files) == 2, files
    checkpoint.INTERVAL = 1e9
    expected = _comparable(_fit(x, None))
    state = State(x, files, expected, folder)
    assert _attempt(state, files, True)[0] == "right"
    return state


def _comparable(fit: scinno.Fit) -> bytes:
    """A fit as bytes, but for its times."""
    from dataclasses import replace

    return replace(fit, history=fit.history.assign(seconds=0.0)).to_bytes()


def change_of(state: State, seed: int) -> str:
    return list(CHANGES)[(seed // len(state.files)) % len(CHANGES)]


def attempt(state: State, seed: int) -> tuple[str, str]:
    """What came of a fit that resumes from a changed file."""
    rng = np.random.default_rng(seed)
    name = sorted(state.files)[seed % len(state.files)]
    change = change_of(state, seed)
    data = CHANGES[change](rng, state.files[name])
    forged = change.endswith("new checksum") and data != state.files[name]
    return _attempt(state, state.files | {name: data}, not forged)


def _attempt(state: State, files: dict[str, bytes], strict: bool) -> tuple[str, str]:
    state.folder.mkdir(exist_ok=True)  # a finished fit has removed it
    for name, data in files.items():
        (state.folder / name).write_bytes(data)
    try:
        fit = _fit(state.x, state.folder)
    except ValueError as error:
        ours = is_sentence(error) and "checkpoint" in str(error)
        return "refused" if ours else "foreign", str(error)
    if _comparable(fit) == state.expected:
        return "right", ""
    if strict:
        return "wrong", "another result than without a checkpoint"
    finite = all(np.isfinite(a).all() for a in (fit.memberships, fit.embedding, fit.centers))
    return ("sound", "") if finite else ("wrong", "results are not finite")


# -- changes -------------------------------------------------------------------------------------


def _content(data: bytes) -> bytes:
    return data.partition(b"\n")[2]


def content(rng: Rng, data: bytes) -> bytes:
    """Bytes behind the checksum, which is made anew: zip and pickle are read from them."""
    change = (changed_bytes, one_bit, truncated, rearranged, noise)[rng.integers(5)]
    return sealed(change(rng, _content(data)), FORMAT_VERSION)


def part(rng: Rng, data: bytes) -> bytes:
    """A part of the state that is another, missing, or of another kind or shape."""
    held = torch.load(io.BytesIO(_content(data)), weights_only=True)
    held = copy.deepcopy(held)
    places: list[tuple[Any, Any]] = []

    def walk(value: Any, depth: int) -> None:
        keys = list(value) if isinstance(value, dict) else range(len(value))
        for key in keys:
            places.extend([(value, key)] * (4 if depth < 2 else 1))
            if isinstance(value[key], dict | list):
                walk(value[key], depth + 1)

    walk(held["state"], 0)
    walk(held, 2)
    where, key = places[rng.integers(len(places))]
    value = where[key]
    if isinstance(value, torch.Tensor) and rng.integers(5):
        where[key] = _tensor(rng, value)
    elif rng.integers(4) == 0:
        del where[key]
    elif rng.integers(4) == 0 and isinstance(where, dict):
        where["more"] = value
    elif type(value) in (int, float):
        where[key] = (-1, 0, 10**9, 1e300, float("nan"), True, "1", None, value + 1)[
            rng.integers(9)
        ]
    else:
        where[key] = HOSTILE[rng.integers(len(HOSTILE))]
    buffer = io.BytesIO()
    torch.save(held, buffer)
    return sealed(buffer.getvalue(), FORMAT_VERSION)


def _tensor(rng: Rng, value: torch.Tensor) -> torch.Tensor:
    how = rng.integers(8)
    if how == 0:
        return value.to((torch.float64, torch.float16, torch.int32, torch.bool)[rng.integers(4)])
    if how == 1:
        return value[None]
    if how == 2:
        return value.reshape(-1)[:-1]
    if how == 3:
        return value.reshape(-1)[:1].expand(2**33 if value.numel() else 0)
    if how == 4 and value.ndim == 2:
        return value.to_sparse()
    value = value.clone()
    if value.numel():
        flat = value.reshape(-1)
        if value.is_floating_point():
            odd = (float("nan"), float("inf"), 1e30, -1e30, 0.0)
        else:
            odd = (-1, 0, 100, 2, 7) if value.dtype != torch.uint8 else (0, 1, 255, 7, 9)
        flat[rng.integers(len(flat))] = odd[rng.integers(5)]
        value = flat.reshape(value.shape)
    return value


def foreign(rng: Rng, data: bytes) -> bytes:
    """Another thing that torch.save can write, or another program."""
    buffer = io.BytesIO()
    values = ({}, [], {"run": {}, "state": {}}, {"run": 1, "state": 2}, torch.zeros(3), "x")
    torch.save(values[rng.integers(6)], buffer)
    held = buffer.getvalue()
    return (sealed(held, FORMAT_VERSION), held, sealed(b"", FORMAT_VERSION), b"", b"PK\x03\x04")[
        rng.integers(5)
    ]


CHANGES = {
    "bytes": changed_bytes,
    "one bit": one_bit,
    "first line": lambda rng, data: changed_bytes(rng, data, 90),
    "truncated": truncated,
    "pieces": rearranged,
    "noise": noise,
    "foreign": foreign,
    "content, new checksum": content,
    "part, new checksum": part,
    "other part, new checksum": part,
}
