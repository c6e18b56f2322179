"""Which values are tried: those given, and always the one where the search starts."""

import scinno
from scinno._tune.space import SPACE, check_space


def test_the_default_settings_are_among_the_values_and_no_more_genes_than_there_are():
    start = scinno.Settings()
    found = check_space(None, start, 20_000)
    assert {name: set(values) for name, values in found.items()} == {
        name: set(values) for name, values in SPACE.items()
    }
    assert all(getattr(start, name) in values for name, values in SPACE.items())
    assert check_space(None, start, 1200)["n_genes"] == (1000, 500)
    assert "n_genes" not in check_space(None, scinno.Settings(n_genes=150), 200)


def test_values_are_as_the_settings_hold_them_and_each_is_tried_once():
    given = {"n_pcs": [20.0, 20, 50], "scale": [True, False], "n_latent": [128]}
    found = check_space(given, scinno.Settings(), 2000)
    assert found == {"n_pcs": (50, 20), "scale": (False, True)}
    assert isinstance(found["n_pcs"][1], int)
