"""Dots for genes in groups of cells: color is mean expression, size how many cells express it."""

from __future__ import annotations

from dataclasses import dataclass

import anndata as ad
import numpy as np
from matplotlib.axes import Axes

from scinno._anndata.group_means import group_expression
from scinno._clusters.subsample import subsample
from scinno._drawing.names import as_label
from scinno._result.fit import Fit
from scinno._runtime.suggest import did_you_mean
from scinno._tree.cluster_tree import ClusterTree

# Inches of a gene, and square points of the dot of a gene that all cells express.
GENE_WIDTH, LARGEST = 0.27, 190
# Cells of a leaf whose denoised expression is averaged.
FOR_MEANS = 500


@dataclass(frozen=True)
class LeafExpression:
    """Expression of genes in leaves.

    Attributes
    ----------
    genes : list of str
    mean : ndarray of float, (leaves, genes)
        Of log values.
    fraction : ndarray of float, (leaves, genes), or None
        Of cells that express the gene; denoised expression has no zeros to tell.
    """

    genes: list[str]
    mean: np.ndarray
    fraction: np.ndarray | None


def leaf_expression(
    data: Fit | ClusterTree,
    labels: np.ndarray,
    k: int,
    genes: list[str],
    adata: ad.AnnData | None,
    key: str,
    layer: str | None,
) -> LeafExpression:
    """Expression in ``adata`` where it is given, else that of the fit's decoder.

    Raises
    ------
    TypeError
        ``adata`` is not an AnnData.
    ValueError
        ``adata`` is of other cells, or there is no expression at all.
    KeyError
        An unknown gene.
    """
    if adata is not None:
        if not isinstance(adata, ad.AnnData):
            raise TypeError(f"adata must be an AnnData, got {type(adata).__name__}")
        if adata.n_obs != len(labels):
            raise ValueError(
                f"adata must hold the {len(labels):,} cells of the fit, got {adata.n_obs:,}"
            )
        return LeafExpression(genes, *group_expression(adata, labels, k, genes, key, layer))
    if not isinstance(data, Fit):
        raise ValueError("genes need expression, which a tree alone does not hold: give adata")
    names = data.genes.tolist()
    for gene in genes:
        if gene not in names:
            raise KeyError(
                f"gene {gene!r} is not among those that the network reads "
                f"({did_you_mean(gene, names, max_shown=5)}): give adata"
            )
    columns = [names.index(gene) for gene in genes]
    cells = [subsample(np.flatnonzero(labels == j), FOR_MEANS) for j in range(k)]
    means = [data.denoised(own)[:, columns].mean(axis=0) for own in cells]
    return LeafExpression(genes, np.stack(means), None)


def draw_dots(axis: Axes, found: LeafExpression, order: np.ndarray) -> None:
    """Draw leaves as rows, in their order from the top, and genes as columns."""
    mean = found.mean[order]
    low, high = mean.min(axis=0), mean.max(axis=0)
    level = (mean - low) / np.where(high > low, high - low, 1)
    rows, columns = np.indices(mean.shape)
    fraction = np.full(mean.shape, 0.7) if found.fraction is None else found.fraction[order]
    points = axis.scatter(
        columns.ravel(), rows.ravel(), s=2 + LARGEST * fraction.ravel(), c=level.ravel(),
        cmap="Blues", vmin=0, vmax=1, edgecolors="0.45", linewidths=0.6, zorder=2,
    )  # fmt: skip
    labels = [as_label(gene) for gene in found.genes]
    axis.set_xticks(range(len(labels)), labels, rotation=90, fontsize=8)
    axis.set_yticks(range(len(mean)), [])
    axis.set(xlim=(-0.7, len(found.genes) - 0.3), ylim=(len(mean) - 0.4, -0.6))
    axis.grid(color="0.92", lw=0.6)
    axis.set_axisbelow(True)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    what = "denoised expression" if found.fraction is None else "mean expression"
    bar = axis.figure.colorbar(points, ax=axis, fraction=0.03, pad=0.01, aspect=12, shrink=0.8)
    bar.set_ticks([0, 1], labels=["lowest", "highest"], fontsize=8)
    bar.set_label(f"{what}\nof the gene", fontsize=8)
    if found.fraction is not None:
        for share in (0.25, 0.5, 1):
            axis.scatter([], [], s=2 + LARGEST * share, color="0.6", label=f"{share:.0%}")
        axis.legend(
            title="fraction of cells", title_fontsize=8, fontsize=8, ncols=3, frameon=False,
            loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2, columnspacing=1,
            handletextpad=0.3,
        )  # fmt: skip
