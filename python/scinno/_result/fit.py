"""What `fit` returns: clusters of the training cells, and the means to place new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from scinno._nn.network import Network
from scinno._preprocess.inputs import Preprocessing
from scinno._result import file_format
from scinno._result.predict import embedding_of
from scinno._runtime import atomic
from scinno._settings import Settings


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """A finished clustering; nothing in it changes any more.

    Attributes
    ----------
    labels : ndarray of int32, (cells,)
        Cluster of each training cell, 0 for the largest cluster.
    memberships : ndarray of float32, (cells, k)
        Fuzzy memberships, equation (9); rows sum to 1.
    embedding : ndarray of float32, (cells, latent)
        The attended code z_attn in which the clusters live.
    code : ndarray of float32, (cells, latent)
        The code z_clean before attention; `denoised` decodes it.
    centres : ndarray of float32, (k, latent)
        Cluster centres in the embedding.
    genes : ndarray of str, (kept,)
        Genes the network sees.
    history : DataFrame
        One row per epoch: phase, each part of the loss, share of labels changed, seconds.
    k_evidence : DataFrame or None
        Why K was chosen, one row per candidate: n_clusters, mean_share and least_share (of cells'
        ten nearest cells that are in their own cluster; mean and least over clusters),
        good_clusters (clusters whose share is at least 0.82), stability (adjusted Rand index
        between subsamples), silhouette, allowed (whether in the range asked for), chosen,
        runner_up. The shares decide; stability picks the runner-up. None where K was given.
    warnings : tuple of str
        Clusters of fewer than 6 cells and near-duplicate clusters, one sentence each.
    settings : Settings
    seed : int
    """

    labels: np.ndarray
    memberships: np.ndarray
    embedding: np.ndarray
    code: np.ndarray
    centres: np.ndarray
    history: pd.DataFrame
    k_evidence: pd.DataFrame | None
    warnings: tuple[str, ...]
    settings: Settings
    seed: int
    preprocessing: Preprocessing
    network: Network

    @property
    def n_clusters(self) -> int:
        """Number of clusters asked for or found, K."""
        return int(self.centres.shape[0])

    @property
    def genes(self) -> np.ndarray:
        """Names of the genes the network sees, (kept,)."""
        return self.preprocessing.genes[self.preprocessing.kept]

    @property
    def confidence(self) -> np.ndarray:
        """Membership of each cell in its own cluster, float32 (cells,), 1/k to 1."""
        return self.memberships.max(axis=1)

    def __repr__(self) -> str:
        sizes = np.bincount(self.labels, minlength=self.n_clusters)
        return (
            f"scinno.Fit: {len(self.labels)} cells in {self.n_clusters} clusters "
            f"(sizes {sizes[0]} to {sizes[-1]}), {len(self.genes)} genes, seed {self.seed}"
        )

    def transform(self, x: Any, genes: Sequence[str] | None = None, **options: Any) -> np.ndarray:
        """Embedding of new cells, float32 (cells, latent).

        Parameters
        ----------
        x : matrix, (cells, genes)
            As for `scinno.fit`, on the disk too; counts if the fit had counts, log values if it had
            those.
        genes : sequence of str, optional
            Names by which genes are matched. Without names the genes must be those of the
            training data, in the same order.
        min_overlap : float, default 0.5
            Least share of the network's genes that ``x`` must hold.

        Raises
        ------
        ValueError
            Bad values (see `scinno.fit`), or too few matching genes.
        """
        return embedding_of(self, x, genes, **options)

    def memberships_of(
        self, x: Any, genes: Sequence[str] | None = None, **options: Any
    ) -> np.ndarray:
        """Fuzzy memberships of new cells, float32 (cells, k); parameters as `transform`."""
        return self.network.memberships(self.transform(x, genes, **options))

    def predict(self, x: Any, genes: Sequence[str] | None = None, **options: Any) -> np.ndarray:
        """Clusters of new cells, int32 (cells,); parameters as `transform`.

        A cell's label depends on that cell alone, never on what else is in ``x``; for training
        cells it is ``labels``.
        """
        return self.memberships_of(x, genes, **options).argmax(axis=1).astype(np.int32)

    def denoised(self, cells: Any = None) -> np.ndarray:
        """Expression as the decoder sees it, float32 (cells, kept), log1p of normalised counts.

        Parameters
        ----------
        cells : slice, indices or mask, optional
            Which training cells; take blocks when there are many, the result is dense.
        """
        code = self.code if cells is None else self.code[cells]
        scaled = self.network.decoded(np.atleast_2d(code))
        return np.maximum(scaled * self.preprocessing.scale + self.preprocessing.centre, 0)

    def save(self, path: str | Path) -> None:
        """Write everything to one safetensors file; an existing file is replaced at the end."""
        atomic.write(Path(path), self.to_bytes())

    def to_bytes(self) -> bytes:
        """The bytes that `save` writes."""
        return file_format.pack(self)


def load(path: str | Path) -> Fit:
    """Read a fit that `Fit.save` wrote.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    ValueError
        The file is truncated, is no scinno fit, or was written by a newer format.
    """
    return file_format.unpack(Path(path).read_bytes(), where=str(path))


def from_bytes(data: bytes | bytearray) -> Fit:
    """Read what `Fit.to_bytes` gave; errors as `load`."""
    return file_format.unpack(bytes(data), where="the given bytes")
