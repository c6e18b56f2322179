"""Numbers of a page, packed and unpacked without loss."""

import base64
import gzip

import numpy as np
import scipy.sparse as sp
from report_page import gene_from

from scinno.report._pack import Pack, add_genes, fine_steps


def test_gaps_longer_than_a_byte_survive():
    n = 2000
    dense = np.zeros((n, 3), dtype=np.float32)
    dense[[0, 254, 255, 256, 1023, 1999], 0] = [1, 2, 3, 4, 5, 6]
    dense[[510, 1785], 2] = [1, 7]
    pack = Pack()
    add_genes(pack, sp.csc_matrix(dense))
    data = gzip.decompress(base64.b64decode(pack.text()))
    kinds = {"Uint8": "u1", "Uint32": "<u4", "Float32": "<f4"}
    arrays = {
        name: np.frombuffer(data, kinds[kind], size, offset)
        for name, (kind, offset, size) in pack.directory.items()
    }
    for j in range(3):
        found = gene_from(arrays, j, n)
        assert np.flatnonzero(found).tolist() == np.flatnonzero(dense[:, j]).tolist()
        assert np.abs(found - dense[:, j]).max() <= 7 / 63


def test_whole_numbers_stay_exact_and_missing_ones_missing():
    steps, low, step = fine_steps(np.array([5.0, 60_000, np.nan, 7, np.inf]))
    assert (low + steps[[0, 1, 3]] * step).tolist() == [5, 60_000, 7]
    assert steps[[2, 4]].tolist() == [65_535, 65_535]
    steps, low, step = fine_steps(np.array([-1.5, 0.25, 3.0]))
    np.testing.assert_allclose(low + steps * step, [-1.5, 0.25, 3.0], atol=1e-4)
