"""Aligning the genes of new cells with those of a fit."""

import numpy as np
import pytest
from conftest import prepared

from scinno._preprocess.genes import align_genes


def test_too_few_matching_genes_are_refused(simulated, names):
    x, _ = simulated
    fitted = prepared(x, names).preprocessing
    with pytest.raises(ValueError, match=r"at least 50% of the 183 genes.* like 'G0'.* got 'A'"):
        align_genes(fitted.genes, np.array(["A", "B", "C"]), 3, fitted.selected, 0.5)
    with pytest.raises(ValueError, match="x has 7 genes but the fit was made with 200: pass"):
        align_genes(fitted.genes, None, 7, fitted.selected, 0.5)
