"""The pictures of a run folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from scinno._drawing.palette import colors_of
from scinno._drawing.scatter import draw_groups, draw_numbers, frame, point_size


def draw(
    path: Path,
    flat: np.ndarray,
    name: str,
    clusters: np.ndarray,
    confidence: np.ndarray,
    truth: np.ndarray | None = None,
    note: str = "",
) -> None:
    """Write one PNG: cells by cluster, by membership confidence, and by true label if given."""
    panels = 2 if truth is None else 3
    figure = Figure(figsize=(6.2 * panels, 5.6), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    size = point_size(len(flat))
    levels = [str(j) for j in range(int(clusters.max()) + 1)]
    draw_groups(axes[0], flat, clusters, levels, colors_of(levels), size, "on data")
    frame(axes[0], name, f"{len(np.unique(clusters))} clusters")
    label = "membership in own cluster"
    draw_numbers(axes[1], flat, confidence, size, label, limits=(0, 1), low_on_top=True)
    frame(axes[1], name, "confidence")
    if truth is not None:
        known = pd.Categorical(truth).rename_categories(str)
        levels = list(known.categories)
        colors = colors_of(levels)
        draw_groups(axes[2], flat, known.codes, levels, colors, size, "right margin")
        frame(axes[2], name, "given labels" + (f"   {note}" if note else ""))
    figure.savefig(path, dpi=130)
