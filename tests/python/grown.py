"""A tree of labeled points, and its splits, as the tests of both need them."""

import numpy as np
import pandas as pd

from scinno._tree.cluster_tree import node_names
from scinno._tree.linkage import grow
from scinno._tree.splits import split_table


def splits_of(
    x: np.ndarray, labels: np.ndarray, means: np.ndarray, genes: np.ndarray
) -> pd.DataFrame:
    """Splits of the tree of ``x`` (cells, width); ``means`` is expression, (clusters, genes)."""
    linkage = grow(x, labels, 0)
    return split_table(
        linkage, node_names(linkage), x, means[linkage.cluster_of_leaf], genes, seed=0
    )
