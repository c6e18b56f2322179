"""What a file of a fit contains: its arrays and plain values, and back."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd

from scinno._batch.fitted import FittedBatches
from scinno._preprocess.preprocessing import Preprocessing
from scinno._result._model_file.header import DamagedError
from scinno._result._model_file.plain_values import read_plain
from scinno._result._model_file.schema import check_arrays, check_specs
from scinno._result.file_format import Tensors, pack, read_about, read_tensors
from scinno._result.legacy import rename_columns, rename_tensor, renamed

if TYPE_CHECKING:
    from scinno._nn.network import Network

logger = logging.getLogger("scinno")

ARRAYS = ("labels", "memberships", "embedding", "latent", "centers")
BATCH_ARRAYS = ("codes", "n_cells", "kept_neighbors", "mixing", "profiles")
# The version without batches, which older code reads, and that with batches, which it cannot.
PLAIN, WITH_BATCHES = 2, 3


def packed(
    arrays: dict[str, Any],
    fixed: Preprocessing,
    network: Network,
    batch_info: FittedBatches | None,
    about: dict[str, Any],
) -> bytes:
    """The bytes of a fit.

    Parameters
    ----------
    arrays : dict of ndarray
        Its `ARRAYS`.
    fixed : Preprocessing
    network : Network
    batch_info : FittedBatches, optional
    about : dict
        Settings, seed and warnings as plain values, tables as lists of columns.
    """
    tensors: Tensors = dict(arrays)
    tensors |= {"selected": fixed.selected, "center": fixed.center, "scale": fixed.scale}
    tensors |= {f"network.{k}": v.numpy() for k, v in network.state_dict().items()}
    about = {
        "settings": asdict(about["settings"]),
        "seed": about["seed"],
        "genes": fixed.genes.tolist(),
        "named": fixed.named,
        "target_sum": fixed.target_sum,
        "kind": fixed.kind,
        "history": about["history"],
        "k_evidence": about["k_evidence"],
        "warnings": about["warnings"],
    }
    if batch_info is None:
        return pack(tensors, about, PLAIN)
    tensors |= {f"batch.{name}": getattr(batch_info, name) for name in BATCH_ARRAYS}
    return pack(tensors, about | {"batches": list(fixed.batches)}, WITH_BATCHES)


def unpacked(data: bytes, where: str) -> dict[str, Any]:
    """The fields of a `Fit` from its bytes; ``where`` names them in errors.

    Raises
    ------
    ValueError
        Truncated, damaged, foreign or newer data.
    """
    try:
        return _unpacked(data, where)
    except DamagedError as error:
        raise ValueError(not_a_model(where, error)) from None


def not_a_model(where: str, reason: object) -> str:
    """The sentence about every file that is none of a fit, or no longer."""
    return f"{where} is not a scinno model, or damaged: {reason}"


def _unpacked(data: bytes, where: str) -> dict[str, Any]:
    specs, about = read_about(data, where)
    values = read_plain(about)
    settings, genes, batches = values["settings"], values["genes"], values["batches"]
    check_specs(renamed(specs, rename_tensor), settings, len(genes), len(batches))
    tensors = renamed(read_tensors(data, about), rename_tensor)
    check_arrays(tensors, len(genes))
    if "sha256" not in about:
        logger.info("%s was saved without a checksum, so changed digits cannot be noticed", where)
    from scinno._nn.network import Network

    weights = {k.removeprefix("network."): v for k, v in tensors.items() if "network." in k}
    info = None
    if batches:
        info = FittedBatches(**{name: tensors[f"batch.{name}"] for name in BATCH_ARRAYS})
    return {name: tensors[name] for name in ARRAYS} | {
        "history": rename_columns(pd.DataFrame(values["history"])),
        "k_evidence": None
        if values["k_evidence"] is None
        else rename_columns(pd.DataFrame(values["k_evidence"])),
        "warnings": values["warnings"],
        "settings": settings,
        "seed": values["seed"],
        "preprocessing": Preprocessing(
            genes=genes,
            named=values["named"],
            selected=tensors["selected"],
            target_sum=values["target_sum"],
            center=tensors["center"],
            scale=tensors["scale"],
            kind=values["kind"],
            batches=batches,
        ),
        "network": Network.from_weights(settings, weights),
        "batch_info": info,
    }
