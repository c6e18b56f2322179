"""Every public function with arguments that are right, and what may be put in their place.

A call has a name, a function and the arguments that it is called with; those whose name is among
`MATRIX_ARGUMENTS` also get matrices. What comes of a call is judged by `judge`.
"""

from __future__ import annotations

import linecache
import tempfile
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
from sound_results import unsound
from values import counts

import scinno
import scinno.bench.pl
from scinno import bench, datasets, pl
from scinno.report import write_report

OWN = str(Path(scinno.__file__).parent)
QUICK = {"pretrain_epochs": 2, "joint_epochs": 1, "steps_per_epoch": 2, "n_genes": 10,
         "n_hidden": 8, "n_latent": 4, "n_pcs": 3, "batch_size": 8, "n_heads": 2, "head_dim": 4,
         "n_anchors": 8, "min_cells": 1, "min_cells_fraction": 0.0}  # fmt: skip
# What an error may be; anything else is a mistake inside.
ERRORS = (ValueError, TypeError, KeyError, OSError, AttributeError)
MATRIX_ARGUMENTS = (
    "x",
    "X",
    "adata",
    "data",
    "values",
    "memberships",
    "latent",
    "centers",
    "coordinates",
    "neighbors",
)
# Settings that make work as long as they are large: none is wrong.
ENDLESS = ("pretrain_epochs", "joint_epochs", "steps_per_epoch", "batch_size", "n_trials", "budget")


@dataclass(frozen=True)
class Call:
    """A function and arguments that it takes.

    Attributes
    ----------
    function : callable
    right : mapping
        Arguments by name that give a result.
    also : tuple of str
        Further arguments that are varied, which have a default.
    passes : tuple of str
        Packages whose errors the call passes on, as a callback's or scikit-learn's own.
    """

    function: Callable[..., Any]
    right: Mapping[str, Any]
    also: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()

    @property
    def varied(self) -> list[str]:
        return [*self.right, *self.also]


class ForeignError(AssertionError):
    """An error that is not one of scinno's sentences, or a result that is not sound."""


def judge(call: Call, changed: Mapping[str, Any]) -> str:
    """Call with changed arguments: "right" or "refused", else ForeignError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = call.function(**{**call.right, **changed})
    except ERRORS as error:
        _check_error(error, call, changed)
        return "refused"
    except Exception as error:
        raise ForeignError(f"{type(error).__name__}: {error}") from error
    if problem := unsound(result):
        raise ForeignError(problem)
    return "right"


def _check_error(error: Exception, call: Call, changed: Mapping[str, Any]) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    if any(f"/{name}/" in last.filename for name in call.passes):
        return
    line = linecache.getline(last.filename, last.lineno or 0).strip()
    if not last.filename.startswith(OWN) or not line.startswith("raise"):
        raise ForeignError(
            f"{type(error).__name__}: {error}\n{last.filename}:{last.lineno}"
        ) from error
    if len(str(error)) < 12:
        raise ForeignError(f"no sentence: {error!r}") from error


@cache
def cells() -> ad.AnnData:
    """Clustered cells; not to be changed."""
    x = counts().astype(np.float32)
    obs = pd.DataFrame(
        {"type": ["a", "b"] * 12, "batch": ["u"] * 12 + ["v"] * 12, "number": np.arange(24.0)},
        index=[f"c{i}" for i in range(24)],
    )
    data = ad.AnnData(sp.csr_matrix(x), obs=obs, var=pd.DataFrame(index=genes()))
    data.layers["counts"] = data.X.copy()
    scinno.cluster(data, 2, **QUICK)
    data.obsm["X_umap"] = data.obsm["X_scinno"][:, :2].copy()
    data.obsm["spatial"] = places()
    return data


def places() -> np.ndarray:
    return np.column_stack([np.arange(24) % 6, np.arange(24) // 6]).astype(np.float64)


def genes() -> list[str]:
    return [f"G{j}" for j in range(12)]


@cache
def fitted() -> scinno.Fit:
    return scinno.fit(counts(), 2, genes=genes(), **QUICK)


@cache
def fitted_with_batches() -> scinno.Fit:
    return scinno.fit(counts(), 2, genes=genes(), batch=list(cells().obs["batch"]), **QUICK)


@cache
def folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="scinno-calls-"))
    fitted().save(made / "model.safetensors")
    return made


def _estimator(X: Any, new: Any = None, **options: Any) -> np.ndarray:
    model = scinno.SCINNO(settings=QUICK, **options).fit(X)
    return model.predict_proba(X if new is None else new)


def _copied(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that writes into an AnnData, on a copy."""

    def call(adata: Any, **options: Any) -> Any:
        return function(adata.copy() if isinstance(adata, ad.AnnData) else adata, **options)

    return call


def _drawn(function: Callable[..., Any]) -> Callable[..., None]:
    from matplotlib import pyplot as plt

    def call(**options: Any) -> None:
        try:
            function(**options)
        finally:
            plt.close("all")

    return call


SETTINGS = tuple(one.name for one in fields(scinno.Settings) if one.name not in ENDLESS)
OF_A_FIT = ("genes", "input", "preset", "seed", "device", "callback", "batch", "batch_force")
OF_A_PICTURE = ("key", "ax", "show", "save")


