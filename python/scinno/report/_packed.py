"""What the scripts of the page read about cells, maps and genes, packed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scinno._anndata.results import Results
from scinno.report._content import gene_tables as genes_of
from scinno.report._content.columns import add_columns, add_groups, add_number
from scinno.report._content.expression import Expression
from scinno.report._pack import Pack, add_genes, codes_dtype, fine_steps


def pack_cells(
    pack: Pack,
    results: Results,
    drawn: np.ndarray,
    expression: Expression,
    best: np.ndarray,
    values: np.ndarray,
    batch: str | None,
    label: str | None,
) -> list[dict[str, Any]]:
    """What cells can be colored by, the run's own answers first."""
    labels = results.labels[drawn]
    levels = [*results.names, "unassigned"] if (labels < 0).any() else results.names
    codes = np.where(labels < 0, len(results.names), labels)
    pack.add("cluster", codes.astype(codes_dtype(len(levels))))
    first: dict[str, Any] = {
        "id": "cluster", "name": "Cluster", "kind": "groups", "levels": levels,
    }  # fmt: skip
    certainty = add_number(pack, "confidence", "Membership (certainty)", values[drawn, 0])
    second = pd.Categorical.from_codes(best[drawn, 1], categories=pd.Index(results.names))
    near = add_groups(pack, "second", "Second choice", pd.Series(second))
    add_number(pack, "second_membership", "", values[drawn, 1])
    steps = fine_steps(values[drawn, 1])
    certainty["second"] = {"id": "second_membership", "low": steps[1], "step": steps[2]}
    flag = f"{results.key}_doublet_like"
    ends = ("", "_confidence", "_second", "_second_membership", "_doublet_like")
    own = {f"{results.key}{end}" for end in ends}
    flagged = []
    if flag in results.adata.obs:
        yes = results.adata.obs[flag].to_numpy().astype(bool)[drawn]
        if yes.any():
            column = pd.Series(np.where(yes, "yes", "no"))
            flagged = [add_groups(pack, "doublet_like", "Doublet-like", column)]
    obs = results.adata.obs.iloc[drawn]
    ahead = [name for name in (label, batch) if name is not None]
    ahead = list(dict.fromkeys(ahead))
    obs = obs[[*ahead, *(c for c in obs.columns if c not in ahead)]]
    found = add_columns(pack, obs, own)
    words = {"n_counts": "Counts", "n_genes": "Genes seen", "share_mt": "Share mitochondrial"}
    measured = [
        add_number(pack, name, words[name], expression.cells[name].to_numpy()[drawn])
        for name in words
        if name in expression.cells
    ]
    return [first, certainty, near, *flagged, *found, *measured]


def pack_maps(pack: Pack, results: Results, drawn: np.ndarray, seed: int) -> list[dict[str, Any]]:
    """Maps of the cells: those stored, of all or of the same drawn cells, else made of these."""
    known = {
        f"X_tsne_{results.key}": "t-SNE",
        f"X_umap_{results.key}": "UMAP",
        "X_tsne": "t-SNE (X_tsne)",
        "X_umap": "UMAP (X_umap)",
    }
    flat = {
        name: np.asarray(results.adata.obsm[place])[drawn, :2]
        for place, name in known.items()
        if place in results.adata.obsm
    }
    if not flat:
        from scinno._drawing.maps import maps

        made = results.about.get("drawn", {})
        if not np.array_equal(made.get("cells", []), drawn):
            made = maps(results.embedding[drawn].astype(np.float32), seed)
        flat = {"t-SNE": np.asarray(made["X_tsne"]), "UMAP": np.asarray(made["X_umap"])}
    views = []
    for i, (name, positions) in enumerate(flat.items()):
        axes = []
        for axis, side in enumerate("xy"):
            steps, low, step = fine_steps(positions[:, axis])
            pack.add(f"view{i}{side}", steps)
            axes.append({"id": f"view{i}{side}", "low": low, "step": step})
        views.append({"name": name, "x": axes[0], "y": axes[1]})
    return views


def pack_genes(
    pack: Pack,
    results: Results,
    expression: Expression,
    markers: genes_of.Markers,
    wanted: list[str],
    seen: np.ndarray,
) -> dict[str, Any]:
    names = [str(name) for name in results.adata.var_names]
    place = {name: j for j, name in reversed(list(enumerate(names)))}
    best = markers.table.groupby("cluster", sort=False).head(30)["gene"].tolist()
    first = [place[name] for name in [*wanted, *best] if name in place]
    carried = genes_of.carried_genes(expression.log, first, seen)
    add_genes(pack, expression.log[:, carried].tocsc())
    pack.add_texts("genes", names)
    missing = [name for name in wanted if place[name] not in set(carried.tolist())]
    return {"carried": carried.tolist(), "asked": wanted, "left_out": missing}


def dots_of(
    results: Results, expression: Expression, markers: genes_of.Markers, drawn: np.ndarray
) -> dict[str, Any] | None:
    """The best markers of every cluster, in every cluster."""
    k = results.n_clusters
    each = 5 if k <= 6 else 4 if k <= 10 else 3 if k <= 16 else 2
    genes: list[str] = []
    for name in results.names:
        new = [gene for gene in markers.top(name, 20) if gene not in genes]
        genes += new[:each]
    if not genes:
        return None
    columns = results.adata.var_names.astype(str).get_indexer_for(genes)[: len(genes)]
    mean, share = genes_of.mean_and_share(expression.log, results.labels[drawn], k, columns)
    return {"genes": genes, "mean": mean.round(3).tolist(), "share": share.round(4).tolist()}


def marker_rows(markers: genes_of.Markers) -> dict[str, list[list[Any]]]:
    """Rows of each cluster: its clear markers first, or genes that every cell has would lead."""
    found: dict[str, list[list[Any]]] = {}
    numbers = ["log2_fold_change", "fraction_in", "fraction_out", "p_adjusted", "score"]
    for name, table in markers.table.groupby("cluster", sort=False):
        clear = set(markers.top(str(name), len(table)))
        unclear = ~table["gene"].astype(str).isin(clear).to_numpy()
        table = table.iloc[np.argsort(unclear, kind="stable")]
        found[str(name)] = [
            [str(gene), *(float(f"{value:.4g}") for value in row)]
            for gene, row in zip(table["gene"], table[numbers].to_numpy(float), strict=True)
        ]
    return found
