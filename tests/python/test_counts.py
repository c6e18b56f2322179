"""Every input a user may have is either understood or refused with its place."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import scinno
from scinno._data.counts import as_counts

DENSE = np.array([[0, 2, 1], [3, 0, 0], [1, 1, 4], [0, 5, 0]])

FORMS = {
    "ndarray": lambda x: x,
    "fortran": np.asfortranarray,
    "csr_matrix": sp.csr_matrix,
    "csc_matrix": sp.csc_matrix,
    "coo_matrix": sp.coo_matrix,
    "csr_array": sp.csr_array,
    "csc_array": sp.csc_array,
    "coo_array": sp.coo_array,
    "DataFrame": pd.DataFrame,
    "list": lambda x: x.tolist(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.int64, np.uint16, np.int8])
def test_all_forms_and_dtypes_give_the_same_counts(form, dtype):
    counts = as_counts(FORMS[form](DENSE.astype(dtype)))
    assert sp.issparse(counts.matrix)
    assert counts.matrix.format == "csr"
    assert counts.kind == "counts"
    np.testing.assert_array_equal(counts.matrix.toarray(), DENSE)


def test_a_csr_matrix_is_not_copied_and_read_only_buffers_pass():
    x = sp.csr_matrix(DENSE.astype(np.float64))
    for part in (x.data, x.indices, x.indptr):
        part.flags.writeable = False
    counts = as_counts(x)
    assert np.shares_memory(counts.matrix.data, x.data)
    assert np.shares_memory(counts.matrix.indices, x.indices)


def test_duplicate_entries_are_summed_without_touching_the_input():
    x = sp.csr_matrix((np.array([1.0, 2.0, 5.0]), np.array([0, 0, 1]), np.array([0, 2, 3])))
    before = x.data.copy()
    assert as_counts(x).matrix[0, 0] == 3
    np.testing.assert_array_equal(x.data, before)


def test_data_frame_brings_gene_names():
    frame = pd.DataFrame(DENSE, columns=["A", "B", "C"], index=["c1", "c2", "c3", "c4"])
    assert as_counts(frame).genes.tolist() == ["A", "B", "C"]


def test_auto_tells_counts_from_log_values(caplog):
    assert as_counts(DENSE).kind == "counts"
    assert as_counts(np.log1p(DENSE)).kind == "log"
    assert "input='log'" in caplog.text
    assert as_counts(DENSE, input="log").kind == "log"


@pytest.mark.parametrize(
    ("x", "options", "error", "words"),
    [
        (np.array([[1.0, np.nan]]), {}, ValueError, r"NaN at cell 0, gene 1 \(gene1\)"),
        (np.array([[1.0, 0], [np.inf, 1]]), {}, ValueError, "infinity at cell 1, gene 0"),
        (np.array([[1, 0], [2, -3]]), {}, ValueError, "negative.*-3 at cell 1, gene 1"),
        (np.array([[1.5, 0]]), {"input": "counts"}, ValueError, "whole counts, got 1.5 at cell 0"),
        (DENSE, {"input": "raw"}, ValueError, "input must be"),
        (np.arange(4), {}, ValueError, r"two dimensions.*\(4,\)"),
        (np.array([["a", "b"]]), {}, TypeError, "numeric"),
        (np.array([[1, None]], dtype=object), {}, TypeError, "numeric.*object"),
        (pd.DataFrame({"A": [1, 2], "B": ["x", "y"]}), {}, TypeError, "column 'B'"),
        (None, {}, TypeError, "matrix of cells"),
        ("counts.csv", {}, TypeError, "matrix of cells"),
        (np.zeros((0, 3)), {}, ValueError, "at least one cell"),
        (np.zeros((3, 0)), {}, ValueError, "at least one cell"),
        (DENSE, {"genes": ["A", "B"]}, ValueError, "each of the 3 columns"),
        (DENSE, {"genes": ["A", "B", "A"]}, ValueError, "'A' in columns 0 and 2"),
        (DENSE, {"genes": list("ABCD")}, ValueError, "genes × cells: pass x.T"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_with_its_place(x, options, error, words):
    with pytest.raises(error, match=words):
        as_counts(x, **options)


def test_the_cell_is_named_when_it_has_a_name():
    frame = pd.DataFrame(DENSE.astype(float), index=list("wxyz"), columns=["A", "B", "C"])
    frame.loc["y", "B"] = np.nan
    with pytest.raises(ValueError, match=r"cell 2 \(y\), gene 1 \(B\)"):
        as_counts(frame)


def test_genes_in_rows_are_noticed_by_their_names():
    barcodes = ["AAACCTGAGAAACCAT-1", "AAACCTGAGAAACCGC-1", "AAACCTGAGAAACCTA-1"]
    with pytest.raises(ValueError, match="named like cells.*pass x.T"):
        as_counts(DENSE, genes=barcodes)
    genes = ["MT-CO1", "RPL13", "CD3D", "ENSG00000139618"]
    frame = pd.DataFrame(DENSE, index=genes, columns=["s1", "s2", "s3"])
    with pytest.raises(ValueError, match=r"pass x\.T"):
        as_counts(frame)


def test_genes_as_cells_are_noticed_in_an_anndata_too():
    names = [f"ENSG{j:011d}" for j in range(4)]
    sideways = ad.AnnData(
        DENSE.astype(np.float32),
        obs=pd.DataFrame(index=names),
        var=pd.DataFrame(index=["P1.0", "P1.1", "P1.2"]),
    )
    for call in (lambda: scinno.cluster(sideways, 2), lambda: scinno.choose_k(sideways)):
        with pytest.raises(ValueError, match=r"named like cells \(first: 'P1.0'\): pass x\.T"):
            call()


@pytest.mark.parametrize(
    ("cells", "genes"),
    [
        (["MT-1", "WT-1", "MT-2", "WT-2"], ["A", "B", "C"]),  # a mutant and its wild type
        (["HLA-1_d1", "HLA-2_d1", "c", "d"], ["A", "B", "C"]),
        (list("wxyz"), ["ACGTACGTACGTACGTACGT", "CCGTACGTACGTACGTACGT", "GCGTACGTACGTACGTACGT"]),
        ([f"ENSG{j:011d}" for j in range(4)], [f"ENSG{j:011d}" for j in range(3)]),
    ],
)
def test_one_sign_alone_is_not_enough(cells, genes):
    frame = pd.DataFrame(DENSE, index=cells, columns=genes)
    assert as_counts(frame).genes.tolist() == genes
