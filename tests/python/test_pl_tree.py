"""The picture of a tree."""

from dataclasses import replace

import numpy as np
import pytest
from drawn import clustered as clustered
from drawn import no_figure_is_left as no_figure_is_left
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection

import scinno


def test_every_split_has_a_dot_and_its_support(small_fit):
    axes = scinno.pl.tree(small_fit, 5)[0]
    tree = small_fit.tree
    heights = np.sqrt(tree.above(5)[:, 2])
    dots = [d.get_offsets() for d in axes.collections if isinstance(d, PathCollection)]
    np.testing.assert_allclose(sorted(d[0][0] for d in dots if len(d) == 1), heights)
    support = tree.splits["support"].head(4)
    written = [text.get_text() for text in axes.texts]
    assert all(f"{value:.2f}" in written for value in support)


def test_leaves_have_their_name_size_and_genes(small_fit):
    tree = small_fit.tree
    sizes = np.bincount(small_fit.labels)
    [axes] = scinno.pl.tree(tree)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert len(names) == 3
    for j, size in enumerate(sizes):
        (label,) = (name for name in names if name.startswith(f"{j}  ({size} cells)"))
        rows = tree.splits.head(2)
        genes = {*rows.loc[rows["left"] == str(j), "genes_left"],
                 *rows.loc[rows["right"] == str(j), "genes_right"]}  # fmt: skip
        assert any(label.endswith(", ".join(text.split(", ")[:3])) for text in genes)


def test_dots_stand_beside_their_leaves_and_are_of_the_counts(small_fit, clustered):
    genes, tree = ["G3", "G20", "G40"], small_fit.tree
    axes = scinno.pl.tree(small_fit, 5, adata=clustered, genes=genes)
    rows = [tree.names(5).index(label.get_text().split()[0]) for label in axes[0].get_yticklabels()]
    assert rows != sorted(rows)
    assert [label.get_text() for label in axes[1].get_xticklabels()] == genes
    assert axes[0].get_ylim() == axes[1].get_ylim()
    dots, labels = axes[1].collections[0], tree.cut(5)
    values = clustered[:, genes].X.toarray()
    log = np.log1p(values / np.asarray(clustered.X.sum(1)) * 1e4)
    means = np.stack([log[labels == j].mean(0) for j in range(5)])
    for (column, row), size, level in zip(
        dots.get_offsets().astype(int), dots.get_sizes(), dots.get_array(), strict=True
    ):
        fraction = (values[labels == rows[row], column] > 0).mean()
        assert size == pytest.approx(2 + 190 * fraction)
        gene = means[:, column]
        expected = (gene[rows[row]] - gene.min()) / (gene.max() - gene.min())
        assert level == pytest.approx(expected, abs=1e-4)
    assert axes[1].get_legend().get_title().get_text() == "fraction of cells"


def test_without_counts_the_dots_are_denoised_and_equally_large(small_fit):
    axes = scinno.pl.tree(small_fit, genes=["G3", "G20"])
    dots = axes[1].collections[0]
    assert len(set(dots.get_sizes())) == 1
    assert axes[1].get_legend() is None
    rows = [int(label.get_text()[0]) for label in axes[0].get_yticklabels()]
    column = small_fit.genes.tolist().index("G20")
    means = [small_fit.denoised(small_fit.labels == j)[:, column].mean() for j in rows]
    found = [level for (x, _), level in zip(dots.get_offsets(), dots.get_array(), strict=True) if x]
    expected = (np.array(means) - min(means)) / (max(means) - min(means))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_genes_are_those_of_the_branches(small_fit):
    """A tree with genes: the small fit is too short to have any that differ twofold."""
    splits = small_fit.tree.splits.copy()
    known = small_fit.genes
    splits["genes_left"] = [f"{known[2 * i]}, {known[2 * i + 50]}" for i in range(len(splits))]
    splits["genes_right"] = ["", *(known[2 * i + 1] for i in range(1, len(splits)))]
    tree = replace(small_fit.tree, splits=splits)
    [axes] = scinno.pl.tree(tree)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    rows = splits.head(2).to_dict("records")
    named = {row[side]: row[f"genes_{side}"] for row in rows for side in ("left", "right")}
    assert {label.split()[0]: label.partition("cells)")[2].strip() for label in labels} == {
        str(j): named[str(j)] for j in range(3)
    }
    fit = replace(small_fit)
    fit.__dict__["tree"] = tree
    shown = [label.get_text() for label in scinno.pl.tree(fit)[1].get_xticklabels()]
    assert sorted(shown) == sorted(known[[0, 50, 2, 52, 3]])


def test_given_axes_are_drawn_on(small_fit):
    figure, both = plt.subplots(1, 2)
    assert scinno.pl.tree(small_fit, genes=["G3"], ax=both) == list(both)
    _, one = plt.subplots()
    assert scinno.pl.tree(small_fit, ax=one) == [one]
    with pytest.raises(ValueError, match="ax must be 2 axes"):
        scinno.pl.tree(small_fit, genes=["G3"], ax=list(figure.axes)[:1])


def test_what_is_wrong_with_cells_and_genes_is_said(small_fit, clustered):
    with pytest.raises(ValueError, match="adata must hold the 150 cells of the fit, got 20"):
        scinno.pl.tree(small_fit, adata=clustered[:20], genes=["G3"])
    with pytest.raises(TypeError, match="adata must be an AnnData, got csr_matrix"):
        scinno.pl.tree(small_fit, adata=clustered.X, genes=["G3"])
    with pytest.raises(KeyError, match="gene 'G3x' is not in adata.var_names: did you mean"):
        scinno.pl.tree(small_fit, adata=clustered, genes=["G3x"])
    with pytest.raises(KeyError, match="gene 'nix' is not among those that the network reads"):
        scinno.pl.tree(small_fit, genes=["nix"])
    with pytest.raises(ValueError, match="which a tree alone does not hold: give adata"):
        scinno.pl.tree(small_fit.tree, genes=["G3"])


def test_it_is_saved_and_says_what_it_needs(small_fit, clustered, tmp_path):
    scinno.pl.tree(small_fit, save=tmp_path / "tree.png")
    assert (tmp_path / "tree.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(TypeError, match="an AnnData holds no tree: give the Fit"):
        scinno.pl.tree(clustered)
    with pytest.raises(ValueError, match="n_clusters must be from 1 to"):
        scinno.pl.tree(small_fit, 10_000)
    with pytest.raises(ValueError, match="has no split to draw"):
        scinno.pl.tree(small_fit, 1)
