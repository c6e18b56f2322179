"""Checks of the data, as questions and answers.

The bounds are the usual ones of 10x and Smart-seq guides, not measured here; each answer shows the
number, so that a reader can apply other bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from scinno._anndata.results import Results
from scinno.report._content.expression import Expression
from scinno.report._content.summary import percent

# A cluster whose batches mix less than this, relative to all cells, is called one of one batch.
ONE_BATCH = 0.3


@dataclass(frozen=True)
class Answer:
    """One line of the check list; ``status`` is "good", "note" or "warn"."""

    status: str
    question: str
    answer: str


def answers(
    results: Results,
    expression: Expression,
    clusters: pd.DataFrame,
    batch_name: str | None,
    name_problems: Sequence[str],
) -> list[Answer]:
    """The check list, worst first."""
    cells, counts = expression.cells, expression.kind == "counts"
    n_cells, n_genes = results.adata.shape
    found = [_cells(n_cells), _genes(n_genes)]
    found += [_counts(cells["n_counts"].to_numpy())] if counts else [_log_values(results)]
    found.append(_genes_per_cell(cells["n_genes"].to_numpy(), n_genes))
    if counts:
        found.append(_empty(cells["n_counts"].to_numpy()))
    found.append(_mitochondria(cells, counts))
    if counts:
        found.append(_shallow_clusters(clusters, float(np.median(cells["n_counts"]))))
    found.append(_sizes(clusters))
    if batch_name is not None:
        found.append(_batches(clusters, batch_name))
    text = " ".join(name_problems) or "They look like gene symbols."
    found.append(Answer("warn" if name_problems else "good", "Can genes be recognized?", text))
    rank = {"warn": 0, "note": 1, "good": 2}
    return sorted(found, key=lambda answer: rank[answer.status])


def _graded(value: float, good: float, poor: float) -> str:
    """Status of a number of which more is better."""
    return "good" if value >= good else "note" if value >= poor else "warn"


def _cells(n: int) -> Answer:
    status = _graded(n, 500, 150)
    end = {
        "good": "enough to train on.",
        "note": "few: types with under about 20 cells may not become separate clusters.",
        "warn": "very few: treat the clusters as a suggestion, and try other seeds.",
    }[status]
    return Answer(status, "Are there enough cells?", f"{n:,} cells: {end}")


def _genes(n: int) -> Answer:
    status = _graded(n, 5000, 1000)
    end = {
        "good": "the network chooses the most variable ones itself.",
        "note": "the list was shortened before; genes that were left out cannot be used.",
        "warn": "very few; rare types may depend on genes that are missing.",
    }[status]
    return Answer(status, "Are there enough genes?", f"{n:,} genes: {end}")


def _counts(counts: np.ndarray) -> Answer:
    median = float(np.median(counts))
    status = _graded(median, 1000, 500)
    end = {
        "good": "deep enough.",
        "note": "shallow: similar cell types will overlap.",
        "warn": "very shallow: only coarse types can be distinguished.",
    }[status]
    return Answer(
        status,
        "Is sequencing deep enough?",
        f"Half of the cells have {median:,.0f} counts or more: {end}",
    )


def _log_values(results: Results) -> Answer:
    was_counts = results.about.get("input") == "counts"
    text = "X holds log values, so counts per cell and empty cells cannot be checked."
    if was_counts:
        text = (
            "The clusters were made from counts, but X holds log values now, so counts per cell "
            "cannot be checked; give the layer with the counts (--layer) to see them."
        )
    return Answer("note", "Is sequencing deep enough?", text)


def _genes_per_cell(genes: np.ndarray, n_genes: int) -> Answer:
    median = float(np.median(genes))
    if n_genes < 5000:  # bounds for whole genomes do not apply to a shortened list
        status, end = "note", f"of the {n_genes:,} in this list."
    else:
        status = _graded(median, 500, 200)
        end = {"good": "usual.", "note": "rather low.", "warn": "very low."}[status]
    return Answer(
        status,
        "Are enough genes detected per cell?",
        f"Half of the cells have {median:,.0f} or more: {end}",
    )


def _empty(counts: np.ndarray) -> Answer:
    question = "Are there empty cells?"
    n_empty = int((counts == 0).sum())
    median = float(np.median(counts))
    few = float((counts < median / 10).mean())
    if n_empty:
        return Answer(
            "warn", question, f"{n_empty:,} cell(s) have no counts: their labels mean nothing."
        )
    text = (
        f"{percent(few)} of cells have less than a tenth of the median count ({median / 10:,.0f})"
    )
    if few > 0.02:
        return Answer("warn" if few > 0.1 else "note", question, f"{text}: empty droplets?")
    return Answer("good", question, f"{text}.")


def _mitochondria(cells: pd.DataFrame, counts: bool) -> Answer:
    question = "Are cells dying?"
    if "fraction_mt" not in cells:
        why = "no gene name begins with MT-" if counts else "the values are log values"
        return Answer("note", question, f"Cannot be checked: {why}.")
    fraction = cells["fraction_mt"].to_numpy()
    high = float((fraction > 0.2).mean())
    status = "good" if high < 0.05 else "note" if high < 0.2 else "warn"
    return Answer(
        status,
        question,
        f"Mitochondrial genes make up {percent(float(np.median(fraction)))} of counts in the "
        f"median cell; {percent(high)} of cells exceed 20\u00a0%.",
    )


def _shallow_clusters(clusters: pd.DataFrame, median: float) -> Answer:
    question = "Is a cluster made of low-quality cells?"
    shallow = clusters[clusters["counts"] < median / 3]
    if len(shallow):
        which = [f"{r['name']} ({r['counts']:,.0f})" for _, r in shallow.iterrows()]
        return Answer(
            "note",
            question,
            f"{_which(which, 'has')} less than a third of the usual {median:,.0f} counts "
            "(median): small cells, or debris.",
        )
    return Answer("good", question, "No cluster has a third or less of the usual counts.")


def _sizes(clusters: pd.DataFrame) -> Answer:
    question = "Are cluster sizes plausible?"
    empty = clusters.loc[clusters["n_cells"] == 0, "name"].tolist()
    if empty:
        return Answer("warn", question, f"{_which(empty, 'holds')} no cell: try fewer clusters.")
    largest = float(clusters["fraction"].max())
    tiny = clusters.loc[clusters["n_cells"] < 10, "name"].tolist()
    if largest > 0.8:
        text = f"One cluster holds {percent(largest)} of the cells: are all cells of one type?"
        return Answer("warn", question, text)
    if tiny:
        return Answer("note", question, f"{_which(tiny, 'has')} fewer than 10 cells.")
    low, high = int(clusters["n_cells"].min()), int(clusters["n_cells"].max())
    return Answer("good", question, f"From {low:,} to {high:,} cells.")


def _batches(clusters: pd.DataFrame, name: str) -> Answer:
    question = "Do batches separate?"
    separate = clusters.loc[clusters["batch_mix"] < ONE_BATCH, "name"].tolist()
    if not separate:
        text = f"Every cluster mixes the groups of “{name}”."
        return Answer("good", question, text)
    fraction = float(clusters.loc[clusters["batch_mix"] < ONE_BATCH, "n_cells"].sum())
    fraction /= float(clusters["n_cells"].sum())
    return Answer(
        "warn" if fraction > 0.3 else "note",
        question,
        f"{_which(separate, 'is')} nearly all of one “{name}” ({percent(fraction)} of cells): a "
        "type that only one batch has, or a batch effect.",
    )


def _which(names: Sequence[str], verb: str) -> str:
    """Subject and verb: "Cluster 3 holds", "Clusters 3 and 5 hold"."""
    if len(names) == 1:
        return f"Cluster {names[0]} {verb}"
    plural = {"holds": "hold", "has": "have", "is": "are"}[verb]
    return f"Clusters {_listed(names)} {plural}"


def _listed(names: Sequence[str], max_shown: int = 8) -> str:
    shown = [str(name) for name in names[:max_shown]]
    if len(names) > max_shown:
        return f"{', '.join(shown)} and {len(names) - max_shown} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
