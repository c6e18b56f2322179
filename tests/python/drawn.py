"""A clustering to draw, and what its pictures show, read back from their axes."""

import anndata as ad
import matplotlib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from scinno._anndata.cluster import store
from scinno._drawing.palette import NO_GROUP as NO_GROUP
from scinno._drawing.palette import PALETTE as PALETTE

matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def no_figure_is_left():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def clustered(small_fit, simulated, names) -> ad.AnnData:
    n = len(small_fit.labels)
    obs = pd.DataFrame(
        {
            "type": [f"type {t}" for t in simulated[1]],
            "age": np.linspace(0, 9, n),
            "barcode": [f"b{i}" for i in range(n)],
        },
        index=[f"c{i}" for i in range(n)],
    )
    adata = ad.AnnData(simulated[0].astype(np.float32), obs=obs, var=pd.DataFrame(index=names))
    adata.layers["log"] = sp.csr_matrix(simulated[0].astype(np.float32) / 3)
    adata.obsm["X_umap"] = np.random.default_rng(0).normal(size=(n, 2))
    store(adata, small_fit, "scinno")
    return adata


def points(axes: Axes) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the cells and their colors, as drawn."""
    drawn = [c for c in axes.collections if len(c.get_offsets())]
    at = np.concatenate([np.asarray(c.get_offsets()) for c in drawn])
    colors = []
    for c in drawn:
        c.update_scalarmappable()
        faces = c.get_facecolors()
        colors += [to_hex(f) for f in np.broadcast_to(faces, (len(c.get_offsets()), 4))]
    return at, np.array(colors)


def color_at(axes: Axes, places: np.ndarray) -> np.ndarray:
    """Color of the point at each place."""
    at, colors = points(axes)
    found = ((at[None] - places[:, None]) ** 2).sum(-1).argmin(1)
    np.testing.assert_allclose(at[found], places, atol=1e-6)
    return colors[found]


def heights(axes: Axes) -> dict[str, list[float]]:
    return {
        bars.get_label(): [round(bar.get_height(), 3) for bar in bars]
        for bars in axes.containers
        if isinstance(bars, matplotlib.container.BarContainer)
    }
