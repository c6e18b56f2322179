"""What a fit keeps of the batches of its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class FittedBatches:
    """Cells and neighbors of each batch; its center is in `Preprocessing`.

    Attributes
    ----------
    codes : ndarray of int32, (cells,)
        Each training cell's batch.
    n_cells : ndarray of int64, (batches,)
    kept_neighbors : ndarray of float32, (batches,)
        See `scinno._batch.neighbors`; NaN for a batch that was added later.
    mixing : ndarray of float32, (cells, 2)
        How mixed with other batches the neighborhood of each cell is, before and after, from 0 to
        1 as by chance or more; NaN for cells that were not looked at.
    profiles : ndarray of float32, (clusters, g)
        Mean scaled values of each cluster, by which a new batch finds its center; of the clusters
        that were trained, also after the fit was cut.
    """

    codes: np.ndarray
    n_cells: np.ndarray
    kept_neighbors: np.ndarray
    mixing: np.ndarray
    profiles: np.ndarray

    def table(self, names: Sequence[str]) -> pd.DataFrame:
        """What `Fit.batches` gives."""
        return pd.DataFrame(
            {
                "n_cells": self.n_cells,
                "kept_neighbors": self.kept_neighbors,
                "added": np.arange(len(self.n_cells)) >= self._n_trained,
            },
            index=pd.Index(names, name="batch"),
        )

    @property
    def _n_trained(self) -> int:
        """Batches of the training; those that were added follow."""
        return int(np.isfinite(self.kept_neighbors).sum())

    def mix(self, names: Sequence[str], labels: np.ndarray, k: int) -> pd.DataFrame:
        """What `Fit.batch_mix` gives, by the label of each training cell."""
        n = len(names)
        counts = np.bincount(labels.astype(np.int64) * n + self.codes, minlength=k * n)
        counts = counts.reshape(k, n)
        sizes = counts.sum(axis=1)
        looked = np.isfinite(self.mixing[:, 0])
        n_looked = np.bincount(labels[looked], minlength=k)
        means = [
            np.bincount(labels[looked], self.mixing[looked, side], minlength=k)
            / np.where(n_looked, n_looked, np.nan)
            for side in (0, 1)
        ]
        table = pd.DataFrame({"cluster": np.arange(k), "n_cells": sizes})
        table["mixing_before"], table["mixing_after"] = means
        shares = counts / np.where(sizes, sizes, np.nan)[:, None]
        # A batch may have the name of another column.
        columns = [f"batch {name}" if name in table else name for name in names]
        return table.join(pd.DataFrame(shares, columns=columns))

    def mean_center(self, centers: np.ndarray) -> np.ndarray:
        """Mean of the centers (batches, g), each counted by its training cells, float32 (g,)."""
        n = self._n_trained
        return np.average(centers[:n], axis=0, weights=self.n_cells[:n]).astype(np.float32)

    def without_cells(self) -> FittedBatches:
        """The same without a row for each cell."""
        return replace(self, codes=self.codes[:0], mixing=self.mixing[:0])

    def with_batch(self, n_cells: int) -> FittedBatches:
        """The same with one more batch behind the others."""
        return replace(
            self,
            n_cells=np.append(self.n_cells, n_cells),
            kept_neighbors=np.append(self.kept_neighbors, np.float32(np.nan)),
        )
