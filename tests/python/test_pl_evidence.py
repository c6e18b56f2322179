"""Pictures of memberships, confidence, training and the number of clusters."""

import numpy as np
import pandas as pd
import pytest
from drawn import clustered as clustered
from drawn import no_figure_is_left as no_figure_is_left
from matplotlib.axes import Axes

import scinno


def test_memberships_are_the_means_over_cells(clustered, small_fit):
    u, labels = small_fit.memberships, small_fit.labels
    expected = np.stack([u[labels == j].mean(0) for j in range(3)])
    for data in (clustered, small_fit):
        axes = scinno.pl.memberships(data)
        np.testing.assert_allclose(axes.images[0].get_array(), expected, rtol=1e-5)
    written = {t.get_position(): t.get_text() for t in axes.texts}
    assert written[0, 0] == f"{expected[0, 0]:.2f}".lstrip("0")


def test_boxes_hold_the_quantiles_of_confidence(clustered):
    spread = clustered.copy()
    labels = spread.obs["scinno"].astype(int).to_numpy()
    sure = np.random.default_rng(0).uniform(0.5, 1, size=150)
    u = np.repeat((1 - sure)[:, None] / 2, 3, axis=1)
    u[np.arange(150), labels] = sure
    spread.obsm["scinno_memberships"] = u.astype(np.float32)
    axes = scinno.pl.confidence(spread)
    for j in range(3):
        near = [
            line.get_ydata() for line in axes.lines if round(np.mean(line.get_xdata()), 1) == j + 1
        ]
        seen = np.concatenate([np.asarray(line, dtype=float) for line in near])
        for share in (0.05, 0.25, 0.5, 0.75, 0.95):
            expected = np.quantile(sure[labels == j], share)
            assert np.isclose(seen, expected, atol=1e-6).any()
        assert np.isclose(seen.min(), np.quantile(sure[labels == j], 0.05), atol=1e-6)
    assert [t.get_text() for t in axes.get_xticklabels()] == ["0", "1", "2"]


def test_history_has_a_panel_for_each_part_of_the_loss(clustered, small_fit):
    axes = scinno.pl.history(clustered)
    assert [a.get_title() for a in axes[:2]] == ["total loss", "reconstruction"]
    curve, start = axes[0].lines
    np.testing.assert_allclose(curve.get_ydata(), small_fit.history["loss"])
    assert start.get_xdata()[0] == 3.5  # three epochs of pretraining
    assert isinstance(scinno.pl.history(small_fit, "label_change"), Axes)
    with pytest.raises(KeyError, match="did you mean 'contrastive'"):
        scinno.pl.history(small_fit, "contrastve")


def test_evidence_for_k(clustered, small_fit, simulated):
    with pytest.raises(ValueError, match="K was given, so there is no evidence for it"):
        scinno.pl.k_evidence(small_fit)
    estimated = clustered.copy()
    table = pd.DataFrame({
        "n_clusters": [2, 3, 4], "mean_purity": [1, 0.99, 0.5], "min_purity": [1, 0.98, 0.1],
        "votes": [2, 9, 1], "chosen": [False, True, False],
    })  # fmt: skip
    estimated.uns["scinno"] = {**estimated.uns["scinno"], "k_evidence": table}
    left, right = scinno.pl.k_evidence(estimated)
    assert [bar.get_height() for bar in left.patches] == [2, 9, 1]
    assert right.lines[0].get_ydata().tolist() == [1, 0.99, 0.5]
    assert left.get_xlabel() == "number of clusters (chosen: 3)"
    assert [line.get_xdata()[0] for line in left.lines] == [3]
