"""The first paragraph of the page."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scinno._anndata.results import UNCERTAIN, Results
from scinno._clusters.uncertainty import RARE
from scinno.report._content.clusters import SharedMembership


def percent(fraction: float) -> str:
    """A fraction as a percentage that never rounds to 0 or 100 %."""
    if 0 < fraction < 0.001:
        return "under 0.1\u00a0%"
    if 0.999 < fraction < 1:
        return "over 99.9\u00a0%"
    digits = 1 if fraction < 0.1 or fraction > 0.9 else 0
    text = f"{100 * fraction:.{digits}f}"
    return f"{text.removesuffix('.0')}\u00a0%"


def sentences(
    results: Results,
    clusters: pd.DataFrame,
    shared: SharedMembership,
    doublets: int | None,
    labeled: dict[str, Any] | None,
) -> list[str]:
    """Size of clusters, certainty, overlap, doublet-like cells, agreement with labels."""
    n, sizes = len(results.labels), clusters["n_cells"]
    sizes = sizes[sizes > 0]
    texts = [
        f"{n:,} cells are in {len(sizes)} clusters of {sizes.min():,} to {sizes.max():,} cells."
    ]
    unassigned = int((results.labels < 0).sum())
    if unassigned:
        texts.append(f"{unassigned:,} cells ({percent(unassigned / n)}) are in no cluster.")
    low = results.confidence < UNCERTAIN
    if low.any():
        texts.append(
            f"{percent(float((~low).mean()))} of cells have a membership of {UNCERTAIN:g} or more "
            f"in their cluster; {int(low.sum()):,} are less certain."
        )
    else:
        texts.append(f"All have a membership of {UNCERTAIN:g} or more in their cluster.")
    worst = clusters["uncertain"].fillna(0) if "uncertain" in clusters else pd.Series([0.0])
    if float(worst.max()) > 0.05:
        name = clusters["name"][int(np.argmax(worst))]
        texts.append(f"Cluster {name} has the highest fraction of them: {percent(worst.max())}.")
    pair = shared.closest_pair()
    if pair is not None:
        i, j, share = pair
        texts.append(
            f"Clusters {results.names[i]} and {results.names[j]} overlap most: on average a "
            f"cell of one has {percent(share)} membership in the other."
        )
    if doublets:
        texts.append(
            f"{doublets:,} cells lie between distant clusters and may be doublets; all were kept."
            if doublets > 1
            else "One cell lies between distant clusters and may be a doublet."
        )
    if labeled is not None:
        ari, nmi = labeled["scores"]["ARI"], labeled["scores"]["NMI"]
        texts.append(
            f"Against the given labels “{labeled['name']}”, ARI is {ari:.2f} and NMI {nmi:.2f} "
            "(1 is full agreement)."
        )
    return texts


def rare_clusters(clusters: pd.DataFrame) -> str:
    """Which clusters hold few cells, and which of those have clear markers.

    Parameters
    ----------
    clusters : DataFrame, (k)
        As `cluster_table` gives it, with ``markers``, the clear markers of each cluster.
    """
    rare = clusters[(clusters["n_cells"] > 0) & (clusters["fraction"] < RARE)]
    limit = percent(RARE)
    if not len(rare):
        return f"No cluster is rare: each holds {limit} of the cells or more."
    named = rare["markers"].map(len) > 0
    texts = [f"Rare, with under {limit} of the cells: {_listed(rare['name'])}."]
    if named.any():
        texts.append(f"Clear markers, as a rare type has them: {_listed(rare['name'][named])}.")
    if not named.all():
        texts.append(
            f"No clear markers, so perhaps stray cells of other types: "
            f"{_listed(rare['name'][~named])}."
        )
    return " ".join(texts)


def _listed(names: pd.Series) -> str:
    first = [str(name) for name in names]
    last = first.pop()
    return f"{', '.join(first)} and {last}" if first else last
