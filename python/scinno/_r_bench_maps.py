"""Figure 5 for R: the map and the groups of each panel, which R draws itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from scinno.pl._bench_panels import panels_of


def bench_maps(request: dict[str, Any]) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Words and numbers of `scinno.pl.bench_maps`, whose arguments ``request`` holds."""
    shown = panels_of(
        Path(request["folder"]),
        Path(request["data"]),
        request["methods"],
        request["seed"],
        request["k_given"],
        request["max_cells"],
    )
    words = {
        "levels": shown.levels,
        "types": shown.types,
        "names": shown.names,
        "scores": shown.scores,
    }
    return words, {"flat": shown.flat, "codes": shown.codes}
