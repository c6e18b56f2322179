"""R's vectors read at their addresses in R's memory, without a copy: for large counts only.

reticulate copies each vector that it passes to NumPy. For counts of gigabytes that copy decides
whether a fit is possible, so R (``R/zero-copy.R``) passes addresses instead and this module reads
there. What can go wrong, and what prevents it:

- R frees or moves the vector while Python reads it. R's collector does not move objects, and R
  holds the matrix as an argument of the function that waits for Python, until the call returns.
  No array made here may outlive the call: results are copies.
- Python writes to a vector that R shares with other variables. The arrays are read-only.
- The address is not that of a vector. It comes from R's ``tracemem()``, as a text that R formats;
  R builds without memory profiling lack that function and take the copy instead.
- The vector has no memory of its own yet (ALTREP, R's compact form). ``DATAPTR_RO``, part of R's
  C interface, gives a pointer to the values in each case, and may allocate in R to do so. It must
  therefore run in R's thread with Python's lock held, which `ctypes.PyDLL` does.
- R and Python are different processes. Then these addresses mean nothing: ``engine = "process"``
  writes files instead and never comes here.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def vectors_in_r(
    places: Mapping[str, Sequence[str]], dtypes: Mapping[str, str], library: str
) -> dict[str, np.ndarray]:
    """R's vectors as read-only arrays on R's memory.

    Parameters
    ----------
    places : mapping of str to (str, str)
        By name of the vector: its address (hexadecimal) and its length.
    dtypes : mapping of str to str
        NumPy's dtype of each vector.
    library : str
        Path of R's shared library; empty where R's functions are part of the running program.
    """
    r: Any = ctypes.PyDLL(library or None)
    r.DATAPTR_RO.restype = ctypes.c_void_p
    arrays = {}
    for name, dtype in dtypes.items():
        address, length = places[name]
        arrays[name] = _array_at(r, address, length, dtype)
    return arrays


def _array_at(r: Any, address: str, length: str, dtype: str) -> np.ndarray:
    n_bytes = int(length) * np.dtype(dtype).itemsize
    if not n_bytes:
        return np.zeros(0, dtype=dtype)
    start = r.DATAPTR_RO(ctypes.c_void_p(int(address, 16)))
    array = np.frombuffer(memoryview((ctypes.c_char * n_bytes).from_address(start)), dtype=dtype)
    array.flags.writeable = False
    return array
