"""The picture of the levels of a clustering."""

import numpy as np
import pandas as pd
import pytest
from drawn import clustered as clustered
from drawn import no_figure_is_left as no_figure_is_left
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch

import scinno

PALETTE = ("#0072b2", "#e69f00", "#009e73")


def circles(axes) -> pd.DataFrame:
    """Level, place, area, color and name of each circle."""
    (dots,) = (c for c in axes.collections if isinstance(c, PathCollection))
    at = np.asarray(dots.get_offsets())
    return pd.DataFrame({
        "level": at[:, 0], "place": at[:, 1], "area": dots.get_sizes(),
        "color": [to_hex(edge) for edge in dots.get_edgecolors()],
        "name": [text.get_text() for text in axes.texts],
    })  # fmt: skip


def bands(axes) -> list[tuple]:
    """Ends and width of each band."""
    found = [patch for patch in axes.patches if isinstance(patch, PathPatch)]
    return [(tuple(p.get_path().vertices[0]), tuple(p.get_path().vertices[-1]), p.get_linewidth())
            for p in found]  # fmt: skip


def test_a_circle_for_each_cluster_of_each_level_with_its_name_and_area(small_fit):
    tree = small_fit.tree
    axes = scinno.pl.levels(small_fit)
    titles = [label.get_text() for label in axes.get_xticklabels()]
    assert titles == ["2", "3", "5"]
    weights = [label.get_weight() for label in axes.get_xticklabels()]
    assert weights == ["normal", "bold", "normal"]
    found = circles(axes)
    sizes = []
    for level, k in enumerate([2, 3, 5]):
        own = found[found["level"] == level]
        assert own["name"].tolist() == tree.names(k)
        sizes += np.bincount(tree.cut(k)).tolist()
    np.testing.assert_allclose(found["area"] / found["area"].max(), np.array(sizes) / max(sizes))
    colors = dict(zip(found["name"], found["color"], strict=True))
    assert all(color == PALETTE[int(name[0])] for name, color in colors.items() if "+" not in name)


def test_bands_go_from_a_cluster_to_its_parts_and_circles_do_not_touch(small_fit):
    axes = scinno.pl.levels(small_fit.tree, [5, 2, 3, 2])
    found = circles(axes)
    names = {(row.level, row.place): row.name for row in found.itertuples(index=False)}
    joined = {(names[a], names[b]) for a, b, _ in bands(axes)}
    assert len(bands(axes)) == len(joined) == 3 + 5
    assert all(b in a.split("+") or b == a or b.startswith(f"{a}.") for a, b in joined)
    point = 72 / axes.figure.dpi
    pixels = axes.transData.transform(found[["level", "place"]]) * point
    radius = np.sqrt(found["area"].to_numpy()) / 2
    for i in range(len(found)):
        for j in range(i):
            assert np.hypot(*(pixels[i] - pixels[j])) > radius[i] + radius[j]


def test_columns_of_an_anndata_need_not_be_nested(clustered):
    data = clustered.copy()
    data.obs["other"] = pd.Categorical(np.where(np.arange(150) % 3 == 0, "x", "y"))
    data.obs.loc[data.obs_names[:9], "other"] = np.nan
    axes = scinno.pl.levels(data, ["other", "type", "scinno"])
    titles = [label.get_text() for label in axes.get_xticklabels()]
    assert titles == ["other", "type", "scinno"]
    found = circles(axes)
    assert found["name"].tolist()[:5] == ["x", "y", "type 0", "type 1", "type 2"]
    sizes = data.obs["other"].value_counts()
    ratio = found["area"][0] / found["area"][1]
    assert ratio == pytest.approx(sizes["x"] / sizes["y"])
    crossed = pd.crosstab(data.obs["other"], data.obs["type"])
    assert len(bands(axes)) >= int((crossed > 0).to_numpy().sum()) + 3
    # A cluster stands beside the type that most of its cells are of.
    types, own = found[found["level"] == 1], found[found["level"] == 2]
    best = pd.crosstab(data.obs["scinno"], data.obs["type"]).idxmax(axis=1)
    places = dict(zip(types["name"], types["place"], strict=True))
    for row in own.itertuples(index=False):
        assert row.place == pytest.approx(places[best[row.name]], abs=1e-9)


def test_it_is_saved_drawn_on_axes_and_says_what_it_needs(small_fit, clustered, tmp_path):
    _, ax = plt.subplots()
    assert scinno.pl.levels(small_fit, [2, 3], ax=ax, save=tmp_path / "levels.png") is ax
    assert (tmp_path / "levels.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(TypeError, match="data must be a scinno.Fit, its tree, or an AnnData"):
        scinno.pl.levels(3)
    with pytest.raises(ValueError, match="n_clusters must be from 1 to"):
        scinno.pl.levels(small_fit, [2, 10_000])
    with pytest.raises(ValueError, match="levels must name at least one number"):
        scinno.pl.levels(small_fit, [])
    with pytest.raises(ValueError, match="an AnnData holds no tree: levels must name two or more"):
        scinno.pl.levels(clustered)
    with pytest.raises(KeyError, match="'typ' is not in adata.obs: did you mean 'type'"):
        scinno.pl.levels(clustered, ["typ", "scinno"])
    empty = clustered.copy()
    empty.obs["none"] = pd.Categorical([np.nan] * 150)
    with pytest.raises(ValueError, match=r"obs\['none'\] must hold clusters, got none"):
        scinno.pl.levels(empty, ["none", "scinno"])
