"""A sparse matrix that makes no sense is refused before native code follows it."""

import h5py
import numpy as np
import pytest
import scipy.sparse as sp

import scinno
from scinno._data._sparse import compressed


def broken(kind: str, name: str, place: int, value: int) -> sp.spmatrix:
    """A matrix of 20 cells with one number changed after SciPy has looked at it."""
    x = sp.random(20, 30, 0.2, random_state=0, dtype=np.float32).asformat(kind)
    getattr(x, name)[place] = value
    return x


@pytest.mark.parametrize("kind", ["csr", "csc"])
@pytest.mark.parametrize(
    ("name", "place", "value", "message"),
    [
        ("indptr", 0, 3, "indptr must start at 0, never fall and end at the 120 stored values"),
        ("indptr", 5, 119, "never fall"),
        ("indptr", 5, -1, "never fall"),
        ("indptr", -1, 2**31 - 1, "end at the 120"),
        ("indices", 7, 2**31 - 1, "indices must be from 0 to .*, got 0 to 2147483647"),
        ("indices", 7, -5, "got -5 to"),
    ],
)
def test_a_broken_matrix_in_memory(kind, name, place, value, message):
    with pytest.raises(ValueError, match=f"x is a broken sparse matrix: .*{message}"):
        scinno.fit(broken(kind, name, place, value), 2)


def test_lengths_that_differ():
    x = broken("csr", "indices", 0, 0)
    x.indices = x.indices[:50]
    with pytest.raises(ValueError, match="50 indices for .* values"):
        scinno.fit(x, 2)
    x = broken("csr", "indices", 0, 0)
    x.indptr = x.indptr[:-4]
    with pytest.raises(ValueError, match="indptr must be 21 whole numbers, got int32"):
        scinno.fit(x, 2)


def test_coordinates_out_of_range():
    x = sp.random(20, 30, 0.2, random_state=0, format="coo", dtype=np.float32)
    x.col[3] = 10**6
    with pytest.raises(ValueError, match="x is a broken sparse matrix: indices must be from 0"):
        scinno.fit(x, 2)


def test_sound_matrices_pass():
    x = sp.random(20, 30, 0.2, random_state=0)
    for kind in ("csr", "csc", "coo", "lil", "dok", "bsr"):
        compressed.check_sparse(x.asformat(kind))
    # More values than the pointers use, and none at all.
    longer = x.tocsr()
    longer.data, longer.indices = np.tile(longer.data, 2), np.tile(longer.indices, 2)
    compressed.check_sparse(longer)
    compressed.check_sparse(sp.csr_matrix((5, 7)))


def test_a_data_set_that_claims_more_than_the_file_holds(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        claims = file.create_dataset("x", shape=(2**33,), dtype=np.float32, chunks=(2**20,))
        with pytest.raises(ValueError, match=f"claims {2**35} bytes, and the file holds 0"):
            compressed.check_storage(claims, "X")
        packed = file.create_dataset("y", data=np.zeros(10**6), compression="gzip")
        compressed.check_storage(packed, "X")
