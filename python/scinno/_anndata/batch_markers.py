"""Markers within batches: each batch is tested by itself, and what its tests say is combined."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

import anndata as ad
import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm

from scinno._anndata.rank_genes import MIN_CELLS, ranked, table_of

logger = logging.getLogger("scinno")

# Smaller p-values have no finite score.
SMALLEST_P = 1e-300
# scanpy's fold change of genes that one side does not express.
PSEUDO = 1e-9


class NoneTestedError(ValueError):
    """No batch has cells of a cluster and others."""


class BatchTest(NamedTuple):
    """What a test within one batch says of one cluster.

    Attributes
    ----------
    table : DataFrame, (genes,)
        Indexed by gene: score and p_value, and of the cluster and the cells that it is compared
        with mean_in and mean_out (of log values), fraction_in and fraction_out.
    n_in, n_out : int
        Cells of both.
    """

    table: pd.DataFrame
    n_in: int
    n_out: int


def within_batches(
    parts: Sequence[ad.AnnData],
    tested: Sequence[str],
    against: str,
    method: str,
    tie_correct: bool,
    n_genes: int | None,
) -> list[pd.DataFrame]:
    """Tables of the clusters from tests in each batch that has enough cells of both sides."""
    tests: dict[str, list[BatchTest]] = {group: [] for group in tested}
    for part in parts:
        sizes = part.obs["group"].value_counts().reindex([*tested, against], fill_value=0)
        n_out = {
            group: int(part.n_obs - sizes[group] if against == "rest" else sizes[against])
            for group in tested
        }
        here = [g for g in tested if sizes[g] >= MIN_CELLS and n_out[g] >= MIN_CELLS]
        if not here:
            continue
        found = ranked(part, here, against, method, tie_correct)
        for group in here:
            inside = (part.obs["group"] == group).to_numpy()
            outside = ~inside if against == "rest" else (part.obs["group"] == against).to_numpy()
            table = table_of(found, group, against, None).set_index("gene").loc[part.var_names]
            for name, cells in (("mean_in", inside), ("mean_out", outside)):
                table[name] = np.asarray(part.X[np.flatnonzero(cells)].mean(axis=0)).ravel()
            tests[group].append(BatchTest(table, int(sizes[group]), n_out[group]))
    if untested := [group for group in tested if not tests[group]]:
        logger.warning(
            "no markers for cluster(s) %s: no batch has %d cells of each and %d others",
            ", ".join(untested), MIN_CELLS, MIN_CELLS,
        )  # fmt: skip
    tables = []
    for group in (group for group in tested if tests[group]):
        table = combined(tests[group]).sort_values("score", ascending=False, kind="stable")
        table.insert(0, "cluster", group)
        tables.append(table.head(n_genes) if n_genes else table)
    if not tables:
        raise NoneTestedError(
            f"no cluster has {MIN_CELLS} cells and {MIN_CELLS} to compare them with in any batch: "
            "batch_key=None tests all cells together"
        )
    return tables


def combined(tests: Sequence[BatchTest]) -> pd.DataFrame:
    """One table of all batches, with `scinno.markers`' columns but the cluster, in no order.

    Scores are those of the batches, weighted (Stouffer's method); means and fractions are averages
    with the same weights on both sides, so that what batches differ in cancels. Two columns more:
    ``batches``, in how many the cluster was tested, and ``batches_agree``, in how many of them the
    gene goes in the direction of the combined score.
    """
    genes = tests[0].table.index
    tables = [test.table.loc[genes] for test in tests]
    # The precision of a difference of means: that of the batch with few cells of either is low.
    weights = np.array([test.n_in * test.n_out / (test.n_in + test.n_out) for test in tests])
    shares = weights / weights.sum()

    def average(column: str) -> np.ndarray:
        return np.asarray(shares @ np.stack([table[column].to_numpy(float) for table in tables]))

    scores = np.stack([_z(table) for table in tables])
    score = np.sqrt(shares) @ scores
    p_value = 2 * norm.sf(np.abs(score))
    inside, outside = np.expm1(average("mean_in")), np.expm1(average("mean_out"))
    return pd.DataFrame({
        "gene": genes,
        "score": score,
        "log2_fold_change": np.log2((inside + PSEUDO) / (outside + PSEUDO)),
        "p_value": p_value,
        "p_adjusted": false_discovery_control(p_value),
        "fraction_in": average("fraction_in"),
        "fraction_out": average("fraction_out"),
        "batches": len(tests),
        "batches_agree": (np.sign(scores) == np.sign(score)).sum(axis=0),
    })  # fmt: skip


def _z(table: pd.DataFrame) -> np.ndarray:
    """The score of a standard normal variable with this p-value, and the sign of the test's."""
    p = table["p_value"].to_numpy(float).clip(SMALLEST_P, 1)
    z: np.ndarray = np.sign(table["score"].to_numpy(float)) * norm.isf(p / 2)
    return z
