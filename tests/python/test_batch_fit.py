"""A fit of cells of several batches: clusters are types, not batches."""

import numpy as np
import pandas as pd
import pytest
from batched import batched
from conftest import QUICK
from sklearn.metrics import adjusted_rand_score

import scinno


@pytest.fixture(scope="module")
def cells() -> tuple:
    return batched()


@pytest.fixture(scope="module")
def genes(cells) -> list[str]:
    return [f"G{j}" for j in range(cells[0].shape[1])]


@pytest.fixture(scope="module")
def fit(cells, genes) -> scinno.Fit:
    return scinno.fit(cells[0], 3, genes=genes, batch=cells[2], **QUICK)


def test_clusters_are_types_and_not_batches(cells, genes, fit):
    x, types, batch = cells
    without = scinno.fit(x, 3, genes=genes, **QUICK)
    assert adjusted_rand_score(types, without.labels) < 0.6
    assert adjusted_rand_score(types, fit.labels) > 0.95
    assert abs(adjusted_rand_score(batch, fit.labels)) < 0.02


def test_without_batches_nothing_is_kept_of_them(small_fit):
    assert small_fit.batches is None
    assert small_fit.batch_mix is None
    assert small_fit.preprocessing.center.ndim == 1


def test_the_names_of_batches_do_not_matter(cells, genes, fit):
    other = pd.Categorical(np.where(cells[2] == "a", "z", "y"), categories=["z", "y", "unused"])
    again = scinno.fit(cells[0], 3, genes=genes, batch=other, **QUICK)
    np.testing.assert_array_equal(again.embedding, fit.embedding)
    assert again.preprocessing.batches == ("z", "y")


def test_cells_of_a_batch_and_their_neighbors(cells, fit):
    x, _, batch = cells
    table, mix = fit.batches, fit.batch_mix
    assert table.index.tolist() == ["a", "b"]
    assert table["n_cells"].tolist() == [(batch == "a").sum(), (batch == "b").sum()]
    assert table["kept_neighbors"].between(0.2, 1).all()
    assert not table["added"].any()
    assert mix["n_cells"].sum() == x.shape[0]
    np.testing.assert_allclose(mix["a"] + mix["b"], 1)
    for j, row in mix.iterrows():
        assert row["a"] == pytest.approx((batch[fit.labels == j] == "a").mean())
    assert (mix["mixing_after"] > mix["mixing_before"] + 0.1).all()
    assert (mix["mixing_before"] < 0.1).all()


def test_the_center_is_of_each_batch(cells, fit):
    x, _, batch = cells
    fixed = fit.preprocessing
    factors = fixed.target_sum / np.asarray(x.sum(1))
    values = np.log1p(x.toarray() * factors)[:, fixed.selected]
    assert fixed.center.shape == (2, len(fixed.selected))
    means = np.stack([values[batch == name].mean(0) for name in "ab"])
    # Types have almost the same proportions in both, so that centers are almost the means.
    assert np.abs(fixed.center - means).max() < 0.2 * np.abs(means[0] - means[1]).max()


def test_a_saved_fit_is_the_same(fit, cells, genes, tmp_path):
    fit.save(tmp_path / "fit")
    again = scinno.load(tmp_path / "fit")
    assert again.to_bytes() == fit.to_bytes()
    pd.testing.assert_frame_equal(again.batches, fit.batches)
    pd.testing.assert_frame_equal(again.batch_mix, fit.batch_mix)
    found = again.predict(cells[0], genes, batch=cells[2])
    np.testing.assert_array_equal(found, fit.labels)


@pytest.mark.parametrize("k", [2, 5])
def test_a_cut_fit_is_saved_with_its_batches(fit, cells, genes, tmp_path, k):
    cut = fit.cut(k)
    cut.save(tmp_path / "cut")
    again = scinno.load(tmp_path / "cut")
    pd.testing.assert_frame_equal(again.batch_mix, cut.batch_mix)
    x = cells[0]
    new = again.add_batch(x[:40], "new", genes)
    np.testing.assert_array_equal(
        new.preprocessing.center, fit.add_batch(x[:40], "new", genes).preprocessing.center
    )


def test_a_label_depends_on_the_cell_and_its_batch_alone(fit, cells, genes):
    x, _, batch = cells
    alone = [fit.predict(x[i], genes, batch=batch[i])[0] for i in range(12)]
    np.testing.assert_array_equal(alone, fit.labels[:12])
    some = np.arange(0, len(batch), 5)
    np.testing.assert_array_equal(fit.transform(x[some], genes, batch=batch[some]),
                                  fit.embedding[some])  # fmt: skip
    np.testing.assert_array_equal(fit.cut(3).labels, fit.labels)


def test_opposite_proportions_do_not_leak_into_the_centers(genes):
    x, types, batch = batched(cells=600, seed=3)
    rng = np.random.default_rng(0)
    kept = np.where(batch == "a", types == 0, types != 0) | (rng.random(600) < 0.3)
    fit = scinno.fit(x[kept], 3, genes=genes, batch=batch[kept], **QUICK)
    assert adjusted_rand_score(types[kept], fit.labels) > 0.9


def test_a_type_that_one_batch_lacks_stays_apart(genes):
    x, types, batch = batched(cells=400, seed=1)
    kept = (types != 2) | (batch == "a")
    fit = scinno.fit(x[kept], 3, genes=genes, batch=batch[kept], **QUICK)
    assert adjusted_rand_score(types[kept], fit.labels) > 0.9


def test_k_is_estimated_with_batches(cells, genes):
    x, types, batch = cells
    fit = scinno.fit(x, genes=genes, batch=batch, **QUICK)
    choice = scinno.choose_k(x, genes=genes, batch=batch, **QUICK)
    assert choice.n_clusters == fit.n_clusters
    assert adjusted_rand_score(types, fit.labels) > 0.75
    assert abs(adjusted_rand_score(batch, fit.labels)) < 0.05


def test_log_values_have_batches_too(cells, genes):
    x = cells[0].astype(np.float32).log1p()
    fit = scinno.fit(x, 3, genes=genes, input="log", batch=cells[2], **QUICK)
    assert adjusted_rand_score(cells[1], fit.labels) > 0.9


def test_several_columns_make_a_batch_of_each_combination(cells, genes):
    donor = np.where(np.arange(len(cells[2])) % 2, "d1", "d2")
    both = pd.DataFrame({"donor": donor, "chip": cells[2]})
    fit = scinno.fit(cells[0], 3, genes=genes, batch=both, **QUICK)
    assert fit.preprocessing.batches == ("d1 / a", "d1 / b", "d2 / a", "d2 / b")


def test_batches_that_share_nothing_are_refused(genes):
    x, types, batch = batched(cells=300, seed=2)
    kept = np.where(batch == "a", types == 0, types == 1)
    with pytest.raises(ValueError, match="nothing in common beyond chance.*batch_force=True"):
        scinno.fit(x[kept], 2, genes=genes, batch=batch[kept], **QUICK)
    fit = scinno.fit(x[kept], 2, genes=genes, batch=batch[kept], batch_force=True, **QUICK)
    assert fit.n_clusters == 2
