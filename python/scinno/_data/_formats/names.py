"""Names as plain text, which every version of anndata can write."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import anndata as ad
import pandas as pd

logger = logging.getLogger("scinno")


def plain_names(data: ad.AnnData) -> None:
    """Make the names of cells and genes, and columns of text, those that h5ad files can hold.

    pandas' "string" types become objects, or categories where values are missing.
    """
    data.obs, data.var = plain_table(data.obs), plain_table(data.var)
    if data.raw is not None:
        data.raw._var = plain_table(data.raw.var)
    for tables in (data.obsm, data.varm):
        for key, table in list(tables.items()):
            if isinstance(table, pd.DataFrame):
                tables[key] = plain_table(table)


def plain_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table without pandas' string types, whose rows have names that are text.

    It is the same one where nothing is to be done.

    Raises
    ------
    ValueError
        Names are bytes that are not UTF-8.
    """
    columns = {
        name: column.astype("category") if column.hasnans else column.astype(object)
        for name, column in table.items()
        if isinstance(column.dtype, pd.StringDtype)
    }
    if columns:
        table = table.assign(**{str(name): column for name, column in columns.items()})
    if isinstance(table.index.dtype, pd.StringDtype):
        table = table.set_axis(table.index.astype(object), axis=0)
    if pd.api.types.infer_dtype(table.index, skipna=False) not in ("string", "empty"):
        table = table.set_axis(pd.Index(map(_as_text, table.index), dtype=object), axis=0)
    if isinstance(table.columns.dtype, pd.StringDtype):
        table = table.set_axis(table.columns.astype(object), axis=1)
    return table


def _as_text(name: object) -> str:
    """A name as text; HDF5 files of other programs may hold bytes."""
    if not isinstance(name, bytes):
        return str(name)
    try:
        return name.decode()
    except UnicodeDecodeError:
        raise ValueError(f"names must be UTF-8 text, got {name[:40]!r}") from None


def unique_genes(data: ad.AnnData, name: str) -> None:
    """Number the genes whose names repeat, as scanpy's tutorials do; say where they do so oddly."""
    if data.var_names.is_unique:
        return
    # Symbols of genes with identifiers of their own do.
    level = logging.INFO if "gene_ids" in data.var else logging.WARNING
    say_numbered(data.var_names, name, level)
    data.var_names_make_unique()


def say_numbered(genes: pd.Index, name: str, level: int) -> None:
    """Say which names of genes repeat."""
    twice = genes[genes.duplicated()]
    logger.log(
        level, "%s: %d gene name(s) repeat (first: %r) and are numbered: %r, %r and so on",
        name, len(set(twice)), twice[0], twice[0], f"{twice[0]}-1",
    )  # fmt: skip


def check_cell_names(names: Sequence[str], name: str) -> None:
    """Warn of cells whose names repeat: results in their order are right, by name they are not."""
    index = pd.Index(names)
    if not index.is_unique:
        twice = index[index.duplicated()]
        logger.warning(
            "%s: %d name(s) of cells repeat (first: %r): match results by their order, not by name",
            name, len(set(twice)), twice[0],
        )  # fmt: skip
