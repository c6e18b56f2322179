"""Real labeled sets: clusters found, none dead, labels repeatable, training worth its time."""

import anndata as ad
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import scinno

# Smallest ARI that was seen over three seeds, less a margin for other machines.
FLOORS = {
    "mixology_dropseq_3cl": 0.80,
    "kolodziejczyk_mesc_378c_1047g": 0.90,
    "pollen_counts": 0.80,
    "cellhashing_4lines": 0.80,
}


@pytest.mark.parametrize("name", FLOORS)
def test_known_types_are_found_and_no_cluster_dies(data_folder, name):
    data = ad.read_h5ad(data_folder / f"{name}.h5ad")
    truth = data.obs["cell_type"].to_numpy()
    k = len(np.unique(truth))
    fit = scinno.fit(data.X, k, genes=data.var_names)
    assert len(np.unique(fit.labels)) == k
    assert adjusted_rand_score(truth, fit.labels) > FLOORS[name]
    np.testing.assert_array_equal(fit.predict(data.X[:300]), fit.labels[:300])


def test_an_untrained_network_does_worse(data_folder):
    data = ad.read_h5ad(data_folder / "worm_neuron.h5ad")
    truth = data.obs["cell_type"].to_numpy()
    options = {"n_pcs": 0, "joint_epochs": 0, "attention": False}  # the encoder's code alone
    trained = scinno.fit(data.X, 10, pretrain_epochs=10, **options)
    untrained = scinno.fit(data.X, 10, pretrain_epochs=0, **options)
    assert adjusted_rand_score(truth, trained.labels) > 0.15 + adjusted_rand_score(
        truth, untrained.labels
    )


def test_log_values_are_understood(data_folder):
    data = ad.read_h5ad(data_folder / "pbmc_symphony_log1767.h5ad")
    fit = scinno.fit(data.X, 9, pretrain_epochs=2, joint_epochs=1)
    assert fit.preprocessing.kind == "log"


@pytest.mark.parametrize(("name", "k"), [("mixology_celseq2_5cl", 5), ("mixology_dropseq_3cl", 3)])
def test_the_number_of_pure_lines_is_found_or_one_more(data_folder, name, k):
    data = ad.read_h5ad(data_folder / f"{name}.h5ad")
    fit = scinno.fit(data.X, joint_epochs=0)
    assert fit.n_clusters in (k, k + 1)
    assert adjusted_rand_score(data.obs["cell_type"], fit.labels) > 0.85
