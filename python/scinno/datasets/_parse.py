"""From the published files of each set to counts and annotations of cells and genes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from scinno.datasets._series_matrix import sample_characteristics
from scinno.datasets._tables import Table, opened, read_table


@dataclass(frozen=True)
class Parsed:
    """One set.

    Attributes
    ----------
    table : Table
        Values, without spike-ins and counters of the aligner.
    obs : DataFrame, (cells, columns)
        "cell_type" where a label file was given, missing for cells without one.
    var : DataFrame, (genes, columns)
    """

    table: Table
    obs: pd.DataFrame
    var: pd.DataFrame


def muraro(counts: Path, labels: Path | None) -> Parsed:
    """GSE85241: tab-separated in spite of its name; genes are SYMBOL__chromosome."""
    table = read_table(counts, "\t")
    table = table.without(_with_prefix(table.genes, "ERCC-"))
    names = pd.Series(table.cells)
    parts = names.str.extract(r"^(D\d+)-(\d+)_").set_axis(table.cells)
    obs = pd.DataFrame({"donor": parts[0], "batch": parts[0] + "-" + parts[1]}, index=table.cells)
    if labels is not None:
        obs.insert(0, "cell_type", _aligned(_muraro_labels(labels), table.cells, labels))
    return Parsed(table, obs, muraro_genes(table.genes))


def muraro_genes(genes: list[str]) -> pd.DataFrame:
    """Symbol and chromosome of genes named SYMBOL__chromosome."""
    parts = [gene.partition("__") for gene in genes]
    return pd.DataFrame(
        {"symbol": [s for s, _, _ in parts], "chromosome": [c for _, _, c in parts]}, index=genes
    )


def _muraro_labels(path: Path) -> pd.Series:
    # Written by R, which turns D28-1_1 into D28.1_1.
    found = {}
    with opened(path) as lines:
        for line in lines:
            if row := re.match(r'"?(D\d+)[.-](\d+_\d+)"?[\t, ]"?([^"]+?)"?\s*$', line):
                found[f"{row[1]}-{row[2]}"] = row[3]
    return pd.Series(found, dtype=object)


def lawlor(counts: Path, labels: Path | None) -> Parsed:
    """GSE86469: comma-separated; labels from the series matrix, whose titles name the cells."""
    table = read_table(counts, ",")
    obs = pd.DataFrame(index=table.cells)
    if labels is not None:
        samples = sample_characteristics(labels)
        for column, key in (
            ("cell_type", "cell type"), ("donor", "islet unos id"), ("disease", "disease"),
            ("sex", "Sex"),
        ):  # fmt: skip
            if key in samples:
                obs[column] = _aligned(samples[key], table.cells, labels)
    return Parsed(table, obs, pd.DataFrame(index=table.genes))


def kolodziejczyk(counts: Path, labels: Path | None) -> Parsed:
    """counttable_es.csv: space-separated; cells are ola_mES_MEDIUM_BATCH_CELL.counts."""
    table = read_table(counts, " ")
    # HTSeq's counters come last: __no_feature, __ambiguous …
    table = table.without(_with_prefix(table.genes, "__") | _with_prefix(table.genes, "ERCC-"))
    parts = pd.Series(table.cells).str.extract(r"mES_([^_]+)_([^_]+)_").set_axis(table.cells)
    obs = pd.DataFrame({"cell_type": parts[0], "batch": parts[0] + "_" + parts[1]})
    return Parsed(table, obs, pd.DataFrame(index=table.genes))


def bhattacherjee(counts: Path, labels: Path | None) -> Parsed:
    """GSE124952: comma-separated, and a table of cells with the same names."""
    table = read_table(counts, ",")
    obs = pd.DataFrame(index=table.cells)
    if labels is not None:
        with opened(labels) as lines:
            cells = pd.read_csv(lines, index_col=0, dtype=str)
        for column, key in (
            ("cell_type", "CellType"), ("subtype", "L2_clusters"), ("batch", "Sample"),
            ("stage", "DevStage"), ("treatment", "treatment"),
        ):  # fmt: skip
            if key in cells:
                obs[column] = _aligned(cells[key], table.cells, labels)
    return Parsed(table, obs, pd.DataFrame(index=table.genes))


def bmcite(counts: Path, labels: Path | None) -> Parsed:
    """GSM3681518: tab-separated; cells are BATCH_BARCODE.1, in SeuratData's object BATCH_BARCODE-1.

    The label file is the one that inst/scripts/scRNAseq-sets.R writes: cell, cell_type, more.
    """
    table = read_table(counts, "\t")
    cells = [re.sub(r"\.(\d+)$", r"-\1", cell) for cell in table.cells]
    table = Table(table.matrix, cells, table.genes)
    obs = pd.DataFrame({"batch": [cell.partition("_")[0] for cell in cells]}, index=cells)
    if labels is not None:
        with opened(labels) as lines:
            known = pd.read_csv(lines, index_col=0, dtype=str)
        for place, column in enumerate(known.columns):
            obs.insert(place, column, _aligned(known[column], cells, labels))
    return Parsed(table, obs, pd.DataFrame(index=table.genes))


PARSERS: dict[str, Callable[[Path, Path | None], Parsed]] = {
    "muraro": muraro,
    "lawlor": lawlor,
    "kolodziejczyk": kolodziejczyk,
    "bhattacherjee": bhattacherjee,
    "bmcite": bmcite,
}


def _with_prefix(names: list[str], prefix: str) -> np.ndarray:
    return np.array([name.startswith(prefix) for name in names])


def _aligned(known: pd.Series, cells: list[str], path: Path) -> pd.Series:
    """``known`` in the order of the cells, missing for other cells."""
    aligned = known[~known.index.duplicated()].reindex(cells)
    if aligned.notna().sum() == 0:
        raise ValueError(
            f"{path} is of other cells: it names none of the {len(cells)} in the counts "
            f"(first: {cells[0]!r})"
        )
    return aligned
