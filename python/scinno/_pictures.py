"""t-SNE and UMAP pictures of a finished clustering."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Above this many cells a picture shows a random subsample, and says so.
MOST_POINTS = 20_000


def maps(embedding: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Two-dimensional t-SNE (scikit-learn) and UMAP (umap-learn) of the embedding.

    Parameters
    ----------
    embedding : ndarray of float32, (cells, latent)

    Returns
    -------
    dict of ndarray of float32, (cells, 2)
        ``"X_tsne"`` and ``"X_umap"``.
    """
    from sklearn.manifold import TSNE

    n = len(embedding)
    perplexity = min(30.0, max(1.0, (n - 1) / 3))
    tsne = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=-1)
    flat = {"X_tsne": tsne.fit_transform(embedding).astype(np.float32)}
    with warnings.catch_warnings():
        # That TensorFlow is not here, and that a seed means one thread.
        warnings.simplefilter("ignore")
        from umap import UMAP

        umap = UMAP(n_neighbors=min(15, n - 1), random_state=seed, init="pca")
        flat["X_umap"] = umap.fit_transform(embedding).astype(np.float32)
    return flat


def subsample(n_cells: int, seed: int) -> np.ndarray:
    """Cells to draw, in their order: all of them, or `MOST_POINTS` at random."""
    if n_cells <= MOST_POINTS:
        return np.arange(n_cells)
    chosen = np.random.default_rng(seed).choice(n_cells, MOST_POINTS, replace=False)
    return np.sort(chosen)


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
    size = float(np.clip(30_000 / len(flat), 2, 40))
    _groups(axes[0], flat, clusters, size, name, f"{len(np.unique(clusters))} clusters")
    order = np.argsort(-confidence)  # the uncertain cells on top
    points = axes[1].scatter(
        flat[order, 0],
        flat[order, 1],
        c=confidence[order],
        s=size,
        cmap="viridis",
        vmin=0,
        vmax=1,
        lw=0,
    )
    figure.colorbar(points, ax=axes[1], shrink=0.7, label="membership in own cluster")
    _frame(axes[1], name, "confidence")
    if truth is not None:
        _groups(axes[2], flat, truth.astype(str), size, name, "given labels", note, legend=True)
    figure.savefig(path, dpi=130)


def _groups(
    axes: Axes,
    flat: np.ndarray,
    groups: np.ndarray,
    size: float,
    name: str,
    title: str,
    note: str = "",
    legend: bool = False,
) -> None:
    import scanpy as sc

    values = np.unique(groups)
    few, many = sc.pl.palettes.default_20, sc.pl.palettes.default_102
    palette = few if len(values) <= len(few) else many
    colours = {value: palette[i % len(palette)] for i, value in enumerate(values)}
    axes.scatter(flat[:, 0], flat[:, 1], c=[colours[g] for g in groups], s=size, lw=0)
    for value in values:
        if legend:
            axes.scatter([], [], c=colours[value], s=30, label=value)
        else:
            x, y = np.median(flat[groups == value], axis=0)
            text = axes.text(x, y, str(value), ha="center", va="center", weight="bold", size=11)
            text.set_bbox({"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.7})
    if legend:
        axes.legend(
            fontsize=8,
            frameon=False,
            ncols=1 + len(values) // 12,
            loc="upper left",
            bbox_to_anchor=(1, 1),
        )
    _frame(axes, name, title + (f"   {note}" if note else ""))


def _frame(axes: Axes, name: str, title: str) -> None:
    axes.set(xticks=[], yticks=[], xlabel=f"{name} 1", ylabel=f"{name} 2", title=title)
    axes.spines[["top", "right"]].set_visible(False)
