"""Names that scinno 0.1.0 wrote, and what they are called now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from scinno._result._model_file.header import DamagedError
from scinno._settings.renamed import RENAMED_SETTINGS

# Columns of the history and of the evidence for K, and names of the phases.
COLUMNS = {
    "epochs": "n_epochs",
    "contrast": "contrastive",
    "spotting": "mask_prediction",
    "imbalance": "negative_entropy",
    "changed": "label_change",
    "mean_share": "mean_purity",
    "least_share": "min_purity",
    "good_clusters": "pure_clusters",
    "allowed": "in_range",
}
# Settings that files of earlier versions lack, as they were then.
EARLIER_SETTINGS = {"batch_parts": 1}
PHASES = {"denoise": "pretrain", "cluster": "joint"}
# Weights and arrays of a model file.
TENSORS = {
    "code": "latent",
    "centres": "centers",
    "centre": "center",
    "kept": "selected",
    "network.axes": "network.loadings",
    "network.reach": "network.min_norm",
    "network.stretch": "network.view_scale",
    "network.unit": "network.distance_scale",
    "network.centres": "network.centers",
}
MASK_PREDICTOR = ("network.dn.spotter.", "network.dn.mask_predictor.")


def renamed(values: Mapping[str, Any], present: Callable[[str], str]) -> dict[str, Any]:
    """The same by present names.

    Raises
    ------
    DamagedError
        One is there twice, by its old and its present name.
    """
    result = {present(name): value for name, value in values.items()}
    if len(result) < len(values):
        raise DamagedError("it has something twice, by an old and a present name")
    return result


def rename_setting(name: str) -> str:
    """The present name of a setting."""
    return RENAMED_SETTINGS.get(name, name)


def rename_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by their present names."""
    return EARLIER_SETTINGS | {rename_setting(name): value for name, value in settings.items()}


def rename_columns(table: pd.DataFrame) -> pd.DataFrame:
    """A history or evidence for K with the present names of columns and phases."""
    renamed = table.rename(columns=COLUMNS)
    if "phase" in renamed:
        renamed["phase"] = renamed["phase"].replace(PHASES)
    return renamed


def rename_tensor(name: str) -> str:
    """The present name of an array in a model file."""
    return TENSORS.get(name, name.replace(*MASK_PREDICTOR))
