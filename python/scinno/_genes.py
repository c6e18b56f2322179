"""Which genes the network sees, and how genes of new data are lined up with them."""

from __future__ import annotations

import logging
import warnings

import anndata as ad
import numpy as np
import scipy.sparse as sp

from scinno._settings import Settings

logger = logging.getLogger("scinno")


def choose_genes(log_values: sp.csr_matrix, settings: Settings) -> np.ndarray:
    """Drop rare genes, then keep the most variable ones (scanpy, flavour ``"seurat"``).

    Parameters
    ----------
    log_values : csr_matrix of float32, (cells, genes), log1p

    Returns
    -------
    ndarray of int64, (kept,)
        Columns to keep, in the order of the input.

    Raises
    ------
    ValueError
        Fewer than two genes are expressed in enough cells.
    """
    n_cells, n_genes = log_values.shape
    expressed_in = log_values.getnnz(axis=0)
    floor = max(settings.min_cells, int(np.ceil(settings.min_cells_fraction * n_cells)))
    floor = min(floor, max(1, n_cells // 2))  # a handful of cells must not lose every gene
    usable = np.flatnonzero(expressed_in >= floor)
    if len(usable) < 2:
        raise ValueError(
            f"x must have at least 2 genes expressed in {floor} or more cells "
            f"(min_cells={settings.min_cells}, "
            f"min_cells_fraction={settings.min_cells_fraction:g}), got {len(usable)} "
            f"of {n_genes}"
        )
    if len(usable) <= settings.n_genes:
        return usable
    import scanpy as sc  # slow to import, and only needed here

    part = log_values if len(usable) == n_genes else log_values[:, usable]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scanpy speaks of its own internals here
        # The data's buffers are shared, not copied: scanpy copies what it changes.
        table = sc.pp.highly_variable_genes(
            ad.AnnData(part), n_top_genes=settings.n_genes, flavor="seurat", inplace=False
        )
    chosen = np.flatnonzero(table["highly_variable"].to_numpy())
    return usable[chosen]


def line_up(
    fitted: np.ndarray, given: np.ndarray | None, n_given: int, needed: np.ndarray, floor: float
) -> np.ndarray:
    """Where each fitted gene stands in new data.

    Parameters
    ----------
    fitted : ndarray of str, (genes,)
        All genes of the training data.
    given : ndarray of str, (new genes,), or None
        Names of the new data's genes; None means the same genes in the same order.
    n_given : int
        Number of genes in the new data.
    needed : ndarray of int, (kept,)
        Which of the fitted genes the network sees.
    floor : float
        Least share of the needed genes that must be there, 0 to 1.

    Returns
    -------
    ndarray of int64, (genes,)
        Column of the new data for each fitted gene, −1 where it is missing.

    Raises
    ------
    ValueError
        Names are missing while the number of genes differs, or too few genes match.
    """
    if given is None:
        if n_given != len(fitted):
            raise ValueError(
                f"x has {n_given} genes but the fit has seen {len(fitted)}: "
                "pass genes= so that they can be matched by name"
            )
        return np.arange(len(fitted))
    place = {name: j for j, name in enumerate(given)}
    columns = np.array([place.get(name, -1) for name in fitted], dtype=np.int64)
    present = int((columns[needed] >= 0).sum())
    if present < floor * len(needed):
        raise ValueError(
            f"genes must include at least {floor:.0%} of the {len(needed)} genes the fit uses, "
            f"got {present} ({present / len(needed):.0%}); the fit expects names like "
            f"{', '.join(repr(str(g)) for g in fitted[needed[:3]])}, "
            f"got {', '.join(repr(str(g)) for g in given[:3])}"
        )
    if present < len(needed):
        logger.warning(
            "%d of the %d genes the fit uses are missing in x and count as not expressed",
            len(needed) - present,
            len(needed),
        )
    extra = len(given) - int((columns >= 0).sum())
    if extra:
        logger.info("%d genes of x are unknown to the fit and are left out", extra)
    return columns
