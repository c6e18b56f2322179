"""What the arrays of a model file must be: names, kinds, shapes against each other, values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scinno._result._model_file.header import DamagedError, Spec
from scinno._result.file_format import Tensors
from scinno._settings.settings import Settings

Shapes = dict[str, tuple[int, ...]]
INT32 = ("labels", "batch.codes")
INT64 = ("selected", "batch.n_cells")
# Training writes no smaller ones, and results are divided by them.
LEAST = {"scale": 1e-30, "network.min_norm": 1e-7, "network.distance_scale": 1e-13}
# NaN for batches that were added later, and cells that were not looked at.
SOME_NAN = ("batch.kept_neighbors", "batch.mixing")
# Of the rows of memberships, which are float32 sums of up to thousands of numbers.
TOLERANCE = 1e-3


def check_specs(specs: Mapping[str, Spec], settings: Settings, n_genes: int, n_batches: int) -> int:
    """Compare what a header says with the settings, before anything is made of it.

    Parameters
    ----------
    specs : mapping of str to Spec
        By the present names.
    settings : Settings
    n_genes : int
        Names of genes in the file.
    n_batches : int
        Names of batches; 0 without.

    Raises
    ------
    DamagedError
        A missing, superfluous or wrong array.
    """
    n = _length(specs, "labels", 1)
    g = _length(specs, "selected", 1)
    k = _length(specs, "centers", 2)
    n_anchors = _length(specs, "network.anchors", 2)
    _length(specs, "network.loadings", 2)
    p = specs["network.loadings"].shape[1]
    if not 1 <= g <= n_genes or k < 2 or p > settings.n_pcs:
        raise DamagedError(
            f"{g} of {n_genes} genes, {p} principal components and {k} clusters make no model"
        )
    if not int(settings.attention) <= n_anchors <= settings.n_anchors:
        raise DamagedError(f"it has {n_anchors} anchors, and its settings {settings.n_anchors}")
    shapes = network_shapes(settings, g, p, n_anchors, k)
    shapes = {f"network.{name}": shape for name, shape in shapes.items()}
    latent = p + settings.n_latent
    shapes |= {"labels": (n,), "memberships": (n, k), "embedding": (n, latent)}
    shapes |= {"latent": (n, latent), "centers": (k, latent), "selected": (g,), "scale": (g,)}
    shapes["center"] = (n_batches, g) if n_batches else (g,)
    if n_batches:
        shapes |= {"batch.codes": (n,), "batch.n_cells": (n_batches,)}
        shapes |= {"batch.kept_neighbors": (n_batches,), "batch.mixing": (n, 2)}
        # Of the clusters of the fit, which has fewer or more of them after it was cut.
        shapes["batch.profiles"] = (max(_length(specs, "batch.profiles", 2), 2), g)
    if odd := sorted(set(shapes) ^ set(specs)):
        kind = "lacks" if odd[0] in shapes else "has an unknown"
        raise DamagedError(f"it {kind} array {odd[0][:60]!a}")
    for name, shape in shapes.items():
        dtype = "I32" if name in INT32 else "I64" if name in INT64 else "F32"
        # A single number was written as an array of one.
        allowed = (shape,) if shape else ((), (1,))
        spec = specs[name]
        if spec.dtype != dtype or spec.shape not in allowed:
            raise DamagedError(
                f"array {name!r} is {spec.dtype} {list(spec.shape)}, and {dtype} "
                f"{list(allowed[-1])} by the rest of the file"
            )
    return n


def network_shapes(settings: Settings, g: int, p: int, n_anchors: int, k: int) -> Shapes:
    """Shapes of the weights of `scinno._nn.network.Network`, which would allocate them.

    Parameters
    ----------
    settings : Settings
    g, p, n_anchors, k : int
        Genes, principal components, anchors, clusters.
    """
    h, d = settings.n_hidden, settings.n_latent
    latent = p + d
    shapes: Shapes = {
        "centers": (k, latent),
        "loadings": (g, p),
        "min_norm": (),
        "view_scale": (latent,),
        "anchors": (n_anchors, latent),
        "distance_scale": (),
    }
    layers = {
        "dn.encoder.0": (h, g),
        f"dn.encoder.{3 if settings.layer_norm else 2}": (d, h),
        "dn.decoder.0": (h, d),
        "dn.decoder.2": (g, h),
    }
    if settings.layer_norm:
        shapes |= {"dn.encoder.1.weight": (h,), "dn.encoder.1.bias": (h,)}
    if settings.mask_loss_weight:
        layers["dn.mask_predictor"] = (g, d)
    if settings.n_projection:
        layers |= {"dn.projection.0": (d, d), "dn.projection.2": (settings.n_projection, d)}
    if settings.attention:
        width = settings.n_heads * settings.head_dim
        layers |= {f"attention.{name}": (width, latent) for name in ("query", "key", "value")}
        layers["attention.out"] = (latent, width)
    for name, (n_out, n_in) in layers.items():
        shapes |= {f"{name}.weight": (n_out, n_in), f"{name}.bias": (n_out,)}
    return shapes


def check_arrays(tensors: Tensors, n_genes: int) -> None:
    """Compare the values of arrays with each other; their shapes are sound.

    Raises
    ------
    DamagedError
        A number that is not finite or out of range, or arrays that contradict each other.
    """
    for name, value in tensors.items():
        if value.dtype.kind == "f" and name not in SOME_NAN and not np.isfinite(value).all():
            raise DamagedError(f"array {name!r} holds NaN or infinity")
        if name in LEAST and not (value >= LEAST[name]).all():
            raise DamagedError(f"array {name!r} must be above 0")
    selected, shares = tensors["selected"], tensors["memberships"]
    if selected.min() < 0 or selected.max() >= n_genes or len(np.unique(selected)) < len(selected):
        raise DamagedError("the selected genes are not among its genes, or twice")
    if len(shares):
        if shares.min() < 0 or np.abs(shares.sum(axis=1) - 1).max() > TOLERANCE:
            raise DamagedError("memberships of a cell must sum to 1")
        if not np.array_equal(shares.argmax(axis=1), tensors["labels"]):
            raise DamagedError("labels are not those of the largest memberships")
    if not np.array_equal(tensors["centers"], tensors["network.centers"]):
        raise DamagedError("the centers are not those of its network")
    if "batch.codes" in tensors:
        _check_batches(tensors)


def _check_batches(tensors: Tensors) -> None:
    codes, sizes = tensors["batch.codes"], tensors["batch.n_cells"]
    known = np.isfinite(tensors["batch.kept_neighbors"])
    n_trained = int(known.sum())
    good = sizes.min() > 0 and sizes.max() < 2**48 and n_trained > 0 and known[:n_trained].all()
    if good and len(codes):
        good = codes.min() >= 0 and codes.max() < n_trained
        good = good and np.array_equal(np.bincount(codes, minlength=n_trained), sizes[:n_trained])
    if not good:
        raise DamagedError("the cells of its batches do not add up")


def _length(specs: Mapping[str, Spec], name: str, n_dims: int) -> int:
    """The first side of an array, which must be there and have so many."""
    spec = specs.get(name)
    if spec is None or len(spec.shape) != n_dims:
        raise DamagedError(f"array {name!r} is missing or has another number of dimensions")
    return spec.shape[0]