def calls() -> dict[str, Call]:
    """Every public function by its name."""
    x, data, fit = counts(), cells(), fitted()
    batched, tree, place = fitted_with_batches(), fitted().tree, folder()
    new = {"x": x, "genes": genes()}
    means = {"labels": fit.labels, "memberships": fit.memberships, "latent": fit.latent}
    found = {
        "fit": Call(
            scinno.fit, {"x": x, "n_clusters": 2, **QUICK}, (*OF_A_FIT, "settings", "checkpoint")
        ),
        "choose_k": Call(
            scinno.choose_k,
            {"x": x, "within": (2, 3), **QUICK},
            (*OF_A_FIT, "settings", "layer", "batch_key"),
        ),
        "cluster": Call(
            _copied(scinno.cluster),
            {"adata": data, "n_clusters": 2, **QUICK},
            ("layer", "key_added", "unassigned", "batch_key", "genes", "input", "seed"),
        ),
        "cluster in a tissue": Call(
            _copied(scinno.cluster),
            {"adata": data, "n_clusters": 2, "spatial_key": "spatial", **QUICK},
            ("library_key", "n_domains", "smoothing"),
        ),
        "domains": Call(
            scinno.domains,
            {"fit": fit, "coordinates": places(), "n_domains": 2},
            ("slices", "neighbors", "smoothing", "seed"),
        ),
        "subcluster": Call(
            _copied(scinno.subcluster),
            {"adata": data, "cluster": "0", "n_clusters": 2, **QUICK},
            ("key", "key_added", "layer", "batch_key", "input"),
        ),
        "markers": Call(
            scinno.markers,
            {"adata": data},
            ("key", "groups", "reference", "layer", "method", "input", "n_genes", "tie_correct"),
        ),
        "Settings": Call(scinno.Settings, {}, (*SETTINGS, *ENDLESS[:4])),
        "Settings.replace": Call(scinno.Settings().replace, {"changes": {}}),
        "from_preset": Call(scinno.Settings.from_preset, {"preset": "paper"}),
        "uncertain_cells": Call(
            scinno.uncertain_cells, {k: means[k] for k in ("memberships", "latent", "labels")}
        ),
        "cluster_report": Call(scinno.cluster_report, {**means, "centers": fit.centers}),
        "load": Call(scinno.load, {"path": place / "model.safetensors"}),
        "from_bytes": Call(scinno.from_bytes, {"data": fit.to_bytes()}),
        "predict": Call(fit.predict, new, ("min_overlap", "batch")),
        "memberships_of": Call(fit.memberships_of, new, ("min_overlap",)),
        "transform": Call(batched.transform, {**new, "batch": "u"}, ("min_overlap",)),
        "add_batch": Call(batched.add_batch, {**new, "name": "w"}, ("min_overlap",)),
        "cut": Call(fit.cut, {"n_clusters": 2}),
        "cut at a resolution": Call(fit.cut, {"resolution": 1.0}),
        "denoised": Call(fit.denoised, {}, ("cells",)),
        "save": Call(fit.save, {"path": place / "again.safetensors"}),
        "tree.level": Call(tree.level, {"n_clusters": 2}),
        "tree.cut": Call(tree.cut, {"n_clusters": 2}),
        "tree.names": Call(tree.names, {"n_clusters": 2}),
        "SCINNO": Call(
            _estimator,
            {"X": x, "n_clusters": 2},
            ("input", "preset", "random_state", "device", "new"),
            ("sklearn",),
        ),
        "write_report": Call(
            write_report,
            {"adata": data, "path": place / "page.html"},
            ("key", "label_key", "batch_key", "genes", "title", "layer", "about", "values", "fit"),
        ),
        "datasets.load": Call(
            datasets.load,
            {"name": "no", "folder": place, "base_url": "http://127.0.0.1:9"},
            ("cells", "labels", "rounded"),
        ),
        "bench.score": Call(
            bench.score, {"truth": np.array(["a", "b"] * 12), "labels": fit.labels, "points": x}
        ),
        "bench.choose": Call(bench.choose, {"names": ["scinno"]}),
        "bench.read_method": Call(bench.read_method, {"script": bench.all_methods()[0].script}),
        "bench.read_results": Call(bench.read_results, {"path": place / "none.json"}),
        "bench.markdown": Call(bench.markdown, {"results": {}}),
        "bench.pl.benchmark": Call(_drawn(bench.pl.benchmark), {"results": _rows()}),
        "bench.pl.ablation": Call(_drawn(bench.pl.ablation), {"results": _rows()}),
    }
    pictures = {
        "embedding": (
            {"data": data, "color": "type", "basis": "umap"},
            ("layer", "legend_loc", "size", "cmap", "title", "max_cells", "ncols"),
        ),
        "clusterings": (
            {"adata": data, "columns": ["type", "scinno"], "truth": "type", "basis": "umap"},
            ("size", "max_cells", "ncols"),
        ),
        "confidence": ({"data": fit}, ()),
        "history": ({"data": fit}, ("parts", "ncols")),
        "k_evidence": ({"data": data}, ()),
        "memberships": ({"data": data}, ("cmap",)),
        "tissue": (
            {"data": data, "color": "type", "spatial_key": "spatial"},
            ("library_key", "layer", "size", "cmap", "title", "max_cells", "ncols"),
        ),
        "levels": ({"data": fit}, ("levels",)),
        "tree": ({"data": fit}, ("n_clusters", "adata", "genes", "layer")),
        "tuning": ({"data": None}, ()),
    }
    for name, (right, also) in pictures.items():
        own = [one for one in OF_A_PICTURE if one != "key" or name not in ("levels", "tuning")]
        found[f"pl.{name}"] = Call(_drawn(getattr(pl, name)), right, (*also, *own))
    return found


def _rows() -> pd.DataFrame:
    names = ["scinno", "scinno-no-attention"]
    return pd.DataFrame({"set": ["s"] * 4, "method": names * 2, "seed": [0, 0, 1, 1],
                         "ARI": [0.5, 0.4, 0.6, 0.3], "NMI": [0.5, 0.4, 0.6, 0.3]})  # fmt: skip
