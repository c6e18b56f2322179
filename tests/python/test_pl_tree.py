"""The picture of a tree."""

import numpy as np
import pytest
from drawn import clustered as clustered
from drawn import no_figure_is_left as no_figure_is_left
from matplotlib.collections import PathCollection

import scinno


def test_every_split_has_a_dot_and_its_support(small_fit):
    axes = scinno.pl.tree(small_fit, 5)
    tree = small_fit.tree
    heights = np.sqrt(tree.above(5)[:, 2])
    dots = [d.get_offsets()[0][0] for d in axes.collections if isinstance(d, PathCollection)]
    np.testing.assert_allclose(sorted(dots), heights)
    support = tree.splits["support"].head(4)
    written = [text.get_text() for text in axes.texts]
    assert all(f"{value:.2f}" in written for value in support)


def test_leaves_have_their_name_size_and_genes(small_fit):
    tree = small_fit.tree
    sizes = np.bincount(small_fit.labels)
    axes = scinno.pl.tree(tree)
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert len(names) == 3
    for j, size in enumerate(sizes):
        (label,) = (name for name in names if name.startswith(f"{j}  ({size} cells)"))
        rows = tree.splits.head(2)
        genes = {*rows.loc[rows["left"] == str(j), "genes_left"],
                 *rows.loc[rows["right"] == str(j), "genes_right"]}  # fmt: skip
        assert any(label.endswith(", ".join(text.split(", ")[:3])) for text in genes)


def test_it_is_saved_and_says_what_it_needs(small_fit, clustered, tmp_path):
    scinno.pl.tree(small_fit, save=tmp_path / "tree.png")
    assert (tmp_path / "tree.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(TypeError, match="an AnnData holds no tree: give the Fit"):
        scinno.pl.tree(clustered)
    with pytest.raises(ValueError, match="n_clusters must be from 1 to"):
        scinno.pl.tree(small_fit, 10_000)
    with pytest.raises(ValueError, match="has no split to draw"):
        scinno.pl.tree(small_fit, 1)
