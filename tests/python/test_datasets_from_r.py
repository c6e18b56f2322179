"""What inst/scripts/scRNAseq-sets.R writes is read here; tests/testthat holds its writing."""

import numpy as np
import pytest
import scipy.io
import scipy.sparse as sp

from scinno.datasets import load


def export(folder, matrix, cells, genes):
    folder.mkdir(parents=True)
    scipy.io.mmwrite(folder / "counts.mtx", sp.coo_matrix(matrix))
    (folder / "genes.csv").write_text('"gene"\n' + "".join(f'"{g}"\n' for g in genes))
    (folder / "cells.csv").write_text('"cell","cell_type","donor"\n' + cells)


def test_what_r_has_written_is_read_instead_of_the_accession(tmp_path):
    cells = '"D28-1_1","alpha","D28"\n"D28-1_2",NA,"D28"\n"D29-3_7","duct","D29"\n'
    folder = tmp_path / "muraro" / "from-r"
    export(folder, [[1.002, 0, 0], [0, 2.01, 3]], cells, ["A__chr1", "B__chr2"])
    adata = load("muraro", folder=tmp_path, base_url="http://127.0.0.1:9")
    assert list(adata.obs["cell_type"]) == ["alpha", "duct"]
    assert list(adata.var["symbol"]) == ["A", "B"]
    np.testing.assert_array_equal(adata.X.toarray(), [[1, 0], [0, 3]])
    assert "MuraroPancreasData" in adata.uns["source"][0]
    (folder / "genes.csv").write_text('"gene"\n"A"\n')
    with pytest.raises(ValueError, match="must hold 3 cells and 1 genes"):
        load("muraro", folder=tmp_path)
    (folder / "cells.csv").unlink()  # R was interrupted
    with pytest.raises(ConnectionError):
        load("muraro", folder=tmp_path, base_url="http://127.0.0.1:9")
