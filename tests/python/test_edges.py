"""Values and settings at the edge: a sentence or a sound result, never NaN."""

import re

import numpy as np
import pytest
from conftest import QUICK, simulate

import scinno

X = simulate()[0].toarray().astype(float)


def one_cell(factor: float) -> np.ndarray:
    x = X.copy()
    x[3] *= factor
    return x


@pytest.mark.parametrize(
    ("x", "input", "sentence"),
    [
        (X * 1e-310, "normalized", "x must hold values of expression, but the largest is 1.2e-309"),
        (one_cell(1e-310), "normalized", "those of 1 cell(s) sum to nearly nothing (first: "),
        (X * 1e-310, "log", "x must hold values of expression, but the largest is 1.2e-309"),
        (np.ones((60, 200)), "counts", "x must differ between cells, but none of its 200 genes"),
        (X * 1e60, "counts", "x must hold values of expression, but the largest is 1.2e+61"),
    ],
)
def test_values_that_cannot_be_computed_with_are_refused(x, input, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        scinno.fit(x, 3, input=input, **QUICK)


@pytest.mark.parametrize("x", [X * 1e-310, X * 1e60])
def test_so_are_those_of_new_cells(x, simulated):
    fit = scinno.fit(simulated[0], 3, input="normalized", **QUICK)
    with pytest.raises(ValueError, match="x must hold values of expression, but the largest is"):
        fit.memberships_of(x)


@pytest.mark.parametrize("x", [one_cell(1e15), X * 1e15, np.tile(X[:1], (60, 1)), np.ones((60, 9))])
@pytest.mark.parametrize("batch", [None, ["a", "b"] * 30])
def test_others_give_finite_numbers(x, batch):
    if batch is not None:
        batch = batch[:1] * (len(x) - 30) + batch[:30]
    fit = scinno.fit(x, 3, batch=batch, **QUICK)
    for array in (fit.memberships, fit.embedding, fit.latent, fit.centers):
        assert np.isfinite(array).all()


@pytest.mark.parametrize(
    "name", ["gamma", "temperature", "encoder_weight", "cluster_loss_weight", "fuzzifier"]
)
@pytest.mark.parametrize("value", [1e308, float("inf"), 10**400])
def test_settings_beyond_float32_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be at most 1,000,000, got "):
        scinno.Settings(**{name: value})


@pytest.mark.parametrize("name", ["gamma", "encoder_weight"])
def test_the_largest_ones_give_finite_numbers(name, simulated):
    fit = scinno.fit(simulated[0], 3, **{**QUICK, name: 1e6})
    assert np.isfinite(fit.memberships).all()
    np.testing.assert_allclose(fit.memberships.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", ["n_hidden", "n_heads", "head_dim"])
def test_a_network_that_does_not_fit_into_memory_is_refused(name, simulated):
    with pytest.raises(ValueError, match=rf"needs [\d,.]+ GB of memory.*{name} \(1000000000\)"):
        scinno.fit(simulated[0], 3, **{**QUICK, name: 10**9})


@pytest.mark.parametrize("value", [np.float32(2), np.int64(2), 2])
def test_numbers_of_numpy_are_numbers(value):
    assert scinno.Settings(gamma=value).gamma == 2.0


@pytest.mark.parametrize("value", [np.array([1, 2]), np.array(3), "2", True, None, 2j])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="gamma must be float, got "):
        scinno.Settings(gamma=value)


def test_an_interrupt_in_the_first_epoch_gives_a_fit_that_can_be_stored(simulated, monkeypatch):
    from scinno._train import batch_losses

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch_losses, "reconstruction", stop)
    with pytest.warns(UserWarning, match="interrupted after 0 of 5 epochs"):
        fit = scinno.fit(simulated[0], 3, **QUICK)
    assert {"epoch", "phase", "loss"} <= set(fit.history)
    loaded = scinno.from_bytes(fit.to_bytes())
    assert len(loaded.history) == 0
    np.testing.assert_array_equal(loaded.labels, fit.labels)
    with pytest.raises(ValueError, match="interrupted in its first epoch"):
        scinno.pl.history(fit)
