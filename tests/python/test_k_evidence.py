"""The evidence for K in a fit: kept, saved, stored, drawn."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from conftest import QUICK, simulate
from matplotlib import pyplot as plt

import scinno

COLUMNS = [
    "n_clusters", "votes", "mean_purity", "min_purity", "stability", "silhouette", "in_range",
    "chosen", "runner_up",
]  # fmt: skip


@pytest.fixture(scope="module")
def estimated(simulated) -> scinno.Fit:
    return scinno.fit(simulated[0], **QUICK)


def test_a_fit_within_a_range_keeps_evidence_and_warnings(simulated, tmp_path):
    fit = scinno.fit(simulated[0], (9, 12), **QUICK)
    assert fit.n_clusters == 9
    assert fit.k_evidence.columns.tolist() == COLUMNS
    assert fit.warnings
    assert all("cluster" in text for text in fit.warnings)
    fit.save(tmp_path / "fit")
    again = scinno.load(tmp_path / "fit")
    assert again.warnings == fit.warnings
    pd.testing.assert_frame_equal(again.k_evidence, fit.k_evidence)


def test_files_of_the_first_version_have_no_warnings(estimated):
    data = estimated.to_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    about = json.loads(header["__metadata__"]["scinno"])
    del about["warnings"], about["sha256"]
    header["__metadata__"]["scinno"] = json.dumps(about)
    text = json.dumps(header).encode()
    old = len(text).to_bytes(8, "little") + text + data[8 + size :]
    assert scinno.from_bytes(old).warnings == ()


def test_everything_lands_in_an_anndata_and_its_file(simulated, tmp_path):
    import anndata as ad

    adata = ad.AnnData(simulated[0].astype(np.float32))
    fit = scinno.cluster(adata, (9, 12), **QUICK)
    adata.write_h5ad(tmp_path / "x.h5ad")
    about = ad.read_h5ad(tmp_path / "x.h5ad").uns["scinno"]
    assert tuple(about["warnings"]) == fit.warnings
    assert about["k_evidence"]["chosen"].sum() == 1
    np.testing.assert_allclose(about["k_evidence"]["stability"], fit.k_evidence["stability"])
    scinno.cluster(adata, 3, key_added="given", **QUICK)
    adata.write_h5ad(tmp_path / "x.h5ad")
    assert len(ad.read_h5ad(tmp_path / "x.h5ad").uns["given"]["warnings"]) == 0


def test_the_estimator_takes_a_range(simulated):
    from sklearn.base import clone

    model = clone(scinno.SCINNO((2, 4), settings=QUICK)).fit(simulated[0])
    assert len(np.unique(model.labels_)) == 3
    assert model.fit_.k_evidence["in_range"].sum() == 3


def test_the_picture_shows_what_was_found(estimated):
    counts, _ = simulate(cells=200)
    axes = scinno.pl.k_evidence(estimated)
    table = estimated.k_evidence
    assert len(axes) == 3
    stable, apart = axes[2].lines[:2]
    np.testing.assert_allclose(stable.get_ydata(), table["stability"])
    np.testing.assert_allclose(apart.get_ydata(), table["silhouette"])
    assert not axes[1].patches
    for axis in axes:
        marks = {line.get_gid(): line.get_xdata()[0] for line in axis.lines if line.get_gid()}
        assert marks == {
            "chosen": estimated.n_clusters,
            "runner-up": table.loc[table["runner_up"], "n_clusters"].item(),
        }
    requested = scinno.choose_k(counts, (3, 9), **QUICK)
    votes, purity, _ = scinno.pl.k_evidence(requested)
    heights = [bar.get_height() for bar in votes.patches[: len(requested.table)]]
    assert heights == requested.table["votes"].tolist()
    ends = [(box.get_x(), box.get_x() + box.get_width()) for box in purity.patches]
    assert ends == [(1.5, 2.5), (9.5, requested.table["n_clusters"].max() + 0.5)]
    plt.close("all")
