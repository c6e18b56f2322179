"""RNA velocity's layers: spliced counts alone must not stand for all."""

from __future__ import annotations

import logging

import anndata as ad

logger = logging.getLogger("scinno")

_PARTS = ("spliced", "unspliced", "ambiguous", "spanning")


def settle_parts(data: ad.AnnData, name: str) -> None:
    """Say what X is of the layers spliced, unspliced and ambiguous; their sum if it is empty."""
    parts = [part for part in _PARTS if part in data.layers]
    if data.X is None or not {"spliced", "unspliced"} <= set(parts):
        return
    sums = {part: float(data.layers[part].sum()) for part in parts}
    total, x = sum(sums.values()), float(data.X.sum())
    if x == 0 and total:
        data.X = sum(data.layers[part] for part in parts)
        logger.warning("%s: X is empty, so the sum of %s is taken", name, ", ".join(parts))
        return
    for part, part_sum in sums.items():
        if x == part_sum != total:
            logger.warning(
                "%s: X holds the %s counts only, %.0f%% of those in %s; --layer takes another",
                name, part, 100 * x / total, ", ".join(parts),
            )  # fmt: skip
