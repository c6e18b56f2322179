"""What a reader should know of a set before reading a score."""

import numpy as np
import pytest
from conftest import simulate

from scinno.bench._execute.quality import common_components, quality


def test_the_check_report_counts_what_is_there():
    import anndata as ad
    import pandas as pd

    counts, types = simulate(cells=120, genes=80)
    names = [f"MT-{j}" if j < 4 else f"G{j}" for j in range(80)]
    batch = np.where(np.arange(120) % 2, "one", "two")
    data = ad.AnnData(counts.astype(float), obs=pd.DataFrame({"batch": batch}, index=[
        str(i) for i in range(120)]), var=pd.DataFrame(index=names))  # fmt: skip
    points = common_components(counts, "counts")
    found = quality(data, counts, "counts", types.astype(str), points, doublets=False)
    dense = counts.toarray()
    assert found["zeros"] == pytest.approx((dense == 0).mean())
    assert found["counts_per_cell"] == np.median(dense.sum(1))
    assert found["genes_per_cell"] == np.median((dense > 0).sum(1))
    share = dense[:, :4].sum(1) / dense.sum(1)
    assert found["mitochondrial_share"] == pytest.approx(np.median(share), rel=1e-5)
    assert (found["types"], found["batches"]) == (3, 2)
    assert found["smallest_type"] == np.bincount(types).min()
    assert 0.8 < found["batch_mix"] < 1.2  # batches drawn at random mix
    far = points + 100 * (batch == "one")[:, None]
    assert quality(data, counts, "counts", types.astype(str), far, False)["batch_mix"] == 0
