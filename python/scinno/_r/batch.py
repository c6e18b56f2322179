"""Batches as R sends them, and what is wrong with them in the words of R."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from scinno._batch.labels import batch_labels


def batch_from_r(batch: str | list[dict[str, list[Any]]] | None) -> pd.DataFrame | str | None:
    """``batch`` of `scinno.fit` or `Fit.predict`.

    Parameters
    ----------
    batch : str, list or None
        One name for all cells, or a dict for each column: ``values``, or ``codes`` and ``levels``
        of a factor.
    """
    if not isinstance(batch, list):
        return batch
    return pd.DataFrame({place: _column(column) for place, column in enumerate(batch)})


def _column(column: dict[str, list[Any]]) -> pd.Series[Any]:
    if "codes" in column:
        return pd.Series(pd.Categorical.from_codes(column["codes"], pd.Index(column["levels"])))
    return pd.Series(column["values"])


def check_known(batch: pd.DataFrame | str | None, known: Sequence[str], n_cells: int) -> None:
    """Refuse batches of new cells that a fit does not know, as `Fit.predict` does.

    Raises
    ------
    ValueError
    """
    if not known:
        if batch is not None:
            raise ValueError("batch is for a fit with batches, and this one was made without")
        return
    shown = ", ".join(map(repr, known[:10])) + (", …" if len(known) > 10 else "")
    if batch is None:
        raise ValueError(
            f"batch must name the batch of the new cells, one of {shown}; that of a batch that the "
            "fit has not seen is stored by addBatchSCINNO(fit, newdata, name)"
        )
    names = [batch] if isinstance(batch, str) else batch_labels(batch, n_cells).names
    for name in names:
        if name not in known:
            raise ValueError(
                f"batch {name!r} is not one of the fit's batches ({shown}): store its center "
                f"first, fit <- addBatchSCINNO(fit, newdata, {name!r})"
            )
