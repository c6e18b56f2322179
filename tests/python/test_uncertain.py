"""Uncertain cells are flagged, doublets found where they can be, rare clusters reported."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK
from test_cli import scinno as command

import scinno


@pytest.fixture(scope="module")
def blobs() -> tuple:
    """Four clusters, two cells between distant ones, one between near ones, one outside."""
    rng = np.random.default_rng(0)
    corners = np.array([[0, 0], [6, 0], [10, 10], [0, 9]], dtype=float)
    labels = np.repeat(np.arange(4), [60, 60, 60, 5])
    code = corners[labels] + rng.normal(0, 0.5, size=(185, 2))
    code = np.vstack([code, [[5, 5], [3.5, 3.5], [3, -0.5], [-8, -8]]])
    code = np.hstack([code, rng.normal(0, 0.1, size=(189, 3))])
    labels = np.append(labels, [0, 0, 0, 0])
    distance = ((code[:, None, :2] - corners) ** 2).sum(-1)
    memberships = np.exp(-distance / 10)
    return labels, memberships / memberships.sum(1, keepdims=True), corners, code


def test_second_choices_are_counted_by_hand():
    u = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8], [0.2, 0.6, 0.2]], dtype=np.float32)
    table = scinno.uncertain_cells(u)
    assert table["label"].tolist() == [0, 2, 1]
    assert table["second_label"].tolist() == [1, 0, 0]
    np.testing.assert_allclose(table["confidence"], [0.5, 0.8, 0.6])
    np.testing.assert_allclose(table["second_membership"], [0.3, 0.1, 0.2])
    assert "doublet_like" not in table
    assert u[0, 0] == np.float32(0.5)
    given = scinno.uncertain_cells(u, labels=np.array([1, 2, 1]))
    assert given["second_label"].tolist() == [0, 0, 0]


def test_only_cells_between_distant_clusters_are_doublet_like(blobs):
    labels, memberships, _, code = blobs
    table = scinno.uncertain_cells(memberships, code, labels)
    # 0 and 2 are further apart than the median of the six gaps, 0 and 1 are not.
    assert table.index[table["doublet_like"]].tolist() == [185, 186]
    assert table.loc[186, "doublet_of"] == "0+2"
    assert set(table.loc[~table["doublet_like"], "doublet_of"]) == {""}


def test_two_clusters_and_empty_ones_are_no_trouble(blobs):
    labels, memberships, _, code = blobs
    two = np.minimum(labels, 1)
    assert not scinno.uncertain_cells(memberships[:, :2], code, two)["doublet_like"].any()
    wide = np.hstack([memberships, np.zeros((len(labels), 1))])
    table = scinno.uncertain_cells(wide, code, labels)
    assert table.index[table["doublet_like"]].tolist() == [185, 186]


def test_rare_clusters_are_reported(blobs):
    labels, memberships, centers, code = blobs
    wide = np.hstack([memberships, np.zeros((len(labels), 1))])
    report = scinno.cluster_report(labels, wide, np.vstack([centers, [[90, 90]]]), code)
    assert report["n_cells"].tolist() == [64, 60, 60, 5, 0]
    assert report["rare"].tolist() == [False, False, False, True, True]
    assert report["neighbor_purity"][1] > 0.95
    assert report["neighbor_purity"][3] == pytest.approx(0.4)  # four others among ten nearest cells
    assert np.isnan(report["neighbor_purity"][4])
    assert np.isnan(report["mean_confidence"][4])
    assert report["mean_confidence"][1] == pytest.approx(memberships[60:120, 1].mean())
    assert report["nearest_cluster"].tolist()[4] == 2


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match=r"memberships must be \(cells, k\)"):
        scinno.uncertain_cells(np.ones((3, 1)))
    with pytest.raises(ValueError, match="latent must have one row for each of the 3 cells"):
        scinno.uncertain_cells(np.ones((3, 2)), np.ones((2, 5)))


def test_known_doublets_are_found_and_little_else(data_folder):
    data = ad.read_h5ad(data_folder / "mixology_celseq2_5cl.h5ad")
    fit = scinno.fit(data.X, 5, genes=data.var_names)
    flagged = scinno.uncertain_cells(fit.memberships, fit.latent, fit.labels)["doublet_like"]
    known = (data.obs["demuxlet_cls"] == "DBL").to_numpy()
    assert flagged.sum() >= 20
    assert known[flagged].mean() > 0.9  # of all cells, 0.37 are


@pytest.fixture
def adata(simulated, names) -> ad.AnnData:
    return ad.AnnData(simulated[0].astype(np.float32), var=pd.DataFrame(index=names))


def test_unassigned_cells_are_named_and_none_is_lost(adata):
    adata.layers["counts"] = adata.X.copy()
    soft = QUICK | {"gamma": 0.1}  # so that even of these plain clusters some cells are unsure
    alone = scinno.fit(adata.X, 3, genes=adata.var_names, **soft)
    limit = float(np.quantile(alone.confidence, 0.1))
    fit = scinno.cluster(adata, 3, unassigned=limit, layer="counts", **soft)
    np.testing.assert_array_equal(fit.labels, alone.labels)
    below = fit.confidence < limit
    assert 10 < below.sum() < 20
    kept = adata.obs["scinno"]
    assert kept.cat.categories.tolist() == ["0", "1", "2", "unassigned"]
    assert ((kept == "unassigned") == below).all()
    assert (kept[~below].astype(str).astype(int) == fit.labels[~below]).all()
    assert adata.uns["scinno"]["unassigned"] == limit
    assert adata.uns["scinno"]["layer"] == "counts"
    assert adata.obs["scinno_doublet_like"].dtype == bool
    assert adata.obs["scinno_second_label"].cat.categories.tolist() == ["0", "1", "2"]
    both = adata.obs["scinno_confidence"] + adata.obs["scinno_second_membership"]
    assert (both <= 1 + 1e-6).all()


@pytest.mark.parametrize(
    ("bad", "error", "what"),
    [(-0.1, ValueError, "from 0 to 1"), (1.5, ValueError, "from 0 to 1"),
     ("0.5", TypeError, "a number or None"), (True, TypeError, "a number or None")],
)  # fmt: skip
def test_bad_thresholds_are_refused_before_the_work(adata, bad, error, what):
    with pytest.raises(error, match=f"unassigned must be {what}, got"):
        scinno.cluster(adata, 3, unassigned=bad)


def test_command_line_has_it_too(adata, small_fit, tmp_path, capsys, monkeypatch):
    from scinno._drawing import layout

    monkeypatch.setattr(layout, "maps", lambda *_: {})
    adata.write_h5ad(tmp_path / "in.h5ad")
    words = [f"--set={name}={value}" for name, value in QUICK.items()]
    command("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "out", "--unassigned=2",
            *words, code=2)  # fmt: skip
    assert "unassigned must be from 0 to 1, got 2.0" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    limit = float(np.quantile(small_fit.confidence, 0.1))
    command("cluster", tmp_path / "in.h5ad", "-k", 3, "-o", tmp_path / "out",
            f"--unassigned={limit}", *words)  # fmt: skip
    few = int((small_fit.confidence < limit).sum())
    assert f"{few} cell(s) with a confidence below" in capsys.readouterr().out
    clustered = ad.read_h5ad(tmp_path / "out" / "clustered.h5ad")
    assert (clustered.obs["scinno"] == "unassigned").sum() == few
    labels = pd.read_csv(tmp_path / "out" / "labels.csv")
    assert labels["label"].tolist() == small_fit.labels.tolist()
    assert {"confidence", "second_label", "second_membership", "doublet_like"} <= set(labels)
    clusters = pd.read_csv(tmp_path / "out" / "clusters.csv")
    assert clusters["n_cells"].sum() == 150
