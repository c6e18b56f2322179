"""Values that nobody should pass, for property tests: numbers, texts, containers, matrices."""

from __future__ import annotations

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from hypothesis import strategies as st

PLAIN = (
    None,
    True,
    False,
    np.True_,
    0,
    1,
    2,
    3,
    -1,
    7,
    10**6,
    10**9,
    2**31,
    2**63,
    -(2**63),
    10**400,
    0.0,
    0.5,
    1.5,
    -0.0,
    1e-320,
    1e-12,
    1e300,
    float("inf"),
    float("-inf"),
    float("nan"),
    np.int8(3),
    np.uint64(2**63),
    np.float32(0.3),
    np.float16(2),
    np.float64("nan"),
    np.longdouble(3),
    3 + 1j,
    "",
    "a",
    "3",
    "auto",
    "counts",
    "log",
    "default",
    "paper",
    "cpu",
    "cuda:99",
    "meta",
    "G0",
    "\0",
    "\ud800",
    "x" * 5000,
    "../x",
    b"log",
    object(),
    len,
    Ellipsis,
    [],
    [3],
    [2, 4],
    [4, 2],
    [None, 1],
    ["a", "b"],
    (),
    (2, 4),
    (2,),
    (2, 3, 4),
    (1.5, 3),
    {},
    {"a": 1},
    {"n_genes": 50},
    set(),
    {3},
    range(3),
    pd.NA,
    pd.NaT,
    np.array(3),
    np.array([2, 4]),
    np.array([1, 2, 3, 4]),
    np.array("log"),
    np.zeros((2, 2)),
    np.zeros((0, 0)),
    pd.Series([1, 2]),
    pd.Series(["a", "b"]),
    pd.DataFrame({"a": [1]}),
    torch.tensor(3),
    torch.tensor([2, 4]),
    torch.zeros(2, 2),
)


def counts(cells: int = 24, genes: int = 12) -> np.ndarray:
    """Counts of two plain types, float64."""
    rates = np.ones((2, genes))
    rates[0, : genes // 2] += 5
    rates[1, genes // 2 :] += 5
    return np.random.default_rng(0).poisson(rates[np.arange(cells) % 2]).astype(float)


def _damaged() -> dict[str, object]:
    """Matrices of cells × genes that are wrong, odd or at the edge, by what they are."""
    x = counts()
    whole = x.astype(int)
    found: dict[str, object] = {
        "one cell": x[:1],
        "three cells": x[:3],
        "one gene": x[:, :1],
        "no cells": x[:0],
        "no genes": x[:, :0],
        "a vector": x[0],
        "three dimensions": x[None],
        "zeros": x * 0,
        "ones": x * 0 + 1,
        "equal cells": np.tile(x[:1], (24, 1)),
        "negative": -x,
        "halves": x / 2,
        "an empty cell": np.where(np.arange(24)[:, None] == 3, 0, x),
        "lists": x.tolist(),
        "ragged lists": [[1, 2], [3]],
        "texts": x.astype(str),
        "objects": x.astype(object),
        "logs": np.log1p(x),
        "scaled": x - x.mean(axis=0),
        "transposed": x.T,
        "not C": x[:, ::-1].T,
        "denormal": x * 1e-310,
        "beyond float32": x * 1e60,
        "a huge value": x + 1e300 * (x == 5),
        "complex": x.astype(complex),
        "dates": x.astype("datetime64[s]"),
        "Fortran": np.asfortranarray(x),
        "masked": np.ma.masked_array(x, x > 3),
        "matrix": _matrix(x),
        "a structure": np.zeros((24,), [("a", float)]),
        "an AnnData": ad.AnnData(x),
        "a read-only array": _fixed(x),
    }
    for value in (np.nan, np.inf, -np.inf, -1.0, 0.5, 1e-300):
        one = x.copy()
        one[3, 4] = value
        found[f"with {value}"] = one
    for dtype in ("bool", "int8", "uint8", ">i4", ">f8", ">f4", "float16", "float32", "longdouble",
                  "uint64"):  # fmt: skip
        found[dtype] = whole.astype(dtype)
    for form in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr"):
        found[f"sparse {form}"] = sp.csr_matrix(x).asformat(form)
        found[f"sparse array {form}"] = sp.csr_array(x).asformat(form)
    broken = sp.csr_matrix(x)
    broken.indices = broken.indices.copy()
    broken.indices[5] = 99
    found["an index out of range"] = broken
    twice = sp.csr_matrix(x)
    found["indices twice"] = sp.csr_matrix(
        (np.repeat(twice.data, 2), np.repeat(twice.indices, 2), twice.indptr * 2), twice.shape
    )
    table = pd.DataFrame(whole, columns=[f"G{j}" for j in range(12)])
    found |= {
        "a table": table,
        "nullable": table.astype("Int64"),
        "nullable booleans": table > 2,
        "nullable with NA": table.astype("Int64").mask(table == 3),
        "categories": table.astype("category"),
        "text columns": table.astype("string"),
        "columns twice": table.rename(columns={"G1": "G0"}),
        "a sparse table": table.astype(pd.SparseDtype(float, 0.0)),
        "a mixed table": table.assign(G0="a"),
        "named by numbers": pd.DataFrame(x),
        "two levels": pd.concat({"a": table}, axis=1),
        "a column of tuples": table.assign(G1=[(1,)] * 24),
        "a tensor": torch.tensor(x),
        "a sparse tensor": torch.tensor(x).to_sparse(),
        "a CSR tensor": torch.tensor(x).to_sparse_csr(),
        "bfloat16": torch.tensor(x).bfloat16(),
        "a tensor with gradients": torch.tensor(x).requires_grad_(),
        "a tensor without values": torch.empty(24, 12, device="meta"),
        "quantized": torch.quantize_per_tensor(torch.tensor(x).float(), 1.0, 0, torch.quint8),
        "complex tensor": torch.tensor(x).cfloat(),
    }
    return found


def _matrix(x: np.ndarray) -> np.matrix:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy discourages it
        return np.asmatrix(x)


def _fixed(x: np.ndarray) -> np.ndarray:
    fixed = x.copy()
    fixed.setflags(write=False)
    return fixed


with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of tensors that PyTorch calls beta
    MATRICES = _damaged()
anything = st.sampled_from(range(len(PLAIN))).map(lambda j: PLAIN[j])
matrix = st.sampled_from(sorted(MATRICES)).map(lambda name: (name, MATRICES[name]))
