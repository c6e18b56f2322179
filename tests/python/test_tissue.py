"""Cells in their tissue through `scinno.cluster` and `scinno.pl.tissue`."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from conftest import QUICK, simulate
from matplotlib import pyplot as plt

import scinno
import scinno.pl


def tissue() -> ad.AnnData:
    """240 cells in two slices, whose left and right halves hold other types."""
    x, types = simulate(cells=240, genes=100)
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {"slice": np.where(np.arange(240) % 2, "front", "back"), "type": types.astype(str)},
        index=[f"c{i}" for i in range(240)],
    )
    adata = ad.AnnData(x.astype(np.float32), obs=obs)
    adata.var_names = [f"G{j}" for j in range(100)]
    adata.obsm["spatial"] = np.column_stack([types + rng.uniform(size=240), rng.uniform(size=240)])
    return adata


@pytest.fixture(scope="module")
def clustered() -> ad.AnnData:
    adata = tissue()
    scinno.cluster(adata, 3, spatial_key="spatial", library_key="slice", **QUICK)
    return adata


def test_domains_stand_beside_the_clusters(clustered):
    assert clustered.obs["scinno_domain"].cat.categories.tolist() == ["0", "1", "2"]
    assert clustered.obs["scinno_domain_confidence"].dtype == np.float32
    about = clustered.uns["scinno"]["domains"]
    assert about["n_domains"] == 3
    assert about["spatial_key"] == "spatial"
    assert about["library_key"] == "slice"
    assert about["neighbors"] == "coordinates"
    assert about["smoothing"] == int(
        about["smoothing_table"]["rounds"][about["smoothing_table"]["chosen"]].iloc[0]
    )


def test_clusters_are_those_without_a_tissue(clustered):
    plain = tissue()
    scinno.cluster(plain, 3, **QUICK)
    assert plain.obs["scinno"].tolist() == clustered.obs["scinno"].tolist()
    np.testing.assert_array_equal(plain.obsm["X_scinno"], clustered.obsm["X_scinno"])
    assert "scinno_domain" not in plain.obs
    assert "domains" not in plain.uns["scinno"]


def test_domains_are_those_of_the_function(clustered):
    fit = scinno.fit(tissue().X, 3, genes=list(clustered.var_names), **QUICK)
    found = scinno.domains(fit, clustered.obsm["spatial"], 3, slices=clustered.obs["slice"])
    assert found.labels.astype(str).tolist() == clustered.obs["scinno_domain"].tolist()


def test_the_object_can_be_written_and_read(clustered, tmp_path):
    clustered.write_h5ad(tmp_path / "a.h5ad")
    again = ad.read_h5ad(tmp_path / "a.h5ad")
    pd.testing.assert_frame_equal(
        again.uns["scinno"]["domains"]["smoothing_table"],
        clustered.uns["scinno"]["domains"]["smoothing_table"],
        check_dtype=False,
    )
    assert scinno.pl.tissue(again) is not None


def test_as_many_domains_as_requested_or_as_there_are_clusters():
    adata = tissue()
    scinno.cluster(adata, 3, spatial_key="spatial", n_domains=2, smoothing=2, **QUICK)
    assert adata.uns["scinno"]["domains"]["n_domains"] == 2
    assert adata.uns["scinno"]["domains"]["smoothing"] == 2
    assert "smoothing_table" not in adata.uns["scinno"]["domains"]
    scinno.cluster(adata, spatial_key="spatial", **QUICK)
    assert "k_evidence" in adata.uns["scinno"]["domains"]


def test_neighbors_that_squidpy_has_made_are_used(clustered):
    adata = tissue()
    order = np.roll(np.arange(240), 1)
    graph = sp.eye(240, format="csr")[order]
    adata.obsp["spatial_connectivities"] = sp.csr_matrix(graph + graph.T)
    scinno.cluster(adata, 3, spatial_key="spatial", smoothing=3, **QUICK)
    assert adata.uns["scinno"]["domains"]["neighbors"] == "spatial_connectivities"
    fit = scinno.fit(tissue().X, 3, genes=list(adata.var_names), **QUICK)
    found = scinno.domains(
        fit, adata.obsm["spatial"], 3, neighbors=adata.obsp["spatial_connectivities"], smoothing=3
    )
    assert found.labels.astype(str).tolist() == adata.obs["scinno_domain"].tolist()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"spatial_key": "spacial"}, KeyError, "spatial_key 'spacial' is not in obsm: did you mean "
         "'spatial'"),
        ({"spatial_key": "spatial", "library_key": "slide"}, KeyError, "library_key 'slide'"),
        ({"library_key": "slice"}, TypeError, "library_key is for the domains of a tissue: give "
         "spatial_key"),
        ({"n_domains": 3}, TypeError, "n_domains is for the domains of a tissue"),
        ({"smoothing": 3}, TypeError, "smoothing is for the domains of a tissue"),
        ({"spatial_key": "spatial", "n_domains": 500}, ValueError, "n_domains=500 is more than"),
        ({"spatial_key": "spatial", "smoothing": "no"}, ValueError, "smoothing must be 'auto'"),
        ({"spatial_key": "flat"}, ValueError, r"\(cells, 2 or 3\), got shape \(240, 9\)"),
        ({"spatial_key": "holes"}, ValueError, "at cell 7"),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused_before_the_fit(monkeypatch, options, error, message):
    adata = tissue()
    adata.obsm["flat"] = np.ones((240, 9))
    adata.obsm["holes"] = np.where(np.arange(480).reshape(240, 2) == 14, np.nan, 1.0)
    seconds = []
    with pytest.raises(error, match=message):
        scinno.cluster(adata, 3, callback=seconds.append, **options, **QUICK)
    assert seconds == []
    assert list(adata.obs) == ["slice", "type"]


def test_the_picture_shows_slices_beside_each_other_at_one_scale(clustered):
    axes = scinno.pl.tissue(clustered, ["domain", "type", "confidence", "G3"])
    assert [axis.get_title() for axis in axes] == ["domain", "type", "confidence", "G3"]
    for axis in axes:
        assert axis.get_aspect() == 1
        assert {text.get_text() for text in axis.texts} == {"front", "back"}
    points = np.concatenate([c.get_offsets() for c in axes[0].collections if len(c.get_offsets())])
    assert len(points) == 240
    is_front = np.sort(points[:, 0] if np.ptp(points[:, 0]) > 4 else points[:, 1])
    assert np.diff(is_front).max() > 0.1  # the gap between the slices
    plt.close("all")


@pytest.fixture(autouse=True)
def no_open_figures():
    yield
    plt.close("all")


def test_the_second_axis_points_down_as_in_an_image(clustered):
    one = clustered[clustered.obs["slice"] == "front"].copy()
    axis = scinno.pl.tissue(one, "cluster")
    points = np.concatenate([c.get_offsets() for c in axis.collections if len(c.get_offsets())])
    assert points[:, 1].max() <= 0
    assert len(axis.texts) == 0
    plt.close("all")


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"spatial_key": "spacial"}, KeyError, "did you mean 'spatial'"),
        ({"library_key": "slide"}, KeyError, "library_key 'slide'"),
        ({"color": "tipe"}, KeyError, "tipe"),
        ({"color": []}, ValueError, "at least one thing"),
    ],
)
def test_wrong_arguments_of_the_picture_are_refused(clustered, options, error, message):
    with pytest.raises(error, match=message):
        scinno.pl.tissue(clustered, **options)
    assert plt.get_fignums() == []


def test_a_picture_of_domains_needs_domains():
    adata = tissue()
    fit = scinno.cluster(adata, 3, **QUICK)
    with pytest.raises(KeyError, match="cluster with spatial_key first"):
        scinno.pl.tissue(adata, "domain")
    with pytest.raises(TypeError, match="a Fit has no places"):
        scinno.pl.tissue(fit)
    assert scinno.pl.tissue(adata).get_title() == "cluster"
    plt.close("all")
