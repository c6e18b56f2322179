"""The tree of a fit: dendrogram with expression, evidence for each split, and levels."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from scinno._anndata.group_means import mean_and_fraction
from scinno._anndata.results import Results
from scinno._result.fit import Fit
from scinno._tree.cluster_tree import ClusterTree
from scinno._tree.dendrogram import Dendrogram, dendrogram_of
from scinno._tree.flow import flow_of_tree, shown_levels
from scinno.report._content.expression import Expression
from scinno.report._content.gene_tables import Markers

# Splits below the clusters of the run in the table: how they would divide further.
MORE_SPLITS = 4


def levels(
    fit: Fit | None,
    results: Results,
    expression: Expression,
    markers: Markers,
    drawn: np.ndarray,
) -> dict[str, Any]:
    """What the section on levels shows, or ``{"problem": sentence}`` where there is no tree.

    Parameters
    ----------
    fit : Fit, optional
        The one of the results (see `mismatch`); without cells where it is of a run in blocks.
    results, expression, markers, drawn
        As the rest of the page has them.
    """
    if fit is None:
        return {"problem": "This page was made without the model of the run, which holds the tree."}
    if not len(fit.labels):
        return {
            "problem": "A run in blocks has no tree, because its model holds no cells: cluster a "
            "sample of them in memory to see one."
        }
    tree = fit.tree
    k = tree.n_clusters
    if k < 2:
        return {"problem": "All cells are in one cluster, so there is no tree."}
    found = dendrogram_of(tree, k)
    return {
        "problem": "",
        "k": k,
        "tree": _drawn_tree(found, tree, results.names),
        "dots": _dots(found, results, expression, markers, drawn),
        "flow": _drawn_flow(tree),
        "splits": _rows(tree, k, set(results.adata.var_names.astype(str))),
    }


def mismatch(fit: Fit, results: Results) -> str:
    """Why a fit is not the one of the results, or ""; one without cells is of any."""
    if not len(fit.labels):
        return ""
    if len(fit.labels) != len(results.labels):
        return (
            f"fit must be of the {len(results.labels):,} cells of adata, got one of "
            f"{len(fit.labels):,}"
        )
    known = results.labels >= 0
    if not np.array_equal(fit.labels[known], results.labels[known]):
        return f"fit must be the one whose clusters are in obs[{results.key!r}], got another one"
    return ""


def _drawn_tree(found: Dendrogram, tree: ClusterTree, names: list[str]) -> dict[str, Any]:
    """Leaves and merges with their places; what a cluster was renamed to stands at its leaf."""
    n = found.n_leaves
    links = [found.link(step) for step in range(n - 1)]
    return {
        "leaves": [
            {
                "name": own if own == names[int(own)] else f"{own} {names[int(own)]}",
                "cluster": int(own),
                "cells": int(found.sizes[leaf]),
                "place": int(found.place[leaf]),
            }
            for leaf, own in enumerate(found.names[:n])
        ],
        "merges": [
            {
                "height": [float(f"{value:.4g}") for value in height],
                "place": place.tolist(),
                "middle": float(found.place[n + step]),
                "name": found.names[n + step],
                "support": round(float(found.splits["support"][step]), 3),
                "stability": round(float(found.splits["stability"][step]), 3),
                "genes": [[names, found.genes[node]] for node, names in (
                    (int(side), found.names[int(side)]) for side in found.merges[step])],
            }
            for step, (height, place) in enumerate(links)
        ],
    }  # fmt: skip


def _dots(
    found: Dendrogram,
    results: Results,
    expression: Expression,
    markers: Markers,
    drawn: np.ndarray,
) -> dict[str, Any]:
    """Genes that distinguish branches, in every leaf; markers of a leaf that has no such gene."""
    leaves = [int(own) for own in found.names[: found.n_leaves]]
    best = [markers.top(results.names[own], 2) for own in leaves]
    genes_of = [own or best[node] if node < len(best) else own
                for node, own in enumerate(found.genes)]  # fmt: skip
    names = [str(name) for name in results.adata.var_names]
    place = {name: j for j, name in reversed(list(enumerate(names)))}
    genes = [gene for gene in replace(found, genes=genes_of).distinguishing() if gene in place]
    columns = np.array([place[gene] for gene in genes], dtype=np.int64)
    mean, fraction = mean_and_fraction(
        expression.log, results.labels[drawn], results.n_clusters, columns
    )
    return {
        "genes": genes,
        "mean": mean[leaves].round(3).tolist(),
        "fraction": fraction[leaves].round(4).tolist(),
    }


def _drawn_flow(tree: ClusterTree) -> dict[str, Any]:
    found = flow_of_tree(tree, shown_levels(tree))
    return {
        "levels": [int(title) for title in found.titles],
        "nodes": [
            {"level": int(level), "name": name, "cells": int(size), "place": float(f"{place:.5g}"),
             "cluster": int(group)}
            for level, name, size, place, group in zip(
                found.level, found.names, found.sizes, found.place, found.group, strict=True)
        ],
        "edges": found.edges.tolist(),
    }  # fmt: skip


def _rows(tree: ClusterTree, k: int, known: set[str]) -> list[dict[str, Any]]:
    """Rows of the table of splits; those below the run's clusters are marked.

    ``genes`` has three genes of each side at most, each with whether the object has it by that
    name: genes may have been renamed since the fit.
    """
    table = tree.splits.head(k - 1 + MORE_SPLITS)
    table = table.assign(below=table["n_clusters"] > k)
    return [
        {str(name): value for name, value in row.items()}
        | {
            "genes": [
                [(gene, gene in known) for gene in str(row[side]).split(", ")[:3] if gene]
                for side in ("genes_left", "genes_right")
            ]
        }
        for row in table.to_dict("records")
    ]
