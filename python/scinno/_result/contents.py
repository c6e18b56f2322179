"""What a file of a fit contains: its arrays and plain values, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scinno._batch.fitted import FittedBatches
from scinno._preprocess.preprocessing import Preprocessing
from scinno._result.file_format import Tensors, pack, unpack
from scinno._result.legacy import rename_columns, rename_settings, rename_tensor
from scinno._settings.settings import Settings

if TYPE_CHECKING:
    from scinno._nn.network import Network

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
    """The fields of a `Fit` from its bytes; ``where`` names them in errors, as in `unpack`."""
    from scinno._nn.network import Network

    tensors, about = unpack(data, where)
    tensors = {rename_tensor(name): value for name, value in tensors.items()}
    settings = Settings(**rename_settings(about["settings"]))
    evidence = about.get("k_evidence")
    weights = {k.removeprefix("network."): v for k, v in tensors.items() if "network." in k}
    info = None
    if "batches" in about:
        info = FittedBatches(**{name: tensors[f"batch.{name}"] for name in BATCH_ARRAYS})
    return {name: tensors[name] for name in ARRAYS} | {
        "history": rename_columns(pd.DataFrame(about["history"])),
        "k_evidence": None if evidence is None else rename_columns(pd.DataFrame(evidence)),
        "warnings": tuple(about.get("warnings", ())),
        "settings": settings,
        "seed": about["seed"],
        "preprocessing": Preprocessing(
            genes=np.array(about["genes"], dtype=str),
            named=about["named"],
            selected=tensors["selected"],
            target_sum=about["target_sum"],
            center=tensors["center"],
            scale=tensors["scale"],
            kind=about["kind"],
            batches=tuple(about.get("batches", ())),
        ),
        "network": Network.from_weights(settings, weights),
        "batch_info": info,
    }
