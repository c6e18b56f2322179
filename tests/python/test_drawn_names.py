"""Pictures draw every name as text: matplotlib reads some as formulas and leaves others out."""

import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from drawn import no_figure_is_left as no_figure_is_left
from matplotlib.text import Text

import scinno
from scinno._drawing.names import as_label

NAMES = ["$\\frac$", "_hidden", "a$x^2$b", "\u202eturned", "<b>&amp;</b>", "costs $5", "a\\$b"]


@pytest.fixture
def adata(labeled_cells, small_fit) -> ad.AnnData:
    data = labeled_cells.copy()
    data.obs["scinno"] = pd.Categorical(small_fit.labels.astype(str)).rename_categories(NAMES[:3])
    data.obs["$kind$"] = pd.Categorical(np.resize(NAMES, data.n_obs))
    data.obs["$\\age"] = np.arange(data.n_obs, dtype=float)
    data.var_names = ["$\\gene$" if i == 0 else f"G{i}" for i in range(data.n_vars)]
    data.obsm["scinno_memberships"] = small_fit.memberships
    data.obsm["X_scinno"], data.obsm["X_umap"] = small_fit.embedding, small_fit.embedding[:, :2]
    data.uns["scinno"] = {"seed": 0}
    return data


def words(axis) -> set[str]:
    """Texts as they are drawn: matplotlib says so itself."""
    shown = {text._preprocess_math(text.get_text()) for text in axis.figure.findobj(Text)}
    assert not any(is_math for _, is_math in shown)
    return {text.lstrip("\u200b") for text, _ in shown}


@pytest.mark.parametrize("color", ["cluster", "$kind$", "$\\age", "$\\gene$"])
def test_a_map_shows_names_of_groups_and_numbers(adata, color, tmp_path):
    axis = scinno.pl.embedding(adata, color, save=tmp_path / "map.svg")
    expected = {"cluster": NAMES[:3], "$kind$": NAMES, "$\\age": ["$\\age"]}.get(color, [])
    found = words(axis)
    assert {name.replace("\u202e", "[U+202E]") for name in expected} <= found
    assert any(color in text for text in found)
    assert "<script" not in (tmp_path / "map.svg").read_text()
    assert "<b>" not in (tmp_path / "map.svg").read_text()


def test_other_pictures_show_them(adata, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for draw in (scinno.pl.memberships, scinno.pl.confidence):
            axis = draw(adata, save=tmp_path / "one.png")
            assert set(NAMES[:3]) <= words(axis)
        axis = scinno.pl.levels(adata, ["scinno", "$kind$"], save=tmp_path / "levels.png")
        assert "$kind$" in words(axis)


@pytest.mark.parametrize("name", ["a", "CD4+ T", "α", "x_1", "👩"])
def test_usual_names_stay(name):
    assert as_label(name) == name
