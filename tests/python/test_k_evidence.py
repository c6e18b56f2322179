"""The evidence for K: stability, silhouette, runner-up, ranges, and what is warned of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import QUICK, simulate
from matplotlib import pyplot as plt

import scinno
from scinno._clusters.diagnostics import FEW_CELLS, NEAR, cluster_warnings, separation
from scinno._clusters.n_clusters import _runner_up, estimate_n_clusters
from scinno._clusters.requested_k import check_n_clusters
from scinno._clusters.stability import silhouettes, stability

COLUMNS = [
    "n_clusters", "mean_purity", "min_purity", "pure_clusters", "stability", "silhouette",
    "in_range", "chosen", "runner_up",
]  # fmt: skip


def blobs(sizes: list[int], gap: float = 20.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    centers = rng.normal(size=(len(sizes), 5)) * gap
    return (centers[labels] + rng.normal(size=(len(labels), 5))).astype(np.float32), labels


@pytest.fixture(scope="module")
def estimated(simulated) -> scinno.Fit:
    return scinno.fit(simulated[0], **QUICK)


def test_the_true_number_is_stable_and_apart_and_chosen():
    x, _ = blobs([60] * 4)
    choice = estimate_n_clusters(x, x, np.random.default_rng(0))
    table = choice.table.set_index("n_clusters")
    assert choice.table.columns.tolist() == COLUMNS
    assert choice.n_clusters == choice.lower == choice.upper == 4
    assert table["stability"].idxmax() <= 4
    assert table.loc[4, "stability"] == 1
    assert table.loc[12, "stability"] < 0.95
    assert table["silhouette"].idxmax() == 4
    assert table.index[table["chosen"]].tolist() == [4]
    assert table.index[table["runner_up"]].tolist() == [choice.runner_up]
    assert choice.runner_up in (3, 5)
    assert choice.warnings == ()


def test_a_cloud_has_no_stable_clusters_and_its_halves_are_near_duplicates():
    x = np.random.default_rng(0).normal(size=(400, 5)).astype(np.float32)
    assert max(stability(x, [4, 6, 8], np.random.default_rng(0)).values()) < 0.7
    halves = (x[:, 0] > 0).astype(int)
    [warning] = cluster_warnings(x, halves)
    assert warning.startswith("clusters 0 and 1 are near-duplicates")
    assert separation(x[halves == 0], x[halves == 1]) == pytest.approx(1.32, abs=0.1)
    assert separation(x[:1], x[:1]) == 0
    assert separation(x[:1], x[1:2]) == np.inf
    two, types = blobs([100, 100])
    assert separation(two[types == 0], two[types == 1]) > 3 > NEAR
    assert cluster_warnings(two, types) == ()


def test_clusters_of_a_handful_of_cells_are_named():
    x, labels = blobs([50, FEW_CELLS, FEW_CELLS - 1, 1])
    warnings = cluster_warnings(x, labels)
    assert warnings == (
        f"cluster 2 has {FEW_CELLS - 1} cells only: look whether it is a type of its own",
        "cluster 3 has 1 cell only: look whether it is a type of its own",
    )
    assert cluster_warnings(x, np.where(labels == 3, 7, labels))[1].startswith("cluster 7 has 1")


def test_what_cannot_be_judged_is_nan_not_an_error():
    x, labels = blobs([10, 10])
    assert np.isnan(stability(x, [2, 9], np.random.default_rng(0))[9])
    whole = silhouettes(x, {2: labels, 1: np.zeros(20, int), 20: np.arange(20)})
    assert np.isnan([whole[1], whole[20]]).all()
    assert whole[2] > 0.5


def test_a_range_that_holds_the_free_choice_changes_nothing():
    x, _ = blobs([60, 50, 40, 30], gap=3.0)
    free = estimate_n_clusters(x, x, np.random.default_rng(0))
    inside = estimate_n_clusters(
        x, x, np.random.default_rng(0), (free.n_clusters - 1, free.n_clusters + 9)
    )
    assert inside.n_clusters == free.n_clusters
    in_range = inside.table["in_range"].to_numpy()
    assert inside.table["n_clusters"][in_range].tolist() == list(
        range(free.n_clusters - 1, free.n_clusters + 10)
    )
    assert free.table["in_range"].all()
    shares = COLUMNS[1:6]
    pd.testing.assert_frame_equal(free.table[shares], inside.table[shares])


@pytest.mark.parametrize(("within", "k"), [((2, 3), 3), ((6, 9), 6), ((5, 5), 5), ((2, 40), 4)])
def test_a_range_moves_k_to_its_nearer_end(within, k):
    x, _ = blobs([60] * 4)
    choice = estimate_n_clusters(x, x, np.random.default_rng(0), within)
    assert choice.n_clusters == k
    assert choice.table["n_clusters"].max() == max(24, within[1])
    if within[0] == within[1]:
        assert choice.runner_up is None
        assert not choice.table["runner_up"].any()
    else:
        assert within[0] <= choice.runner_up <= within[1]
        assert choice.runner_up != k


@pytest.mark.parametrize(
    ("k", "counts", "in_range", "second"),
    [
        (5, (3, 8), (2, 9), 7),  # the most stable between the counts, not 2, which is more stable
        (5, (3, 8), (2, 6), 3),  # 7 may not be chosen
        (5, (5, 5), (2, 9), 4),  # both counts are K: the more stable neighbor
        (5, (5, 5), (5, 9), 6),
        (5, (5, 5), (5, 5), None),
        (9, (9, 9), (2, 9), 8),
    ],
)
def test_the_runner_up(k, counts, in_range, second):
    stable = {2: 1.0, 3: 0.8, 4: 0.7, 5: 0.9, 6: 0.6, 7: 0.85, 8: np.nan, 9: 0.5}
    table = pd.DataFrame({"n_clusters": list(stable), "stability": list(stable.values())})
    table["in_range"] = table["n_clusters"].between(*in_range)
    assert _runner_up(table, k, *counts) == second


def test_of_equally_stable_runners_up_the_nearer_one_is_taken():
    table = pd.DataFrame({"n_clusters": range(2, 10), "stability": 1.0, "in_range": True})
    assert _runner_up(table, 6, 3, 9) == 5
    assert _runner_up(table, 3, 3, 9) == 4


@pytest.mark.parametrize(
    ("requested", "kind", "message"),
    [
        ((5,), ValueError, r"n_clusters as a range must have two ends, as in \(5, 12\), got 1"),
        ((2, 3, 4), ValueError, "must have two ends"),
        ((12, 5), ValueError, r"must go up, as in \(5, 12\), got \(12, 5\)"),
        ((1, 5), ValueError, r"lower end of the range .*must be from 2 to 25, got 1"),
        ((5, 26), ValueError, r"upper end of the range .*must be from 2 to 25, got 26"),
        ((2.5, 5), TypeError, "lower end .*must be a whole number, got 2.5"),
        ((2, "b"), TypeError, "upper end .*must be a whole number, got 'b'"),
        ((True, 5), TypeError, "must be a whole number, got True"),
        ("5:12", TypeError, "must be a whole number, got '5:12'"),
    ],
)
def test_bad_ranges_are_refused_before_any_work(requested, kind, message):
    with pytest.raises(kind, match=message):
        check_n_clusters(requested, 100)


def test_ranges_as_r_numpy_and_json_give_them():
    for requested in ((2, 9), [2.0, 9.0], np.array([2, 9]), (np.int64(2), 9)):
        assert check_n_clusters(requested, 100) == (2, 9)
    assert check_n_clusters((2, 100), 10_000) == (2, 100)


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
    old = estimated.to_bytes()
    name = b'\\"warnings\\"'
    assert name in old
    assert scinno.from_bytes(old.replace(name, b'\\"olddings\\"')).warnings == ()


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
    for axis in axes:
        marks = {line.get_gid(): line.get_xdata()[0] for line in axis.lines if line.get_gid()}
        assert marks == {
            "chosen": estimated.n_clusters,
            "runner-up": table.loc[table["runner_up"], "n_clusters"].item(),
        }
        assert not axis.patches
    requested = scinno.choose_k(counts, (3, 9), **QUICK)
    left = scinno.pl.k_evidence(requested)[0]
    ends = [(box.get_x(), box.get_x() + box.get_width()) for box in left.patches]
    assert ends == [(1.5, 2.5), (9.5, requested.table["n_clusters"].max() + 0.5)]
    plt.close("all")
