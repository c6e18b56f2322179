"""Which genes the network reads, and how genes of new data are aligned with them."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd

from scinno._settings.settings import Settings

logger = logging.getLogger("scinno")


# Genes are compared with those of similar mean expression: so many classes of means. scanpy's own
# function needs the whole matrix, which is not there when cells are read in blocks; tests hold
# these genes against scanpy's on the real sets.
MEAN_CLASSES = 20
# So small a share of the squared mean is what rounding leaves of the variance of equal values.
ROUNDING = 1e-9
# Of batches with fewer cells genes are not ranked, if there are larger ones.
RANKED_CELLS = 50


def select_genes(
    expressed_in: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    n_cells: int,
    settings: Settings,
) -> np.ndarray:
    """Drop rare genes, then keep the most variable ones (as scanpy's flavor ``"seurat"``).

    Parameters
    ----------
    expressed_in : ndarray of int64, (genes,)
        Cells with the gene.
    mean, variance : ndarray of float64, (genes,)
        Of normalized values, not of their logarithms.

    Returns
    -------
    ndarray of int64, (g,)
        Selected columns, in the order of the input.

    Raises
    ------
    ValueError
        Fewer than two genes are expressed in enough cells, or none of them varies.
    """
    usable = usable_genes(expressed_in, n_cells, settings)
    if len(usable) <= settings.n_genes:
        return usable
    if not (variance[usable] > ROUNDING * mean[usable] ** 2).any():
        raise ValueError(
            f"x must differ between cells, but none of its {len(usable)} genes that are expressed "
            "in enough of them does: look at its values"
        )
    dispersion = normalized_dispersion(mean[usable], variance[usable])
    known = dispersion[~np.isnan(dispersion)]
    if not known.size:  # all vary alike: as below, none of equals is left out
        return usable
    threshold = np.sort(known)[::-1][min(settings.n_genes, len(known)) - 1]
    return usable[np.nan_to_num(dispersion, nan=-np.inf) >= threshold]


def select_genes_within(
    expressed_in: np.ndarray,
    mean: np.ndarray,
    variance: np.ndarray,
    sizes: np.ndarray,
    settings: Settings,
) -> np.ndarray:
    """As `select_genes`, by what varies within batches.

    A gene must be expressed in enough of all cells, and in enough cells of half of the batches.
    Genes are ranked by the mean over batches of their dispersion; a batch in which a gene never
    varies counts as one in which it varies like others of its mean.

    Parameters
    ----------
    expressed_in : ndarray of int64, (batches, genes)
    mean, variance : ndarray of float64, (batches, genes)
    sizes : ndarray of int64, (batches,)
        Cells of each batch.

    Returns
    -------
    ndarray of int64, (g,)

    Raises
    ------
    ValueError
        As `select_genes`.
    """
    share = settings.min_cells_fraction
    floors = np.maximum(settings.min_cells, np.ceil(share * sizes))
    floors = np.minimum(floors, np.maximum(1, sizes // 2))
    enough = (expressed_in >= floors[:, None]).sum(axis=0) >= (len(sizes) + 1) // 2
    # Its moments must not count for a batch whose few cells say little of them.
    large = sizes >= min(RANKED_CELLS, sizes.max())
    usable = usable_genes(np.where(enough, expressed_in.sum(axis=0), 0), int(sizes.sum()), settings)
    if len(usable) <= settings.n_genes:
        return usable
    ranks = [
        normalized_dispersion(mean[b, usable], variance[b, usable]) for b in np.flatnonzero(large)
    ]
    dispersion = np.nan_to_num(np.stack(ranks), nan=0.0).mean(axis=0)
    threshold = np.sort(dispersion)[::-1][settings.n_genes - 1]
    return usable[dispersion >= threshold]


def usable_genes(expressed_in: np.ndarray, n_cells: int, settings: Settings) -> np.ndarray:
    """Genes that are expressed in enough cells; parameters and errors as `select_genes`."""
    floor = max(settings.min_cells, int(np.ceil(settings.min_cells_fraction * n_cells)))
    floor = min(floor, max(1, n_cells // 2))  # a handful of cells must not lose every gene
    usable = np.flatnonzero(expressed_in >= floor)
    if len(usable) < 2:
        raise ValueError(
            f"x must have at least 2 genes expressed in {floor} or more cells "
            f"(min_cells={settings.min_cells}, "
            f"min_cells_fraction={settings.min_cells_fraction:g}), got {len(usable)} "
            f"of {len(expressed_in)}"
        )
    return usable


def normalized_dispersion(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """How much more a gene varies than genes of similar mean, float64 (genes,) (Satija 2015).

    It is the z-score of log(variance / mean) among genes of one of `MEAN_CLASSES` classes of
    log1p(mean); a gene alone in its class has 1, one that never varies NaN.
    """
    mean = np.where(mean == 0, 1e-12, mean)
    with np.errstate(divide="ignore"):
        dispersion = np.log(np.where(variance == 0, np.nan, variance / mean))
    genes = pd.DataFrame({"level": np.log1p(mean), "dispersion": dispersion})
    classes = genes["dispersion"].groupby(pd.cut(genes["level"], MEAN_CLASSES), observed=True)
    mean_of_class, spread = classes.transform("mean"), classes.transform("std")
    alone = spread.isna()
    z = np.where(alone, dispersion / mean_of_class, (dispersion - mean_of_class) / spread)
    return np.asarray(z, dtype=np.float64)


def align_genes(
    fitted: np.ndarray,
    given: np.ndarray | None,
    n_given: int,
    needed: np.ndarray,
    min_overlap: float,
) -> np.ndarray:
    """Column of new data for each fitted gene.

    Parameters
    ----------
    fitted : ndarray of str, (genes,)
        All genes of the training data.
    given : ndarray of str, (new genes,), or None
        Names of the new data's genes; None means the same genes in the same order.
    n_given : int
        Number of genes in the new data.
    needed : ndarray of int, (g,)
        Which of the fitted genes the network reads.
    min_overlap : float
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
                f"x has {n_given} genes but the fit was made with {len(fitted)}: "
                "pass genes= so that they can be matched by name"
            )
        return np.arange(len(fitted))
    place = {name: j for j, name in enumerate(given)}
    columns = np.array([place.get(name, -1) for name in fitted], dtype=np.int64)
    present = int((columns[needed] >= 0).sum())
    if present < min_overlap * len(needed):
        raise ValueError(
            f"genes must include at least {min_overlap:.0%} of the {len(needed)} genes the fit "
            f"uses, got {present} ({present / len(needed):.0%}); the fit expects names like "
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
