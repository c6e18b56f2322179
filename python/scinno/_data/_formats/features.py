"""Kinds of features that droplets are counted by, of which scinno takes gene expression."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable

import anndata as ad

logger = logging.getLogger("scinno")

GENES = "Gene Expression"
# What Cell Ranger counts beside genes.
_OTHERS = frozenset(
    {"Antibody Capture", "CRISPR Guide Capture", "Antigen Capture", "Multiplexing Capture",
     "Custom", "Peaks", "VDJ", "VDJ-T", "VDJ-B"}
)  # fmt: skip


def check_has_genes(kinds: Iterable[str]) -> None:
    """Refuse features of which none is gene expression (ValueError)."""
    counts = Counter(kinds)
    if counts and set(counts) <= _OTHERS:
        held = ", ".join(f"{n} of {kind!r}" for kind, n in counts.most_common())
        raise ValueError(
            f"it holds no gene expression, but {held}: give the matrix with the {GENES!r} features"
        )


def only_genes(data: ad.AnnData) -> ad.AnnData:
    """Cells without the features that are not genes; kinds in ``var["feature_types"]``.

    Raises
    ------
    ValueError
        None is gene expression.
    """
    if "feature_types" not in data.var:
        return data
    kinds = data.var["feature_types"].astype(str)
    check_has_genes(kinds)
    genes = (kinds == GENES).to_numpy()
    if genes.all() or not genes.any():
        return data
    logger.info("%d features that are not genes are left out", (~genes).sum())
    return data[:, genes].copy()
