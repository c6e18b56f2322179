"""The page and the pictures of a run folder that scinno 0.1.0 wrote."""

import shutil
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from drawn import no_figure_is_left as no_figure_is_left
from report_page import arrays_of, data_of, text_of
from test_cli import scinno as command

import scinno
from scinno._anndata.results import LOSS_PARTS, results_of

RUN = Path(__file__).parent / "data" / "run-0.1.0"


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    """Its page, by the command."""
    folder = tmp_path_factory.mktemp("old") / "run"
    shutil.copytree(RUN, folder)
    command("report", folder, "--label-key", "type", "--quiet")
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def adata() -> ad.AnnData:
    return ad.read_h5ad(RUN / "clustered.h5ad")


def test_the_page_shows_all_that_the_run_stored(page):
    words, data = text_of(page), data_of(page)
    assert "90 cells are in 3 clusters" in words
    assert "Time to read and fit 3 s" in words
    assert "K was estimated" in words
    assert "5 epochs were trained." in words
    assert [part["name"] for part in data["curves"]["parts"]] == list(LOSS_PARTS.values())
    assert data["curves"]["joint"] == 4
    assert data["curves"]["planned"] == 5
    assert [part["name"] for part in data["k_evidence"]["parts"]] == [
        "Neighbor purity, mean over clusters", "Neighbor purity, minimum over clusters",
        "Pure clusters", "Stability", "Silhouette",
    ]  # fmt: skip
    assert "was chosen from" in data["k_evidence"]["why"]
    assert [view["name"] for view in data["views"]] == ["t-SNE", "UMAP"]


def test_its_settings_are_listed_by_their_present_names(page):
    words = text_of(page)
    assert "n_hidden 16 256" in words  # name, value, default
    assert "pretrain_epochs 3 10" in words


def test_its_columns_are_shown_once(page, adata):
    data, arrays = data_of(page), arrays_of(page)
    assert [column["name"] for column in data["columns"]][:4] == [
        "Cluster", "Confidence", "Second label", "type",
    ]  # fmt: skip
    assert not [c for c in data["columns"] if c["name"].startswith("scinno")]
    second = np.array(data["columns"][2]["levels"])[arrays["second_label"]]
    assert second.tolist() == adata.obs["scinno_second"].astype(str).tolist()


def test_every_picture_is_drawn(adata):
    axes = scinno.pl.embedding(adata, ["cluster", "confidence", "type", adata.var_names[0]])
    assert axes[0].get_xlabel() == "UMAP 1"
    curves = scinno.pl.history(adata)
    assert [axis.get_title() for axis in curves] == list(LOSS_PARTS.values())
    assert curves[0].lines[1].get_xdata()[0] == 3.5  # the joint phase begins after three epochs
    pure, purity, stability = scinno.pl.k_evidence(adata)
    written = pd.read_csv(RUN / "k_evidence.csv")
    np.testing.assert_allclose(purity.lines[0].get_ydata(), written["mean_share"])
    np.testing.assert_allclose(purity.lines[1].get_ydata(), written["least_share"])
    np.testing.assert_allclose(pure.lines[0].get_ydata(), written["good_clusters"])
    np.testing.assert_allclose(stability.lines[0].get_ydata(), written["stability"])
    assert "runner-up: 2" in purity.get_xlabel()
    scinno.pl.memberships(adata)
    scinno.pl.confidence(adata)


def test_the_file_is_not_changed(adata):
    before = adata.copy()
    about = results_of(adata, "scinno").about
    assert "n_epochs" in about["history"]
    assert about["params"]["n_hidden"] == 16
    pd.testing.assert_frame_equal(adata.uns["scinno"]["history"], before.uns["scinno"]["history"])
    assert "hidden" in adata.uns["scinno"]["params"]


def test_a_picture_of_its_model(tmp_path):
    fit = scinno.load(RUN / "model.safetensors")
    assert len(scinno.pl.history(fit)) == len(LOSS_PARTS)
    assert len(scinno.pl.k_evidence(fit)) == 3
