"""The scikit-learn adapter: an estimator over `fit`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from scinno._data.counts import column_names, input_kind
from scinno._data.gene_names import gene_names
from scinno._data.matrix import as_matrix
from scinno._fit import fit
from scinno._result.fit import Fit
from scinno._settings.settings import Settings


# scikit-learn ships no types, so its classes are Any to mypy.
class SCINNO(ClusterMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """SCINNO as a scikit-learn clusterer and transformer.

    Parameters
    ----------
    n_clusters : int, (int, int) or None
        Number of clusters, or a range for it; estimated when None.
    input : {"auto", "counts", "log"}
        What X holds, see `scinno.fit`.
    preset : {"default", "paper"}
    random_state : int
        Seed; always fixed, so that a pipeline gives the same clusters every time.
    device : str
    settings : Settings, dict or None
        All settings, or single ones by name over the preset.

    Attributes
    ----------
    fit_ : Fit
        The full result.
    labels_ : ndarray of int32, (cells,)
    cluster_centers_ : ndarray of float32, (k, latent)
    n_features_in_ : int
    """

    def __init__(
        self,
        n_clusters: int | tuple[int, int] | None = None,
        *,
        input: str = "auto",
        preset: str = "default",
        random_state: int = 0,
        device: str = "auto",
        settings: Settings | dict[str, Any] | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.input = input
        self.preset = preset
        self.random_state = random_state
        self.device = device
        self.settings = settings

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.positive_only = True
        return tags

    def fit(self, X: Any, y: None = None, batch: Any = None) -> Self:
        """Cluster X, non-negative, (cells, genes); ``y`` is not used, ``batch`` as `scinno.fit`."""
        whole, single = None, {}
        if isinstance(self.settings, Settings):
            whole = self.settings
        elif self.settings:
            single = self.settings
        self.fit_: Fit = fit(
            self._checked(X, reset=True),
            self.n_clusters,
            input=input_kind(self.input),  # here: scikit-learn wants it stored as given
            preset=self.preset,
            seed=self.random_state,
            device=self.device,
            settings=whole,
            batch=batch,
            **single,
        )
        self.labels_ = self.fit_.labels
        self.cluster_centers_ = self.fit_.centers
        self.n_iter_ = len(self.fit_.history)
        return self

    def predict(self, X: Any, batch: Any = None) -> np.ndarray:
        """Label of each cell, int32 (cells,); ``batch`` as in `Fit.predict`."""
        return self.predict_proba(X, batch).argmax(axis=1).astype(np.int32)

    def predict_proba(self, X: Any, batch: Any = None) -> np.ndarray:
        """Fuzzy memberships, float32 (cells, k)."""
        check_is_fitted(self)
        return self.fit_.memberships_of(self._checked(X, reset=False), batch=batch)

    def transform(self, X: Any, batch: Any = None) -> np.ndarray:
        """Embedding, float32 (cells, latent)."""
        check_is_fitted(self)
        return self.fit_.transform(self._checked(X, reset=False), batch=batch)

    def _checked(self, X: Any, reset: bool) -> Any:
        """X as scikit-learn wants it checked; what it cannot read is converted as by `fit`."""
        # Its rules for arrays differ from ours: it takes numbers that are held as objects.
        matrix = X if isinstance(X, np.ndarray) else as_matrix(X)
        if isinstance(X, pd.DataFrame):
            gene_names(column_names(X), X.shape, X.index.to_numpy().astype(str))
        checked = check_array(
            matrix,
            input_name="X",
            estimator=self,
            accept_sparse="csr",
            dtype=[np.float32, np.float64, np.int32, np.int64, np.uint16, np.uint8],
            ensure_non_negative=True,
            ensure_min_samples=4 if reset else 1,
            ensure_min_features=2 if reset else 1,
        )
        # Only now: it stores names and number of columns, which were not checked before.
        validate_data(self, X, reset=reset, skip_check_array=True)
        return checked
