"""Whatever holds numbers as a NumPy array or SciPy matrix with a dtype that we compute with."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from scinno._data._sparse.compressed import check_sparse


def as_matrix(x: Any) -> np.ndarray | sp.spmatrix:
    """``x`` as a NumPy array or SciPy matrix of integers, booleans, float32 or float64.

    Nothing is copied where the values are held in such a dtype already. float16 and big-endian
    values, pandas' nullable columns and tensors of PyTorch are converted.

    Parameters
    ----------
    x : ndarray, scipy sparse matrix or array, DataFrame, tensor, or nested lists, (cells, genes)

    Raises
    ------
    TypeError
        ``x`` is not a matrix, or does not hold numbers.
    ValueError
        ``x`` is sparse, and its indices do not make a matrix.
    """
    refuse_containers(x)
    if isinstance(x, pd.DataFrame):
        x = _from_table(x)
    elif "torch" in sys.modules and isinstance(x, sys.modules["torch"].Tensor):
        x = _from_tensor(x)
    if not sp.issparse(x) and not isinstance(x, np.ndarray):
        try:
            array = np.asarray(x)
        except Exception as error:  # rows of different lengths, or a container that refuses
            raise TypeError(
                f"x must be a matrix of cells × genes, got {type(x).__name__} that NumPy cannot "
                f"read: {error}"
            ) from error
        if array.dtype == object and array.ndim != 2:
            raise TypeError(f"x must be a matrix of cells × genes, got {type(x).__name__}")
        x = array
    check_sparse(x)
    check_dtype(x.dtype)
    dtype = _supported(x.dtype)
    if dtype == x.dtype:
        return x
    if not sp.issparse(x):
        return x.astype(dtype)
    # SciPy holds the other dtypes, but computes with none of them.
    data = x.data.astype(dtype)
    if x.format in ("csr", "csc"):
        return type(x)((data, x.indices, x.indptr), shape=x.shape)
    if x.format == "coo":
        return type(x)((data, x.coords), shape=x.shape)
    raise TypeError(f"x must be numeric (integers, float32 or float64), got dtype {x.dtype}")


def refuse_containers(x: Any) -> None:
    """Refuse what is not a matrix, but may hold one (TypeError)."""
    if x is None or isinstance(x, str | bytes | dict):
        raise TypeError(f"x must be a matrix of cells × genes, got {type(x).__name__}")
    if type(x).__name__ in ("AnnData", "MuData"):
        raise TypeError(
            f"x must be a matrix of cells × genes, got {type(x).__name__}: use "
            "scinno.cluster(adata), or pass adata.X with genes=adata.var_names"
        )


def check_dtype(dtype: np.dtype) -> None:
    """Refuse values that are not numbers (TypeError)."""
    if dtype.kind not in "iufb":
        raise TypeError(f"x must be numeric (integers, float32 or float64), got dtype {dtype}")


def _supported(dtype: np.dtype) -> np.dtype:
    """The dtype that SciPy computes with, in the byte order of the machine."""
    if dtype.kind == "f" and dtype.itemsize not in (4, 8):
        return np.dtype(np.float32 if dtype.itemsize < 4 else np.float64)
    return dtype.newbyteorder("=")


def _from_table(x: pd.DataFrame) -> np.ndarray:
    for name, dtype in zip(x.columns, x.dtypes, strict=True):
        if getattr(dtype, "kind", "O") not in "iufb":
            raise TypeError(
                f"x must be numeric, but column {str(name)!r} of the DataFrame holds {dtype}"
            )
    values = x.to_numpy()
    if values.dtype == object:  # nullable columns, or numbers beside booleans
        values = x.to_numpy(dtype=np.float64, na_value=np.nan)
    return values


def _from_tensor(x: Any) -> np.ndarray | sp.spmatrix:
    if x.is_meta or x.is_quantized or x.is_complex():
        what = "without values" if x.is_meta else f"of {x.dtype}"
        raise TypeError(f"x must be a matrix of numbers, got a tensor {what}")
    x = x.detach().cpu()
    if str(x.layout) == "torch.strided":
        return (x.float() if str(x.dtype) == "torch.bfloat16" else x).numpy()
    x = x.to_sparse_coo().coalesce()
    rows, columns = x.indices().numpy()
    return sp.coo_matrix((_from_tensor(x.values()), (rows, columns)), shape=tuple(x.shape))
