"""Everything that the page shows, as plain data."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib import metadata
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd

from scinno._anndata.results import UNCERTAIN, Results, column_named, results_of
from scinno._clusters.subsample import sample_cells
from scinno._data.adata import matrices_in, naming_counts, raw_as_x
from scinno._data.blocks import BlockReader
from scinno._drawing.palette import PALETTE
from scinno._result.fit import Fit
from scinno._version import __version__
from scinno.report._content import gene_tables as genes_of
from scinno.report._content.clusters import cluster_table, shared_membership, two_best
from scinno.report._content.evidence import k_evidence
from scinno.report._content.expression import Expression, read_expression
from scinno.report._content.fitness import answers
from scinno.report._content.labels import against_labels
from scinno.report._content.levels import levels, mismatch
from scinno.report._content.summary import rare_clusters, sentences
from scinno.report._content.training import curves, settings_rows, training_note
from scinno.report._pack import Pack
from scinno.report._packed import dots_of, marker_rows, pack_cells, pack_genes, pack_maps

# Rows of the table of uncertain cells; the CSV has all that are drawn.
MAX_UNCERTAIN = 15
# A column of this name is taken for the batch when none is named.
BATCH = "batch"


@dataclass(frozen=True)
class Contents:
    """Data of the template (``page``) and of the scripts (``data``), and packed numbers."""

    page: dict[str, Any]
    data: dict[str, Any]
    packed: str


def collect(
    adata: ad.AnnData,
    key: str,
    label_key: str | None,
    batch_key: str | None,
    genes: Sequence[str] | None,
    title: str | None,
    layer: str | None,
    about: Mapping[str, Any],
    values: BlockReader | None = None,
    fit: Fit | None = None,
) -> Contents:
    """Measure everything once; errors as `write_report`."""
    if layer is None:
        layer = results_of(adata, key).about.get("layer")
    given, used = adata, layer
    adata, layer = raw_as_x(adata, layer)
    results = results_of(adata, key)
    if fit is not None and (problem := mismatch(fit, results)):
        raise ValueError(problem)
    requested = genes_of.checked_genes(adata, genes)
    label = None if label_key is None else column_named(adata, label_key, "label column")
    if batch_key is None and BATCH in adata.obs and 1 < adata.obs[BATCH].nunique() <= 50:
        batch_key = BATCH
    batch = None if batch_key is None else column_named(adata, batch_key, "batch column")
    labeled = None if label is None else against_labels(label, results.labels, results.names)

    seed = int(results.about.get("seed", 0))
    drawn = sample_cells(results.labels, seed)
    selected = _selected_genes(results)
    normalized = results.about.get("input") == "normalized"
    with naming_counts(lambda: matrices_in(given), used):
        expression = read_expression(adata, layer, drawn, selected, values, normalized)
    shared = shared_membership(results)
    clusters = cluster_table(results, shared, expression.cells, batch, label)
    best, best_memberships = two_best(results.memberships)
    doublets = _doublets(results)
    markers = genes_of.marker_tables(results, expression.log, drawn)
    clusters["markers"] = [markers.top(name, 5) for name in results.names]

    pack = Pack()
    columns = pack_cells(
        pack, results, drawn, expression, best, best_memberships, batch_key, label_key
    )
    data: dict[str, Any] = {
        "clusters": results.names,
        "columns": columns,
        "views": pack_maps(pack, results, drawn, seed),
        "genes": pack_genes(pack, results, expression, markers, requested, selected),
        "dots": dots_of(results, expression, markers, drawn),
        "markers": marker_rows(markers),
        "memberships": shared.means.tolist(),
        "confidence": np.histogram(results.confidence, 100, (0, 1))[0].tolist(),
        "uncertain": UNCERTAIN,
        "palette": PALETTE,
        "cells": results.adata.n_obs,
        "histograms": _histograms(expression),
        "curves": curves(results.about),
        "k_evidence": k_evidence(results.about, results.n_clusters),
        "labels": labeled,
        "levels": levels(fit, results, expression, markers, drawn),
    }
    names = [str(name) for name in adata.obs_names[drawn]]
    pack.add_texts("cells", names)
    if doublets is not None:
        pack.add("doublet", doublets[drawn].astype(np.uint8))
    data["directory"] = pack.directory
    n_doublets = None if doublets is None else int(doublets.sum())
    notes = genes_of.name_notes(list(adata.var_names))
    page = {
        "title": title or "Clusters of single cells",
        "facts": _facts(results, about, seed, len(drawn)),
        "summary": sentences(results, clusters, shared, n_doublets, labeled),
        "drawn": len(drawn),
        "rare": rare_clusters(clusters),
        "clusters": clusters.replace({np.nan: None}).to_dict("records"),
        "names": results.names,
        "batch": batch_key,
        "label": label_key,
        "uncertain": _uncertain_rows(results, best, best_memberships, doublets),
        "limit": UNCERTAIN,
        "doublets": n_doublets,
        "doublets_drawn": doublets is not None and bool(doublets[drawn].any()),
        "markers": markers,
        "answers": [asdict(a) for a in answers(results, expression, clusters, batch_key, notes)],
        "before_after": _before_and_after(results, expression, int(selected.sum())),
        "name_notes": notes,
        "labeled": labeled,
        "training_note": training_note(data["curves"]) if data["curves"] else None,
        "k_evidence": data["k_evidence"],
        "levels": data["levels"],
        "settings": settings_rows(results.about),
        "versions": _versions(results.about),
        "genes_in_page": len(data["genes"]["in_page"]),
        "n_genes": adata.n_vars,
        "views": data["views"],
    }
    return Contents(page, data, pack.text())


def _doublets(results: Results) -> np.ndarray | None:
    """Cells that the run flagged, bool (cells,); None where it did not look for them."""
    flag = f"{results.key}_doublet_like"
    if flag not in results.adata.obs:
        return None
    return results.adata.obs[flag].to_numpy().astype(bool)


def _selected_genes(results: Results) -> np.ndarray:
    """Genes that the network reads, bool (genes,); all where the run did not store them."""
    selected = results.about.get("genes")
    if selected is None:
        return np.ones(results.adata.n_vars, dtype=bool)
    names = results.adata.var_names.astype(str)
    return np.asarray(names.isin([str(name) for name in selected]))


def _uncertain_rows(
    results: Results, best: np.ndarray, values: np.ndarray, doublets: np.ndarray | None
) -> list[dict[str, Any]]:
    """The least certain of all cells."""
    order = np.argsort(values[:, 0], kind="stable")[:MAX_UNCERTAIN]
    return [
        {
            "cell": str(results.adata.obs_names[i]),
            "label": results.names[best[i, 0]],
            "confidence": float(values[i, 0]),
            "second_label": results.names[best[i, 1]],
            "second_membership": float(values[i, 1]),
            "doublet_like": doublets is not None and bool(doublets[i]),
        }
        for i in order
    ]


def _histograms(expression: Expression) -> list[dict[str, Any]]:
    """Distributions over all cells."""
    measures = [
        ("n_counts", "Counts per cell, before", True),
        ("n_genes", "Genes per cell, before", False),
        ("n_selected", "Genes per cell, after", False),
        ("fraction_mt", "Mitochondrial counts, %", False),
    ]
    found = []
    for name, title, log in measures:
        if name not in expression.cells:
            continue
        values = expression.cells[name].to_numpy(float) * (100 if name == "fraction_mt" else 1)
        positive = values[values > 0] if log else values
        if not len(positive):
            continue
        scale = np.log10(positive) if log else positive
        number, edges = np.histogram(scale, _bins(scale))
        edges = 10**edges if log else edges
        found.append({"name": title, "log": log, "number": number.tolist(),
                      "edges": edges.tolist(), "median": float(np.median(values))})  # fmt: skip
    return found


def _bins(values: np.ndarray) -> int | np.ndarray:
    """Bins of a histogram: 40, or one for each integer where there are fewer, without gaps."""
    low, high = values.min(), values.max()
    if high - low < 40 and (values == np.floor(values)).all():
        return np.arange(low - 0.5, high + 1)
    return 40


def _before_and_after(
    results: Results, expression: Expression, n_selected: int
) -> list[tuple[str, str, str]]:
    """Rows of the table "in the file" against "what the network reads"."""
    cells = expression.cells

    def spread(name: str) -> str:
        low, middle, high = np.quantile(cells[name], [0.05, 0.5, 0.95])
        return f"{middle:,.0f} ({low:,.0f} to {high:,.0f})"

    target = results.about.get("target_sum")
    rows = [
        ("Cells", f"{results.adata.n_obs:,}", f"{results.adata.n_obs:,} (none is removed)"),
        ("Genes", f"{results.adata.n_vars:,}", f"{n_selected:,} most variable"
         if n_selected < results.adata.n_vars else f"{n_selected:,}"),
        ("Genes per cell", spread("n_genes"), spread("n_selected")),
    ]  # fmt: skip
    if "n_counts" in cells:
        normalized = (
            f"{float(target):,.0f} in every cell, then log(1 + x)" if target else "normalized"
        )
        rows.append(("Counts per cell", spread("n_counts"), normalized))
    else:
        rows.append(("Values", "log values", "as in the file"))
    return rows


def _facts(
    results: Results, about: Mapping[str, Any], seed: int, drawn: int
) -> list[tuple[str, str]]:
    facts = [
        ("Cells", f"{results.adata.n_obs:,}"),
        ("Genes", f"{results.adata.n_vars:,}"),
        ("Clusters", f"{results.n_clusters}"),
        ("Seed", str(seed)),
        ("scinno", str(_versions(results.about).get("scinno", __version__))),
    ]
    if "versions" in results.about:  # older runs did not store the evidence
        estimated = "k_evidence" in results.about
        facts.insert(3, ("K was", "estimated" if estimated else "given"))
    seconds = about.get("seconds")
    if isinstance(seconds, Mapping) and "read_and_fit" in seconds:
        facts.append(("Time to read and fit", f"{float(seconds['read_and_fit']):,.0f} s"))
    else:
        history = results.about.get("history")
        if isinstance(history, pd.DataFrame) and "seconds" in history:
            facts.append(("Time to train", f"{float(history['seconds'].sum()):,.0f} s"))
    now = datetime.now().astimezone()
    facts.append(("Page made", f"{now:%Y-%m-%d %H:%M}"))
    return facts


def _versions(about: Mapping[str, Any]) -> dict[str, str]:
    """Versions of the run, then those of the page."""
    stored = about.get("versions")
    run = {str(k): str(v) for k, v in stored.items()} if isinstance(stored, Mapping) else {}
    made = {f"{name} (this page)": metadata.version(name) for name in ("scanpy", "anndata")}
    return run | {"scinno (this page)": __version__} | made | {
        "Python (this page)": platform.python_version()
    }  # fmt: skip
