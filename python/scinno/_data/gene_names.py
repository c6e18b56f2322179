"""Names of genes: one unique name per column, and signs that something else stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

# Barcodes of droplets are this long; guides of CRISPR screens, which are features, are longer.
_BARCODE = re.compile(r"^[ACGTN]{8,18}([-_.:].*)?$")
# … and stand behind the name of a sample where several were merged, as names of antibodies may.
_MERGED = re.compile(r"^.*[^ACGTN][ACGTN]{10,18}([-_.:].*)?$")
_NUMBERED = re.compile(r"^(cell|barcode|spot)s?[ _.:-]?\d+$", re.IGNORECASE)
_ENSEMBL = re.compile(r"^ENS[A-Z]*G\d{6,}")
# Families of symbols that every transcriptome has. One alone may be a way to name samples.
_FAMILIES = tuple(
    re.compile(pattern)
    for pattern in (r"^ENS[A-Z]*G\d{6,}", r"^(MT|mt)-", r"^R[Pp][LlSs]\d", r"^M[Rr][Pp][LlSs]\d",
                    r"^HLA-")
)  # fmt: skip
# So many families among the names of cells are no coincidence.
MIN_FAMILIES = 3
# "2-Sep", "1-Mar", "Dec-01": what spreadsheets make of SEPT2, MARCH1 and DEC1.
_DATE = re.compile(r"^(\d{1,2}-(Mar|Sep|Dec|Oct|Apr|Feb)|(Mar|Sep|Dec|Oct|Apr|Feb)-\d{1,2})$")


def gene_names(
    genes: Sequence[str] | None, shape: tuple[int, int], cells: np.ndarray | None = None
) -> np.ndarray:
    """Checked names of the columns, str (genes,); errors as `as_counts`."""
    n_cells, n_genes = shape
    if genes is None:
        names = np.array([f"gene{j}" for j in range(n_genes)])
        if cells is not None and named_like_cells(names, cells):
            raise ValueError(
                "x must be cells × genes, but its rows are named like genes "
                f"(first: {str(cells[0])!r}): pass x.T; if these are cells after all, pass the "
                "values without names"
            )
        return names
    names = np.asarray(genes).astype(str)
    if names.ndim != 1 or len(names) != n_genes:
        hint = (
            f"; x has {n_cells} rows, so it seems to hold genes × cells: pass x.T"
            if names.ndim == 1 and len(names) == n_cells
            else ""
        )
        raise ValueError(
            f"genes must name each of the {n_genes} columns of x, got {names.size} names{hint}"
        )
    check_orientation(names, [] if cells is None else cells)
    unique, counts = np.unique(names, return_counts=True)
    if len(unique) != n_genes:
        twice = unique[counts > 1]
        at = np.flatnonzero(names == twice[0])
        raise ValueError(
            f"genes must be unique, but {len(twice)} name(s) occur more than once "
            f"(first: {str(twice[0])!r} in columns {at[0]} and {at[1]})"
        )
    return names


def named_like_cells(genes: np.ndarray, cells: np.ndarray | None) -> bool:
    """Whether names of genes look like barcodes, or those of cells like genes.

    Parameters
    ----------
    genes, cells : ndarray of str
        Either may be empty; the cells may be unknown.
    """
    if not genes.size:
        return False
    if _share(_BARCODE, genes) > 0.5 or _share(_NUMBERED, genes) > 0.5:
        return True
    if cells is None or not cells.size:
        return False
    if _share(_MERGED, genes) > 0.5:
        return _share(_BARCODE, cells) < 0.5 and _share(_MERGED, cells) < 0.5
    if _share(_ENSEMBL, cells) > 0.5:
        return _share(_ENSEMBL, genes) < 0.5
    shares = np.array([[_share(family, names) for family in _FAMILIES] for names in (cells, genes)])
    of_cells, of_genes = shares.sum(axis=1)
    return bool((shares[0] > 0).sum() >= MIN_FAMILIES and of_cells > max(0.02, 2 * of_genes))


def check_orientation(genes: Iterable[str], cells: Iterable[str]) -> None:
    """Refuse a table of genes × cells, told by the names of both (ValueError)."""
    columns = np.array(list(genes), dtype=str)
    if named_like_cells(columns, np.array(list(cells), dtype=str)):
        raise ValueError(
            "x must be cells × genes, but its columns are named like cells "
            f"(first: {str(columns[0])!r}): pass x.T; if these are genes after all, pass the "
            "values without names"
        )


def _share(pattern: re.Pattern[str], names: np.ndarray) -> float:
    return float(np.mean([pattern.match(name) is not None for name in names[:5000]]))


def gene_name_problems(names: Iterable[str]) -> list[str]:
    """Sentences on gene names that readers would stumble over; none when all is well."""
    texts = [str(name) for name in names]
    problems = []
    dates = [name for name in texts if _DATE.match(name)]
    if dates:
        problems.append(
            f"{len(dates)} gene name(s) look like dates ({dates[0]!r}): a spreadsheet has changed "
            "them (SEPT2, MARCH1 and others)"
        )
    numbers = sum(name.isdigit() for name in texts)
    if texts and numbers > len(texts) / 2:
        problems.append(
            f"{numbers} of {len(texts)} gene names are numbers (first: {texts[0]!r}): "
            "the names themselves are lost, set adata.var_names"
        )
    empty = sum(name.strip() in ("", "nan", "None") for name in texts)
    if empty:
        problems.append(f"{empty} gene(s) have no name")
    return problems
