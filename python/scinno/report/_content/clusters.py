"""The table of clusters, and memberships between clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from scinno._anndata.results import UNCERTAIN, Results, mean_memberships


@dataclass(frozen=True)
class SharedMembership:
    """Memberships of the cells of each cluster in every cluster.

    Attributes
    ----------
    means : ndarray of float64, (k, k)
        Mean membership in cluster j (column) of the cells of cluster i (row); NaN for a cluster
        without cells.
    """

    means: np.ndarray

    def nearest(self, cluster: int) -> int | None:
        """Cluster in which the cells of another have the highest mean membership."""
        others = self.means[cluster].copy()
        others[cluster] = np.nan
        return None if np.isnan(others).all() else int(np.nanargmax(others))

    def closest_pair(self) -> tuple[int, int, float] | None:
        """The two clusters that share most membership, and how much (mean of both ways)."""
        both = (self.means + self.means.T) / 2
        np.fill_diagonal(both, np.nan)
        if np.isnan(both).all():
            return None
        i, j = np.unravel_index(np.nanargmax(both), both.shape)
        return min(int(i), int(j)), max(int(i), int(j)), float(both[i, j])


def shared_membership(results: Results) -> SharedMembership:
    """Mean memberships over all cells."""
    return SharedMembership(mean_memberships(results.labels, results.memberships))


def two_best(memberships: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and second label of each cell, int64 (cells, 2), and its memberships in them."""
    if memberships.shape[1] < 2:
        return np.zeros((len(memberships), 2), dtype=np.int64), np.repeat(memberships, 2, axis=1)
    best = np.argpartition(-memberships, 1, axis=1)[:, :2]  # the first comes first
    return best, np.take_along_axis(memberships, best, axis=1)


def cluster_table(
    results: Results,
    shared: SharedMembership,
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
        in_cluster = results.labels == j
        size = int(in_cluster.sum())
        row: dict[str, object] = {"name": name, "n_cells": size, "fraction": size / n}
        near = shared.nearest(j)
        if size:
            row["confidence"] = float(confidence[in_cluster].mean())
            row["uncertain"] = float((confidence[in_cluster] < UNCERTAIN).mean())
            row["genes"] = float(np.median(cells["n_genes"].to_numpy()[in_cluster]))
            if "n_counts" in cells:
                row["counts"] = float(np.median(cells["n_counts"].to_numpy()[in_cluster]))
        if near is not None:
            row["nearest"], row["overlap"] = results.names[near], float(shared.means[j, near])
        if batch is not None and size:
            row["batch"], row["batch_fraction"] = _main(batch[in_cluster])
            row["batch_mix"] = _entropy(batch[in_cluster]) / (_entropy(batch) or 1)
        if label is not None and size:
            row["label"], row["label_fraction"] = _main(label[in_cluster])
        rows.append(row)
    return pd.DataFrame(rows)


def _main(column: pd.Series) -> tuple[str, float]:
    """Most common value and its fraction of the cells of the column."""
    counts = column.astype(str).value_counts()
    return str(counts.index[0]), float(counts.iloc[0] / len(column))


def _entropy(column: pd.Series) -> float:
    shares = column.astype(str).value_counts(normalize=True).to_numpy()
    return float(-(shares * np.log(shares)).sum())
