"""Counts in .raw or a layer: they can be named everywhere, and errors about values name them."""

import json
import warnings

import anndata as ad
import numpy as np
import pytest
import scipy.sparse as sp
from conftest import QUICK
from test_cli import SET, scinno

from scinno import choose_k, cluster, fit, markers, pl, subcluster
from scinno.report import write_report


@pytest.fixture
def scaled(labeled_cells) -> ad.AnnData:
    """z-scores of half of the genes in X, counts of all in .raw, as in scanpy's old tutorials."""
    raw = labeled_cells.copy()
    data = raw[:, :100].copy()
    z = np.log1p(data.X.toarray())
    data.layers["log"] = sp.csr_matrix(z.astype(np.float32))
    data.X = ((z - z.mean(0)) / (z.std(0) + 1e-9)).astype(np.float32)
    data.raw = raw
    return data


@pytest.fixture(scope="module")
def expected(labeled_cells):
    return fit(labeled_cells.X, 3, genes=labeled_cells.var_names, **QUICK)


def test_every_function_takes_raw(scaled, expected, labeled_cells, tmp_path):
    found = cluster(scaled, 3, layer="raw", **QUICK)
    np.testing.assert_array_equal(found.labels, expected.labels)
    np.testing.assert_array_equal(found.embedding, expected.embedding)
    assert scaled.uns["scinno"]["layer"] == "raw"
    assert scaled.shape == (150, 100)
    # What was clustered is found again without naming it.
    table = markers(scaled)
    assert set(table["gene"]) == set(labeled_cells.var_names)
    assert subcluster(scaled, "0", 2, **QUICK).n_clusters == 2
    choice = choose_k(scaled, (2, 4), layer="raw", **QUICK)
    assert choice.table.equals(choose_k(labeled_cells, (2, 4), **QUICK).table)
    gene = labeled_cells.var_names[150]
    axes = pl.embedding(scaled, gene, basis="X_scinno", layer="raw")
    assert gene in axes.get_title() + str([text.get_text() for text in axes.figure.texts])
    page = write_report(scaled, tmp_path / "page.html", genes=[gene])
    assert gene in page.read_text()


@pytest.mark.parametrize("mode", ["--in-memory", "--backed"])
def test_the_command_line_takes_raw(mode, scaled, expected, tmp_path, monkeypatch):
    from scinno._drawing import layout

    monkeypatch.setattr(layout, "maps", lambda *_: {})
    scaled.write_h5ad(tmp_path / "in.h5ad")
    scinno("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "run", "--layer=raw", mode,
           "-q", *SET)  # fmt: skip
    data = ad.read_h5ad(tmp_path / "run" / "clustered.h5ad")
    assert data.obs["scinno"].astype(int).tolist() == expected.labels.tolist()
    scinno("predict", tmp_path / "run" / "model.safetensors", tmp_path / "in.h5ad", "-o",
           tmp_path / "new", "--layer=raw", mode, "-q")  # fmt: skip
    assert json.loads((tmp_path / "new" / "settings.json").read_text())["cells"] == 150
    if mode == "--in-memory":
        scinno("markers", tmp_path / "run", "-o", tmp_path / "markers.csv", "-q")
        assert (tmp_path / "markers.csv").exists()


HINT = "Counts seem to be in .raw: layer='raw', on the command line --layer raw"


def test_an_error_about_values_says_where_counts_are(scaled):
    for refused in (lambda: cluster(scaled, 3, **QUICK), lambda: choose_k(scaled, **QUICK)):
        with pytest.raises(ValueError, match=f"must not be negative, .*{HINT}"):
            refused()
    with pytest.raises(ValueError, match=f"must hold whole counts, .*{HINT}"):
        cluster(scaled, 3, layer="log", input="counts", **QUICK)
    scaled.layers["counts"] = scaled.raw[:, scaled.var_names].X
    with pytest.raises(ValueError, match="in layer 'counts' and .raw: layer='counts', on the"):
        cluster(scaled, 3, **QUICK)
    scaled.X = None
    with pytest.raises(ValueError, match="X is empty: .*in layer 'counts' and .raw"):
        cluster(scaled, 3, **QUICK)
    del scaled.layers["counts"]
    scaled.raw = scaled.raw.to_adata()
    scaled.raw.X.data[:] = np.log1p(scaled.raw.X.data)
    scaled.X = -scaled.layers["log"]
    with pytest.raises(ValueError, match="Log values seem to be in layer 'log' and .raw: layer='l"):
        cluster(scaled, 3, **QUICK)
    del scaled.raw, scaled.layers["log"]
    with pytest.raises(ValueError, match="before centering and scaling$"):
        cluster(scaled, 3, **QUICK)
    with pytest.raises(KeyError, match="'raw' is not in adata.layers, .* and there is no .raw"):
        cluster(scaled, 3, layer="raw", **QUICK)


@pytest.mark.filterwarnings("ignore:Writing zarr v2", "ignore::FutureWarning")
@pytest.mark.parametrize("mode", ["--in-memory", "--backed"])
@pytest.mark.parametrize("name", ["in.h5ad", "in.zarr"])
def test_the_command_line_says_where_counts_are(name, mode, scaled, tmp_path, capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zarr, on its format
        scaled.write_h5ad(tmp_path / name) if "h5ad" in name else scaled.write_zarr(tmp_path / name)
    scinno("cluster", tmp_path / name, "-k", 3, "-o", tmp_path / "run", mode, *SET, code=2)
    shown = capsys.readouterr().err
    assert "must not be negative" in shown
    assert HINT in shown
    scinno("choose-k", tmp_path / name, mode, *SET, code=2)
    assert HINT in capsys.readouterr().err


def test_the_report_says_where_counts_are(scaled, tmp_path):
    cluster(scaled, 3, layer="raw", **QUICK)
    del scaled.uns["scinno"]["layer"]
    with pytest.raises(ValueError, match=f"must hold counts or log values, .*{HINT}"):
        write_report(scaled, tmp_path / "page.html")


def test_a_layer_named_raw_comes_first(scaled, labeled_cells):
    scaled.layers["raw"] = labeled_cells[:, :100].X
    found = cluster(scaled, 3, layer="raw", **QUICK)
    few = fit(labeled_cells[:, :100].X, 3, genes=scaled.var_names, **QUICK)
    np.testing.assert_array_equal(found.labels, few.labels)
    assert len(found.genes) <= 100
