"""A fit as one safetensors file: arrays and weights as tensors, everything else as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import safetensors
import safetensors.numpy

from scinno._nn.network import Network
from scinno._preprocess.inputs import Preprocessing
from scinno._settings import Settings

if TYPE_CHECKING:
    from scinno._result.fit import Fit

# Raise when a file written now could not be read by the code of yesterday.
FORMAT_VERSION = 1

_ARRAYS = ("labels", "memberships", "embedding", "code", "centres")


def pack(fit: Fit) -> bytes:
    """All of a fit as safetensors bytes; the same fit always gives the same bytes."""
    fixed = fit.preprocessing
    tensors = {name: getattr(fit, name) for name in _ARRAYS}
    tensors |= {"kept": fixed.kept, "centre": fixed.centre, "scale": fixed.scale}
    tensors |= {f"network.{k}": v.numpy() for k, v in fit.network.state_dict().items()}
    about = {
        "format_version": FORMAT_VERSION,
        "settings": asdict(fit.settings),
        "seed": fit.seed,
        "genes": fixed.genes.tolist(),
        "named": fixed.named,
        "target_sum": fixed.target_sum,
        "kind": fixed.kind,
        "history": fit.history.to_dict("list"),
        "k_evidence": None if fit.k_evidence is None else fit.k_evidence.to_dict("list"),
        "warnings": list(fit.warnings),
    }
    contiguous = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    return safetensors.numpy.save(contiguous, metadata={"scinno": json.dumps(about)})


def unpack(data: bytes, where: str) -> Fit:
    """Rebuild a fit; ``where`` names the source in errors.

    Raises
    ------
    ValueError
        Truncated, foreign or newer data.
    """
    from scinno._result.fit import Fit

    about = _about(data, where)
    try:
        tensors = safetensors.numpy.load(data)
    except safetensors.SafetensorError as error:
        raise ValueError(f"{where} is damaged or truncated: {error}") from None
    settings = Settings(**about["settings"])
    evidence = about.get("k_evidence")
    weights = {k.removeprefix("network."): v for k, v in tensors.items() if "network." in k}
    return Fit(
        **{name: tensors[name] for name in _ARRAYS},
        history=pd.DataFrame(about["history"]),
        k_evidence=None if evidence is None else pd.DataFrame(evidence),
        warnings=tuple(about.get("warnings", ())),  # files of the first version have none
        settings=settings,
        seed=about["seed"],
        preprocessing=Preprocessing(
            genes=np.array(about["genes"], dtype=str),
            named=about["named"],
            kept=tensors["kept"],
            target_sum=about["target_sum"],
            centre=tensors["centre"],
            scale=tensors["scale"],
            kind=about["kind"],
        ),
        network=Network.from_weights(settings, weights),
    )


def _about(data: bytes, where: str) -> dict[str, Any]:
    """The JSON part. Read by hand, because safetensors gives metadata for files only."""
    size = int.from_bytes(data[:8], "little")
    try:
        if len(data) < 8:
            raise ValueError
        header = json.loads(data[8 : 8 + size])
        about = json.loads(header["__metadata__"]["scinno"])
    except (ValueError, KeyError, TypeError):
        cut = 8 < len(data) < 8 + size < 1 << 40 and data[8:9] == b"{"
        raise ValueError(
            f"{where} is truncated: {len(data)} bytes, of a header of {size}"
            if cut
            else f"{where} is no scinno fit (expected a safetensors file written by Fit.save)"
        ) from None
    if about["format_version"] > FORMAT_VERSION:
        raise ValueError(
            f"{where} has format version {about['format_version']}, and this scinno reads up to "
            f"{FORMAT_VERSION}: upgrade with 'pip install --upgrade scinno'"
        )
    return about
