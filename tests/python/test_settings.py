"""Settings check themselves, and every function that fits takes them whole or one by one."""

import dataclasses

import anndata as ad
import numpy as np
import pytest
from conftest import QUICK

import scinno
from scinno import Settings


def test_the_constructor_checks_types_and_ranges():
    with pytest.raises(ValueError, match="gamma must be above 0, got -1.0"):
        Settings(gamma=-1)
    with pytest.raises(TypeError, match="n_latent must be int, got 2.5"):
        Settings(n_latent=2.5)
    with pytest.raises(ValueError, match="noise must be 'none' or 'kind:strength'"):
        Settings(noise="salt:1")
    with pytest.raises(ValueError, match="attention_weight must be between 0 and 1"):
        dataclasses.replace(Settings(), attention_weight=2.0)
    assert Settings(n_latent=64.0) == Settings(n_latent=64)  # whole floats, as R has them
    assert isinstance(Settings(n_latent=64.0).n_latent, int)


def test_unknown_names_get_the_nearest_one():
    with pytest.raises(TypeError, match="unknown setting 'n_latnet': did you mean 'n_latent'"):
        Settings().replace({"n_latnet": 3})


def test_names_of_the_first_version_are_taken_with_a_warning(simulated, small_fit, names):
    with pytest.warns(FutureWarning, match="'most_moved' is now called 'max_label_change'"):
        assert Settings().replace({"most_moved": 0.1}).max_label_change == 0.1
    old = {{"pretrain_epochs": "epochs"}.get(name, name): value for name, value in QUICK.items()}
    with pytest.warns(FutureWarning, match="'epochs' is now called 'pretrain_epochs'"):
        fit = scinno.fit(simulated[0], 3, genes=names, **old)
    np.testing.assert_array_equal(fit.embedding, small_fit.embedding)
    with (
        pytest.warns(FutureWarning, match="'latent' is now called"),
        pytest.raises(TypeError, match="'n_latent' is given twice, once by its old name"),
    ):
        Settings().replace({"n_latent": 3, "latent": 4})


def test_a_settings_object_and_single_settings_give_the_same_fit(simulated, small_fit, names):
    whole = scinno.fit(simulated[0], 3, genes=names, settings=Settings(**QUICK))
    some = dict(list(QUICK.items())[:2])
    rest = dict(list(QUICK.items())[2:])
    both = scinno.fit(simulated[0], 3, genes=names, settings=Settings(**some), **rest)
    for fit in (whole, both):
        np.testing.assert_array_equal(fit.embedding, small_fit.embedding)
        assert fit.settings == small_fit.settings


def test_every_function_that_fits_takes_them(simulated):
    settings = Settings(**QUICK)
    adata = ad.AnnData(simulated[0].astype(np.float32))
    assert scinno.cluster(adata, 3, settings=settings).settings == settings
    assert scinno.choose_k(simulated[0], settings=settings).n_clusters == 3
    assert scinno.SCINNO(3, settings=settings).fit(simulated[0]).fit_.settings == settings


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"settings": {"n_latent": 3}}, "settings must be a scinno.Settings, got dict"),
        ({"settings": Settings(), "preset": "paper"}, "settings and preset='paper' exclude each"),
    ],
)
def test_what_is_not_settings_is_refused(simulated, options, message):
    with pytest.raises(TypeError, match=message):
        scinno.fit(simulated[0], 3, **options)


def test_presets():
    assert Settings.from_preset("default") == Settings()
    assert Settings.from_preset("paper") == Settings.paper()
    with pytest.raises(ValueError, match="preset must be 'default' or 'paper', got 'best'"):
        Settings.from_preset("best")


@pytest.mark.parametrize("text", ["salt:0.3", "mask", "mask:2", "swap:-1", "uniform:x", ""])
def test_bad_noise_is_refused(text):
    with pytest.raises(ValueError, match="noise"):
        Settings(noise=text)


def test_equation_11_constants():
    paper = Settings.paper()
    assert (
        paper.contrastive_loss_weight,
        paper.cluster_loss_weight,
        paper.entropy_loss_weight,
    ) == (0.1, 0.5, 0.1)
    assert (paper.temperature, paper.batch_size, paper.gamma, paper.fuzzifier) == (
        0.5,
        128,
        2.0,
        2.0,
    )
    assert (paper.n_hidden, paper.n_latent, paper.n_heads, paper.head_dim) == (512, 512, 4, 128)
    assert (paper.n_genes, paper.noise) == (2500, "uniform:0.3")
    assert paper.min_cells_fraction == 0.05
    assert not paper.collapse_guard
