"""Each cluster in a row: size, certainty, neighbors, batches; and the cells in between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scinno._anndata.results import UNCERTAIN, Results, mean_memberships


@dataclass(frozen=True)
class Between:
    """How clusters run into each other.

    Attributes
    ----------
    shares : ndarray of float64, (k, k)
        Mean membership in cluster j (column) of the cells of cluster i (row); NaN for a cluster
        without cells.
    """

    shares: np.ndarray

    def nearest(self, cluster: int) -> int | None:
        """Cluster in which the cells of another have the highest mean membership."""
        others = self.shares[cluster].copy()
        others[cluster] = np.nan
        return None if np.isnan(others).all() else int(np.nanargmax(others))

    def closest_pair(self) -> tuple[int, int, float] | None:
        """The two clusters that share most membership, and how much (mean of both ways)."""
        both = (self.shares + self.shares.T) / 2
        np.fill_diagonal(both, np.nan)
        if np.isnan(both).all():
            return None
        i, j = np.unravel_index(np.nanargmax(both), both.shape)
        return min(int(i), int(j)), max(int(i), int(j)), float(both[i, j])


def between(results: Results) -> Between:
    """Measure it on all cells."""
    return Between(mean_memberships(results.labels, results.memberships))


def two_best(memberships: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and second choice of each cell, int64 (cells, 2), and the memberships in them."""
    if memberships.shape[1] < 2:
        return np.zeros((len(memberships), 2), dtype=np.int64), np.repeat(memberships, 2, axis=1)
    best = np.argpartition(-memberships, 1, axis=1)[:, :2]  # the first comes first
    return best, np.take_along_axis(memberships, best, axis=1)


def cluster_table(
    results: Results,
    shared: Between,
    cells: pd.DataFrame,
    batch: pd.Series | None,
    label: pd.Series | None,
) -> pd.DataFrame:
    """One row per cluster, measured on all cells.

    Parameters
    ----------
    cells : DataFrame, (cells,)
        `Expression.cells`.
    batch, label : Series, (cells,), optional
    """
    confidence, n = results.confidence, len(results.labels)
    rows = []
    for j, name in enumerate(results.names):
        mine = results.labels == j
        size = int(mine.sum())
        row: dict[str, object] = {"name": name, "cells": size, "share": size / n}
        near = shared.nearest(j)
        if size:
            row["membership"] = float(confidence[mine].mean())
            row["uncertain"] = float((confidence[mine] < UNCERTAIN).mean())
            row["genes"] = float(np.median(cells["n_genes"].to_numpy()[mine]))
            if "n_counts" in cells:
                row["counts"] = float(np.median(cells["n_counts"].to_numpy()[mine]))
        if near is not None:
            row["nearest"], row["blend"] = results.names[near], float(shared.shares[j, near])
        if batch is not None and size:
            row["batch"], row["batch_share"] = _main(batch[mine])
            row["batch_mix"] = _entropy(batch[mine]) / (_entropy(batch) or 1)
        if label is not None and size:
            row["label"], row["label_share"] = _main(label[mine])
        rows.append(row)
    return pd.DataFrame(rows)


def _main(column: pd.Series) -> tuple[str, float]:
    """Most common value and its share of all cells of the column."""
    counts = column.astype(str).value_counts()
    return str(counts.index[0]), float(counts.iloc[0] / len(column))


def _entropy(column: pd.Series) -> float:
    shares = column.astype(str).value_counts(normalize=True).to_numpy()
    return float(-(shares * np.log(shares)).sum())
