"""A sparse matrix that may lie in temporary files."""

import numpy as np
import scipy.sparse as sp
from conftest import ScratchSpace, mapped_file

from scinno._data.scratch_csr import ScratchCSR


def test_rows_on_the_disk_are_those_of_the_matrix(tmp_path):
    matrix = sp.random(90, 70, density=0.2, random_state=0, format="csr", dtype=np.float32)
    rows = ScratchCSR(matrix.shape, matrix.nnz, np.float32, ScratchSpace(tmp_path, 10))
    rows.append(matrix[:50])
    rows.append(matrix[50:])
    assert mapped_file(rows.data)
    assert rows.indices.dtype == np.uint16
    sample = np.array([4, 89, 4, 0])
    for place in (sample, slice(80, 200), slice(5, 5)):
        np.testing.assert_array_equal(rows[place].toarray(), matrix[place].toarray())
