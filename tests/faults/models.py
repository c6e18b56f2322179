"""Changed model files: each is refused with one sentence, or is what was saved."""

from __future__ import annotations

import copy
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from model_bytes import KINDS, apart, header_of, joined, together
from mutations import (
    Rng,
    changed_bytes,
    changed_json,
    deep,
    noise,
    one_bit,
    rearranged,
    truncated,
)

import scinno

TESTS = Path(__file__).resolve().parents[1] / "python"
SENTENCES = ("the given bytes is not a scinno model, or damaged: ", "the given bytes has format v")
SMALL = {
    "n_genes": 60, "n_hidden": 16, "n_latent": 8, "n_pcs": 5, "n_heads": 2, "head_dim": 8,
    "n_anchors": 16, "n_projection": 8, "pretrain_epochs": 2, "joint_epochs": 1,
    "steps_per_epoch": 3,
}  # fmt: skip


@dataclass
class Model:
    """A sound file, and cells that it can label."""

    data: bytes
    cells: np.ndarray
    genes: list[str]
    batch: str | None

    def __post_init__(self) -> None:
        self.has_checksum = "sha256" in apart(self.data)[1]
        self.saved = scinno.from_bytes(self.data).to_bytes()


def prepare(kind: str) -> list[Model]:
    """Models of every kind: default, published settings, batches, no cells, version 0.1.0."""
    sys.path.insert(0, str(TESTS))
    from conftest import simulate

    from scinno.cli.run_folder import without_cells

    x, _ = simulate(90, 60)
    cells, genes = x.toarray()[:12], [f"G{j}" for j in range(60)]
    batch = np.where(np.arange(90) % 2, "a", "b")
    plain = scinno.fit(x, (2, 5), genes=genes, **SMALL)
    paper = scinno.fit(x, 3, genes=genes, preset="paper", **SMALL | {"n_projection": 0})
    batched = scinno.fit(x, 3, genes=genes, batch=batch, **SMALL).add_batch(x[:40], "c", genes)
    logs = scinno.fit(x.log1p() * 0.7, 3, genes=genes, **SMALL, attention=False, layer_norm=False)
    models = [Model(fit.to_bytes(), cells, genes, None) for fit in (plain, paper)]
    models.append(Model(batched.to_bytes(), cells, genes, "c"))
    models.append(Model(logs.to_bytes(), np.log1p(cells) * 0.7, genes, None))
    models.append(Model(without_cells(batched).to_bytes(), cells, genes, "a"))
    old = (TESTS / "data" / "run-0.1.0" / "model.safetensors").read_bytes()
    models.append(Model(old, cells, genes, None))
    return models


