"""What `fit` returns: clusters of the training cells, and the means to label new ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scinno._batch.fitted import FittedBatches
from scinno._preprocess.preprocessing import Preprocessing
from scinno._result._model_file.header import DamagedError, read_model_file
from scinno._result.contents import ARRAYS, not_a_model, packed, unpacked
from scinno._result.new_cells import NewCells
from scinno._runtime.atomic import write_file
from scinno._runtime.validate import checked
from scinno._settings.settings import Settings

# What computes needs torch, which takes seconds to load; reading results does not.
if TYPE_CHECKING:
    from scinno._nn.network import Network
    from scinno._tree.cluster_tree import ClusterTree


@dataclass(frozen=True, eq=False, repr=False)
class Fit(NewCells):
    """A finished clustering; nothing in it changes any more.

    Attributes
    ----------
    labels : ndarray of int32, (cells,)
        Cluster of each training cell, 0 for the largest cluster.
    memberships : ndarray of float32, (cells, k)
        Fuzzy memberships, equation (9); rows sum to 1.
    embedding : ndarray of float32, (cells, latent)
        The attended code z_attn in which the clusters live.
    latent : ndarray of float32, (cells, latent)
        The latent code z_clean before attention; `denoised` decodes it.
    centers : ndarray of float32, (k, latent)
        Cluster centers in the embedding.
    genes : ndarray of str, (g,)
        Genes that the network reads.
    history : DataFrame
        One row per epoch: epoch, n_epochs (of all phases), phase ("pretrain" or "joint"), loss and
        its parts (means over steps), label_change (share of cells), seconds.
    k_evidence : DataFrame or None
        Why K was chosen, one row per candidate: n_clusters, votes (how many partitions into
        communities have so many; K is the median), mean_purity and min_purity (share of cells' ten
        nearest cells that are in their own cluster; mean and minimum over clusters), stability
        (adjusted Rand index between subsamples), silhouette, in_range (whether in the requested
        range), chosen, runner_up. Fits of scinno before 0.99.2 have pure_clusters (clusters whose
        purity is at least 0.82) in place of votes. None where K was given.
    warnings : tuple of str
        Clusters of fewer than 6 cells and near-duplicate clusters, one sentence each.
    settings : Settings
    seed : int
    batches : DataFrame or None
        For cells with batches: one row per batch, by name, with n_cells, kept_neighbors (share of
        a cell's nearest neighbors of its own batch that the embedding keeps, beyond what chance
        would keep, at most 1) and added (whether by `add_batch`).
    batch_mix : DataFrame or None
        One row per cluster: cluster, n_cells, mixing_before and mixing_after (how often the nearest
        neighbors of its cells are of other batches, over what chance would give; before and after
        the batches were brought together), then the share of each batch in the cluster.
    """

    labels: np.ndarray
    memberships: np.ndarray
    embedding: np.ndarray
    latent: np.ndarray
    centers: np.ndarray
    history: pd.DataFrame
    k_evidence: pd.DataFrame | None
    warnings: tuple[str, ...]
    settings: Settings
    seed: int
    preprocessing: Preprocessing
    network: Network
    batch_info: FittedBatches | None = None

    @property
    def n_clusters(self) -> int:
        """Number of clusters requested or found, K."""
        return int(self.centers.shape[0])

    @property
    def genes(self) -> np.ndarray:
        """Names of the genes that the network reads, (g,)."""
        return self.preprocessing.genes[self.preprocessing.selected]

    @property
    def confidence(self) -> np.ndarray:
        """Membership of each cell in its own cluster, float32 (cells,), 1/k to 1."""
        return self.memberships.max(axis=1)

    @property
    def batches(self) -> pd.DataFrame | None:
        info = self.batch_info
        return None if info is None else info.table(self.preprocessing.batches)

    @property
    def batch_mix(self) -> pd.DataFrame | None:
        info, names = self.batch_info, self.preprocessing.batches
        return None if info is None else info.mix(names, self.labels, self.n_clusters)

    def __repr__(self) -> str:
        sizes = np.bincount(self.labels, minlength=self.n_clusters)
        return (
            f"scinno.Fit: {len(self.labels)} cells in {self.n_clusters} clusters "
            f"(sizes {sizes[0]} to {sizes[-1]}), {len(self.genes)} genes, seed {self.seed}"
        )

    @cached_property
    def tree(self) -> ClusterTree:
        """The levels of this clustering, from two groups to many small ones, with evidence.

        Made when it is first asked for, in a few seconds.
        """
        from scinno._result.levels import make_tree

        return make_tree(
            self.embedding, self.labels, self._components, self.denoised, self.genes, self.seed
        )

    @property
    def _components(self) -> np.ndarray:
        """The principal components of each cell, or its code where there are none."""
        p = self.network.n_pcs
        return self.latent[:, :p] if p else self.latent

    @checked
    def cut(self, n_clusters: int | None = None, resolution: float | None = None) -> Fit:
        """The same fit with fewer or more clusters, without training again.

        The centers are the means of the groups of `tree` at that level, and cells belong to the
        nearest one, so that `predict` and memberships work as for any fit; a few cells between two
        groups differ from ``tree.cut``, whose levels are strictly nested. At the fit's own number
        of clusters the fit itself is returned. A new fit with that number of clusters is not the
        same: it starts from other centers, and its joint phase trains towards them.

        Parameters
        ----------
        n_clusters : int, optional
            From 2 to ``tree.n_leaves``.
        resolution : float, optional
            1 gives this fit, more gives more clusters, less fewer; see `ClusterTree.level`.

        Raises
        ------
        TypeError
            Not exactly one of both is given.
        ValueError
            Out of range.
        """
        from scinno._clusters.diagnostics import cluster_warnings
        from scinno._clusters.microclusters import cluster_means
        from scinno._result.levels import recluster

        k = self.tree.level(n_clusters, resolution)
        if k == self.n_clusters:
            return self
        if k < 2:
            raise ValueError(f"a fit has 2 clusters or more, and this level has {k}")
        centers = cluster_means(self.embedding, self.tree.cut(k))
        network, memberships, labels = recluster(self.network, self.embedding, centers)
        return replace(
            self,
            labels=labels,
            memberships=memberships,
            centers=network.centers.numpy(),
            network=network,
            warnings=cluster_warnings(self._components, labels),
        )

    def denoised(self, cells: Any = None) -> np.ndarray:
        """Denoised expression by the decoder, float32 (cells, g), log1p of normalized counts.

        With batches it is that of an average batch, whichever the cell's own is.

        Parameters
        ----------
        cells : slice, indices or mask, optional
            Which training cells; take blocks when there are many, the result is dense.
        """
        from scinno._nn.inference import decode

        try:
            rows = np.arange(len(self.latent))[slice(None) if cells is None else cells]
        except (IndexError, OverflowError, TypeError, ValueError) as error:
            raise TypeError(
                f"cells must be a slice, indices or a mask of the {len(self.latent)} training "
                f"cells, got {type(cells).__name__}: {error}"
            ) from error
        if rows.ndim > 1:
            raise TypeError(f"cells must be indices in one dimension, got shape {rows.shape}")
        code = self.latent if cells is None else self.latent[cells]
        scaled = decode(self.network, np.atleast_2d(code))
        fixed, info = self.preprocessing, self.batch_info
        center = fixed.center if info is None else info.mean_center(fixed.center)
        return np.maximum(scaled * fixed.scale + center, 0)

    @checked
    def save(self, path: str | Path) -> None:
        """Write everything to one safetensors file; an existing file is replaced at the end."""
        if Path(path).is_dir():
            raise IsADirectoryError(f"path must be a file, but {path} is a folder")
        write_file(Path(path), self.to_bytes())

    def to_bytes(self) -> bytes:
        """The bytes that `save` writes."""
        about = {
            "settings": self.settings,
            "seed": self.seed,
            "history": self.history.to_dict("list"),
            "k_evidence": None if self.k_evidence is None else self.k_evidence.to_dict("list"),
            "warnings": list(self.warnings),
        }
        arrays = {name: getattr(self, name) for name in ARRAYS}
        return packed(arrays, self.preprocessing, self.network, self.batch_info, about)


@checked
def load(path: str | Path) -> Fit:
    """Read a fit that `Fit.save` wrote, in this or an earlier version.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is not a scinno fit, is damaged, or was written in a newer format.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"path {path}: there is no such file")
    try:
        data = read_model_file(Path(path))
    except DamagedError as error:
        raise ValueError(not_a_model(str(path), error)) from None
    return Fit(**unpacked(data, where=str(path)))


def from_bytes(data: bytes | bytearray) -> Fit:
    """Read what `Fit.to_bytes` gave; errors as `load`."""
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"data must be the bytes of a fit, got {type(data).__name__}")
    return Fit(**unpacked(bytes(data), where="the given bytes"))
