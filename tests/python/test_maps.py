"""Maps of a run, drawn into files."""

import numpy as np

from scinno._drawing.maps import draw


def test_a_column_of_many_values_has_no_legend(tmp_path):
    rng = np.random.default_rng(0)
    flat, labels = rng.normal(size=(600, 2)), np.array([f"cell {i}" for i in range(600)])
    draw(tmp_path / "map.png", flat, "UMAP", np.zeros(600, int), np.ones(600), labels)
    assert (tmp_path / "map.png").stat().st_size > 1000
