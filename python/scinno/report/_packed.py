"""Cells, maps and genes for the scripts of the page, packed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from scinno._anndata.group_means import mean_and_fraction
from scinno._anndata.results import OWN_COLUMNS, Results
from scinno._drawing.tissue import Plane, plane_of
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
    """Columns that cells can be colored by, results of the run first."""
    labels = results.labels[drawn]
    levels = [*results.names, "unassigned"] if (labels < 0).any() else results.names
    codes = np.where(labels < 0, len(results.names), labels)
    pack.add("cluster", codes.astype(codes_dtype(len(levels))))
    cluster: dict[str, Any] = {
        "id": "cluster", "name": "Cluster", "kind": "groups", "levels": levels,
    }  # fmt: skip
    confidence = add_number(pack, "confidence", "Confidence", values[drawn, 0])
    second = pd.Categorical.from_codes(best[drawn, 1], categories=pd.Index(results.names))
    second_label = add_groups(pack, "second_label", "Second label", pd.Series(second))
    add_number(pack, "second_membership", "", values[drawn, 1])
    steps = fine_steps(values[drawn, 1])
    confidence["second"] = {"id": "second_membership", "low": steps[1], "step": steps[2]}
    doublet_like = f"{results.key}_doublet_like"
    own = {f"{results.key}{ending}" for ending in OWN_COLUMNS}
    flags = []
    if doublet_like in results.adata.obs:
        flagged = results.adata.obs[doublet_like].to_numpy().astype(bool)[drawn]
        if flagged.any():
            column = pd.Series(np.where(flagged, "yes", "no"))
            flags = [add_groups(pack, "doublet_like", "Doublet-like", column)]
    obs = results.adata.obs.iloc[drawn]
    domain, sure = f"{results.key}_domain", f"{results.key}_domain_confidence"
    domains = [add_groups(pack, "domain", "Domain", obs[domain])] if domain in obs else []
    if domains and sure in obs:
        domains.append(add_number(pack, "domain_confidence", "Domain confidence", obs[sure]))
    named = [name for name in (label, batch) if name is not None]
    named = list(dict.fromkeys(named))
    obs = obs[[*named, *(c for c in obs.columns if c not in named)]]
    found = add_columns(pack, obs, own)
    titles = {
        "n_counts": "Counts", "n_genes": "Genes detected", "fraction_mt": "Fraction mitochondrial",
    }  # fmt: skip
    measured = [
        add_number(pack, name, titles[name], expression.cells[name].to_numpy()[drawn])
        for name in titles
        if name in expression.cells
    ]
    return [cluster, confidence, second_label, *domains, *flags, *found, *measured]


def pack_maps(pack: Pack, results: Results, drawn: np.ndarray, seed: int) -> list[dict[str, Any]]:
    """Maps of the drawn cells: those stored, else computed."""
    known = {
        f"X_tsne_{results.key}": "t-SNE",
        f"X_umap_{results.key}": "UMAP",
        "X_tsne": "t-SNE (X_tsne)",
        "X_umap": "UMAP (X_umap)",
    }
    flat = {
        name: np.asarray(results.adata.obsm[stored])[drawn, :2]
        for stored, name in known.items()
        if stored in results.adata.obsm
    }
    if not flat:
        from scinno._drawing.layout import maps

        computed = results.about.get("drawn", {})  # of a run that drew a sample
        if not np.array_equal(computed.get("cells", []), drawn):
            computed = maps(results.embedding[drawn].astype(np.float32), seed)
        flat = {"t-SNE": np.asarray(computed["X_tsne"]), "UMAP": np.asarray(computed["X_umap"])}
    tissue = _tissue(results, drawn)
    if tissue is not None:
        flat["Tissue"] = tissue.flat
    views: list[dict[str, Any]] = []
    for i, (name, positions) in enumerate(flat.items()):
        axes = []
        for axis, side in enumerate("xy"):
            steps, low, step = fine_steps(positions[:, axis])
            pack.add(f"view{i}{side}", steps)
            axes.append({"id": f"view{i}{side}", "low": low, "step": step})
        views.append({"name": name, "x": axes[0], "y": axes[1], "slices": None})
    if tissue is not None:
        views[-1]["slices"] = [list(one) for one in tissue.names]
    return views


def _tissue(results: Results, drawn: np.ndarray) -> Plane | None:
    """The drawn cells in their tissue, slices beside each other; None where that is unknown."""
    told = results.about.get("domains", {})
    stored, obs = results.adata.obsm, results.adata.obs
    key, library = told.get("spatial_key", "spatial"), told.get("library_key")
    if key not in stored or np.ndim(stored[key]) != 2 or np.shape(stored[key])[1] not in (2, 3):
        return None
    places = np.asarray(stored[key])[drawn]
    if places.dtype.kind not in "fiu" or not np.isfinite(places).all():
        return None
    slices = obs[library].to_numpy()[drawn] if library in obs else None
    return plane_of(places, slices)


def pack_genes(
    pack: Pack,
    results: Results,
    expression: Expression,
    markers: genes_of.Markers,
    requested: list[str],
    selected: np.ndarray,
) -> dict[str, Any]:
    """Expression of the genes that fit in the page, requested genes and markers first."""
    names = [str(name) for name in results.adata.var_names]
    place = {name: j for j, name in reversed(list(enumerate(names)))}
    best = markers.table.groupby("cluster", sort=False).head(30)["gene"].tolist()
    first = [place[name] for name in [*requested, *best] if name in place]
    in_page = genes_of.page_genes(expression.log, first, selected)
    add_genes(pack, expression.log[:, in_page].tocsc())
    pack.add_texts("genes", names)
    missing = [name for name in requested if place[name] not in set(in_page.tolist())]
    return {"in_page": in_page.tolist(), "requested": requested, "left_out": missing}


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
    mean, fraction = mean_and_fraction(expression.log, results.labels[drawn], k, columns)
    return {"genes": genes, "mean": mean.round(3).tolist(), "fraction": fraction.round(4).tolist()}


def marker_rows(markers: genes_of.Markers) -> dict[str, list[list[Any]]]:
    """Rows of each cluster, its clear markers first."""
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
