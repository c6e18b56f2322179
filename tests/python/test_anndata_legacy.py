"""Results of 0.1.0 in an AnnData can still be read."""

from pathlib import Path

import anndata as ad

from scinno._anndata.results import results_of

RUN = Path(__file__).parent / "data" / "run-0.1.0"


def test_the_results_in_an_anndata_have_the_present_names():
    results = results_of(ad.read_h5ad(RUN / "clustered.h5ad"), "scinno")
    assert set(results.about["history"]["phase"]) == {"pretrain", "joint"}
    assert "mean_purity" in results.about["k_evidence"]
    assert results.about["params"]["n_hidden"] == 16