def change_of(models: list[Model], seed: int) -> str:
    return list(CHANGES)[(seed // len(models)) % len(CHANGES)]


def attempt(models: list[Model], seed: int) -> tuple[str, str]:
    """What came of a changed file (see `faults_page.OUTCOMES`), with details."""
    rng = np.random.default_rng(seed)
    model = models[seed % len(models)]
    name = change_of(models, seed)
    data, forged = CHANGES[name](rng, model.data)
    if data == model.data:
        return "right", "unchanged"
    forged = forged or not model.has_checksum
    try:
        fit = scinno.from_bytes(data)
    except ValueError as error:
        ours = type(error) is ValueError and str(error).startswith(SENTENCES)
        return "refused" if ours else "foreign", str(error)
    return as_written(fit, model) if forged else as_saved(fit, model)


def as_saved(fit: scinno.Fit, model: Model) -> tuple[str, str]:
    """A file with its checksum must hold what was saved, to the bit."""
    same = fit.to_bytes() == model.saved
    return ("right", "") if same else ("wrong", "accepted with another content")


def as_written(fit: scinno.Fit, model: Model) -> tuple[str, str]:
    """A file whose checksum fits, or that has none: a sound model, whoever wrote it."""
    again = scinno.from_bytes(fit.to_bytes())
    if again.to_bytes() != fit.to_bytes():
        return "wrong", "it is another after it was saved again"
    batches = fit.preprocessing.batches
    batch = (model.batch if model.batch in batches else batches[0]) if batches else None
    genes = model.genes if fit.preprocessing.named else None
    try:
        shares = fit.memberships_of(model.cells, genes, min_overlap=0.01, batch=batch)
    except ValueError as error:
        return "sound", f"at use: {error}"
    repr(fit)
    for _ in (fit.confidence, fit.genes, fit.batches, fit.batch_mix, fit.denoised(slice(2))):
        pass
    sound = shares.shape == (len(model.cells), fit.n_clusters) and np.isfinite(shares).all()
    return ("sound", "") if sound else ("wrong", "memberships of new cells are not finite")


# -- changes -------------------------------------------------------------------------------------


def header(rng: Rng, data: bytes) -> tuple[bytes, bool]:
    """An entry of the header that says something else of its array."""
    arrays, about = apart(data)
    found = header_of(arrays, about)
    text = found.pop("__metadata__")
    name = list(found)[rng.integers(len(found))]
    how = rng.integers(4)
    if how == 0:
        found[name]["shape"] = [2**40, 2**40] if rng.integers(2) else [0, 2**62]
    elif how == 1:
        found[name]["dtype"] = (*KINDS, "F8_E5M2", "BF16")[rng.integers(len(KINDS) + 2)]
    else:
        found[name] = changed_json(rng, found[name])
    return joined({"__metadata__": text} | found, arrays), False


def plain(rng: Rng, data: bytes, forged: bool) -> tuple[bytes, bool]:
    """A plain value."""
    arrays, about = apart(data)
    kept = about.pop("sha256", None)
    about = changed_json(rng, about)
    if kept is not None:
        about = {"sha256": kept} | about
    return together(arrays, about, forged), forged


def setting(rng: Rng, data: bytes) -> tuple[bytes, bool]:
    """A setting that claims a huge network, or is out of range."""
    arrays, about = apart(data)
    names = list(about["settings"])
    name = names[rng.integers(len(names))]
    values = (10**9, 10**12, 2**62, 0, -3, 1e308, float("inf"), float("nan"), None, "no", 2.5, True)
    about["settings"][name] = values[rng.integers(len(values))]
    return together(arrays, about, True), True


def array(rng: Rng, data: bytes, forged: bool) -> tuple[bytes, bool]:
    """An array dropped, renamed, added, of another kind or shape, or with other values."""
    arrays, about = apart(data)
    name = list(arrays)[rng.integers(len(arrays))]
    value = arrays[name]
    how = rng.integers(8)
    if how == 0:
        del arrays[name]
    elif how == 1:
        arrays[name + "x"] = arrays.pop(name)
    elif how == 2:
        arrays["network.more"] = value.copy()
    elif how == 3:
        kinds = ("int32", "int64", "float64", "float16", "bool", "int8", "uint8", "uint64")
        with np.errstate(all="ignore"):
            arrays[name] = value.astype(kinds[rng.integers(len(kinds))])
    elif how == 4:
        shapes = (value.T, value[None], value.reshape(-1), value[:-1], value[:0], value[..., :0],
                  np.concatenate([value, value]))  # fmt: skip
        arrays[name] = shapes[rng.integers(len(shapes))]
    elif value.size:
        flat = arrays[name].reshape(-1)
        if value.dtype.kind == "f":
            odd = (np.nan, np.inf, -np.inf, 3e38, 1e-45, 0, -1)
        else:
            odd = (-1, 2**31 - 1, 0, 1)
        flat[rng.integers(len(flat), size=1 if how < 7 else 5)] = odd[rng.integers(len(odd))]
    return together(arrays, about, forged), forged


def swapped(rng: Rng, data: bytes, forged: bool) -> tuple[bytes, bool]:
    """Two arrays in each other's place, or the rows of one in another order."""
    arrays, about = apart(data)
    names = list(arrays)
    a, b = (names[place] for place in rng.integers(len(names), size=2))
    if rng.integers(2):
        arrays[a], arrays[b] = arrays[b], arrays[a]
    else:
        arrays[a] = rng.permutation(arrays[a])
    return together(arrays, about, forged), forged


def no_checksum(rng: Rng, data: bytes) -> tuple[bytes, bool]:
    """The checksum taken away, or something that is none."""
    arrays, about = copy.deepcopy(apart(data))
    about.pop("sha256", None)
    if rng.integers(2):
        about["sha256"] = (None, 1, "", "0" * 64, [], {})[rng.integers(6)]
        return together(arrays, about, False), False
    return together(arrays, about, False), True


def foreign(rng: Rng, data: bytes) -> tuple[bytes, bool]:
    """Another safetensors file, deep JSON, a header of huge size, a pickle, a zip."""
    arrays, about = apart(data)
    levels = b"[" * 100_000 + b"]" * 100_000
    deep_header = b'{"__metadata__":' + b'{"a":' * 60_000 + b"1" + b"}" * 60_000 + b"}"
    choices = (
        joined({name: v for name, v in header_of(arrays, about).items() if name[0] != "_"}, arrays),
        joined({"__metadata__": {"scinno": levels.decode()}}, {}),
        len(deep_header).to_bytes(8, "little") + deep_header,
        joined({"__metadata__": {"scinno": json.dumps(about)}}, {}),
        joined({"__metadata__": {"scinno": about}}, {}),
        joined([1, 2], {}),
        joined(header_of(arrays, about | {"history": deep(300)}), arrays),
        (2**60).to_bytes(8, "little") + data[8:],
        (2**64 - 1).to_bytes(8, "little") + data[8:],
        b"PK\x03\x04" + data,
        b"\x80\x04\x95" + data,
        b"",
    )
    return choices[rng.integers(len(choices))], False


CHANGES = {
    "bytes": lambda rng, data: (changed_bytes(rng, data), False),
    "one bit": lambda rng, data: (one_bit(rng, data), False),
    "bytes of the header": lambda rng, data: (changed_bytes(rng, data, 7000), False),
    "truncated": lambda rng, data: (truncated(rng, data), False),
    "pieces": lambda rng, data: (rearranged(rng, data), False),
    "noise": lambda rng, data: (noise(rng, data), False),
    "header": header,
    "plain value": lambda rng, data: plain(rng, data, False),
    "plain value, new checksum": lambda rng, data: plain(rng, data, True),
    "setting, new checksum": setting,
    "array": lambda rng, data: array(rng, data, False),
    "array, new checksum": lambda rng, data: array(rng, data, True),
    "arrays swapped": lambda rng, data: swapped(rng, data, False),
    "arrays swapped, new checksum": lambda rng, data: swapped(rng, data, True),
    "no checksum": no_checksum,
    "foreign": foreign,
}
