"""t-SNE and UMAP of an embedding.

scranpy's compiled code (qdtsne, umappp) takes a tenth of the time of scikit-learn and umap-learn,
which compiles itself anew in every process, and its maps keep as many neighbors
(`benchmarks/maps.py`). Where it has no wheel (`pyproject.toml`), the other two draw.
"""

from __future__ import annotations

import importlib.util
import warnings
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from scinno._runtime.memory import available_threads

if TYPE_CHECKING:
    from knncolle import FindKnnResults

# Neighbors of t-SNE are three times its perplexity; UMAP takes the nearest of the same.
PERPLEXITY = 30.0
UMAP_NEIGHBORS = 15
# Up to here neighbors are exact; more cells have approximate ones (Annoy).
EXACT_CELLS = 5_000
# Half the width of the plane that UMAP begins with, as in umap-learn.
START = 10.0


def maps(embedding: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Two-dimensional t-SNE and UMAP of the embedding.

    The same whatever the number of threads.

    Parameters
    ----------
    embedding : ndarray of float32, (cells, latent)
        At least 3 cells.
    seed : int

    Returns
    -------
    dict of ndarray of float32, (cells, 2)
        ``"X_tsne"`` and ``"X_umap"``.
    """
    if not compiled():
        return {"X_tsne": tsne(embedding, seed), "X_umap": umap(embedding, seed)}
    found = _neighbors(embedding)
    return {"X_tsne": _qdtsne(found, seed), "X_umap": _umappp(embedding, found, seed)}


def tsne(embedding: np.ndarray, seed: int) -> np.ndarray:
    """t-SNE of the embedding, float32 (cells, 2)."""
    if compiled():
        return _qdtsne(_neighbors(embedding), seed)
    from sklearn.manifold import TSNE

    perplexity = min(PERPLEXITY, max(1.0, (len(embedding) - 1) / 3))
    model = TSNE(perplexity=perplexity, init="pca", random_state=seed, n_jobs=-1)
    return model.fit_transform(embedding).astype(np.float32)


def umap(embedding: np.ndarray, seed: int) -> np.ndarray:
    """UMAP of the embedding, float32 (cells, 2)."""
    if compiled():
        return _umappp(embedding, _neighbors(embedding), seed)
    with warnings.catch_warnings():
        # That TensorFlow is missing, and that a seed means one thread.
        warnings.simplefilter("ignore")
        from umap import UMAP

        neighbors = min(UMAP_NEIGHBORS, len(embedding) - 1)
        model = UMAP(n_neighbors=neighbors, random_state=seed, init="pca")
        return model.fit_transform(embedding).astype(np.float32)


def compiled() -> bool:
    """Whether scranpy is here."""
    return importlib.util.find_spec("scranpy") is not None


def _neighbors(embedding: np.ndarray) -> FindKnnResults:
    import knncolle

    kind = knncolle.VptreeParameters if len(embedding) <= EXACT_CELLS else knncolle.AnnoyParameters
    index = knncolle.build_index(kind(), np.ascontiguousarray(embedding, dtype=np.float64))
    count = min(int(3 * PERPLEXITY), len(embedding) - 1)
    return knncolle.find_knn(index, count, num_threads=available_threads())


def _qdtsne(found: FindKnnResults, seed: int) -> np.ndarray:
    import scranpy

    count = found.index.shape[1]
    flat = scranpy.run_tsne(
        found, perplexity=count / 3, num_neighbors=count, seed=seed, num_threads=available_threads()
    )
    return flat.astype(np.float32)


def _umappp(embedding: np.ndarray, found: FindKnnResults, seed: int) -> np.ndarray:
    import knncolle
    import scranpy

    count = min(UMAP_NEIGHBORS, found.index.shape[1])
    nearest = knncolle.FindKnnResults(
        np.ascontiguousarray(found.index[:, :count]),
        np.ascontiguousarray(found.distance[:, :count]),
    )
    flat = scranpy.run_umap(
        nearest, initialize_method="none", initial_coordinates=_start(embedding, seed),
        optimize_seed=seed, num_threads=available_threads(), parallel_optimization=True,
    )  # fmt: skip
    return flat.astype(np.float32)


def _start(embedding: np.ndarray, seed: int) -> np.ndarray:
    """First two principal components, as wide as START, and a little noise: equal cells part."""
    with threadpool_limits(1):  # more threads share out the sums, and last digits differ
        centered = embedding - embedding.mean(axis=0, dtype=np.float64)
        _, axes = np.linalg.eigh(centered.T @ centered)
        start = np.zeros((len(embedding), 2))
        components = centered @ axes[:, ::-1][:, :2]
    start[:, : components.shape[1]] = components
    start *= START / max(float(np.abs(start).max()), 1e-9)
    return start + np.random.default_rng(seed).normal(scale=1e-4, size=start.shape)
