"""What values are taken for: counts, logarithms, or normalized values without one."""

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch
from conftest import QUICK
from sklearn.metrics import adjusted_rand_score

import scinno


@pytest.fixture(scope="module")
def shares(simulated) -> np.ndarray:
    counts = simulated[0].toarray().astype(float)
    return counts / counts.sum(axis=1, keepdims=True)


LARGE = "fractions that are too large to be logarithms: .* input='normalized'"


@pytest.mark.parametrize("scale", [1e6, 1e4, 2e3])
@pytest.mark.parametrize("input", ["auto", "log"])
def test_values_too_large_for_logarithms_are_refused(shares, scale, input):
    with pytest.raises(ValueError, match=LARGE):
        scinno.fit(shares * scale, 3, input=input)


def test_in_blocks_too(shares, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file, pytest.raises(ValueError, match=LARGE):
        scinno.fit(file.create_dataset("x", data=shares * 1e6), 3)


def test_normalized_values_are_treated_as_the_counts_they_come_from(simulated, shares, names):
    fit = scinno.fit(shares * 1e6, 3, genes=names, input="normalized", **QUICK)
    counts = scinno.fit(simulated[0], 3, genes=names, target_sum=1e6, **QUICK)
    assert fit.preprocessing.kind == "normalized"
    np.testing.assert_array_equal(fit.genes, counts.genes)
    assert adjusted_rand_score(fit.labels, counts.labels) > 0.95
    np.testing.assert_array_equal(fit.predict(shares * 1e6, names), fit.labels)
    loaded = scinno.from_bytes(fit.to_bytes())
    np.testing.assert_array_equal(loaded.predict(shares[:9] * 1e6, names), fit.labels[:9])


def test_fractional_counts_have_a_way_in(simulated):
    corrected = simulated[0].toarray() * 0.93
    fit = scinno.fit(corrected, 3, input="normalized", **QUICK)
    assert adjusted_rand_score(simulated[1], fit.labels) > 0.95
    adata = ad.AnnData(corrected.astype(np.float32))
    scinno.cluster(adata, 3, input="normalized", **QUICK)
    assert adata.uns["scinno"]["input"] == "normalized"
    assert len(scinno.markers(adata, n_genes=2)) == 6


@pytest.mark.parametrize("in_blocks", [False, True])
def test_fractions_that_do_not_look_like_logarithms_are_taken_with_a_doubt(
    simulated, shares, tmp_path, caplog, in_blocks
):
    counts = simulated[0].toarray().astype(np.float32)
    doubt = "sums of cells differ more than those of such values do: for fractional counts"
    logs, some = np.log1p(shares * 1e4), slice(0, 100)  # all genes, and the first 100
    for values, doubtful in (
        (counts * 0.93, True), (np.sqrt(counts), False), (logs, False), (logs[:, some], False),
        (np.log2(shares * 1e4 + 1), False),
    ):  # fmt: skip
        caplog.clear()
        with h5py.File(tmp_path / f"{len(list(tmp_path.iterdir()))}.h5", "w") as file:
            x = file.create_dataset("x", data=values) if in_blocks else values
            scinno.fit(x, 3, **QUICK | {"pretrain_epochs": 1, "joint_epochs": 1})
        assert "taken as log-normalized values (input='log')" in caplog.text
        assert (doubt in caplog.text) is doubtful
        assert caplog.text.count("taken as log") == 1
    caplog.clear()
    scinno.fit(counts * 0.93, 3, input="log", **QUICK)  # who says so is believed
    assert doubt not in caplog.text


def test_new_cells_of_another_kind_are_refused(
    simulated, shares, small_fit, names, tmp_path, caplog
):
    logs = np.log1p(shares * 1e4)
    of_logs = scinno.fit(logs, 3, input="log", **QUICK)
    with pytest.raises(ValueError, match="must hold log-normalized values, as the cells of the"):
        of_logs.predict(simulated[0])
    with pytest.raises(ValueError, match="too large to be logarithms"):
        of_logs.predict(shares * 1e6)
    with pytest.raises(ValueError, match="must hold raw counts, as the cells of the fit did"):
        small_fit.predict(logs, names)
    with (
        h5py.File(tmp_path / "x.h5", "w") as file,
        pytest.raises(ValueError, match=r"raw counts, .* at cell 0, gene \d+ \(G\d+\)"),
    ):
        small_fit.predict(file.create_dataset("x", data=logs), names)
    np.testing.assert_array_equal(of_logs.predict(logs), of_logs.labels)
    shallow = simulated[0].minimum(3)
    assert len(of_logs.predict(shallow)) == 150
    assert "got whole numbers up to 3: normalize" in caplog.text


FORMS = {
    "float16": lambda x: x.toarray().astype(np.float16),
    "float16, sparse": lambda x: sp.csr_matrix(
        (x.data.astype(np.float16), x.indices, x.indptr), shape=x.shape
    ),
    "big-endian": lambda x: x.toarray().astype(">f4"),
    "nullable Int64": lambda x: pd.DataFrame(x.toarray()).astype("Int64"),
    "nullable Float64": lambda x: pd.DataFrame(x.toarray()).astype("Float64"),
    "tensor": lambda x: torch.from_numpy(x.toarray()),
    "sparse tensor": lambda x: torch.from_numpy(x.toarray()).to_sparse_csr(),
}


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
@pytest.mark.parametrize("form", FORMS)
def test_other_ways_to_hold_numbers(form, simulated, small_fit, names):
    fit = scinno.fit(FORMS[form](simulated[0]), 3, genes=names, **QUICK)
    np.testing.assert_array_equal(fit.embedding, small_fit.embedding)


def test_a_missing_value_in_a_nullable_table_has_its_place(simulated):
    table = pd.DataFrame(simulated[0].toarray()).astype("Int64")
    table.iloc[4, 7] = pd.NA
    with pytest.raises(ValueError, match=r"NaN at cell 4 \(4\), gene 7"):
        scinno.fit(table, 3)


@pytest.mark.parametrize("call", [
    lambda adata, fit: scinno.fit(adata, 3),
    lambda adata, fit: fit.predict(adata),
    lambda adata, fit: scinno.SCINNO(3).fit(adata),
])  # fmt: skip
def test_an_anndata_is_refused_with_the_right_call(call, labeled_cells, small_fit):
    with pytest.raises(TypeError, match=r"got AnnData: use scinno.cluster\(adata\), or pass"):
        call(labeled_cells, small_fit)


@pytest.mark.parametrize("n_clusters", [3, None])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: np.ones_like(x), "x must differ between cells, but none of its 200 genes"),
        # Rounding makes 1/160 of each, whose variance is not quite zero.
        (lambda x: np.ones_like(x)[:, :160], "x must differ between cells, but none of its 160"),
        (lambda x: x * 1e300, r"the largest is .*e\+301 at cell \d+, gene \d+ .*: scale them"),
        (lambda x: (x * 1e34).astype(np.float32), r"the largest is .*e\+35 at cell"),
        (lambda x: x * 1e-310, r"the largest is .*e-309 at cell \d+, gene \d+ .*: scale them"),
    ],
)
def test_values_that_end_in_nothing_are_refused(simulated, n_clusters, change, words):
    values = change(simulated[0].toarray().astype(float))
    with pytest.raises(ValueError, match=words):
        scinno.fit(values, n_clusters, **QUICK)


def test_cells_that_are_all_alike_have_no_number_of_clusters():
    x = np.tile(np.arange(1, 31), (40, 1))
    with pytest.raises(ValueError, match="n_clusters cannot be estimated: all cells are alike"):
        scinno.fit(x, **QUICK)
    assert np.isfinite(scinno.fit(x, 3, **QUICK).memberships).all()
