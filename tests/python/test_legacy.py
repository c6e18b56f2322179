"""What scinno 0.1.0 wrote can still be read; the folder was made with that version."""

import json
from pathlib import Path

import anndata as ad
import numpy as np
import pytest

import scinno
from scinno._result.legacy import COLUMNS

RUN = Path(__file__).parent / "data" / "run-0.1.0"


@pytest.fixture(scope="module")
def old() -> scinno.Fit:
    return scinno.load(RUN / "model.safetensors")


@pytest.fixture(scope="module")
def expected() -> dict[str, np.ndarray]:
    """What 0.1.0 itself made of the model and of twenty new cells."""
    with np.load(RUN / "expected.npz") as file:
        return dict(file)


def test_a_model_predicts_as_it_did(old, expected):
    genes = ad.read_h5ad(RUN / "clustered.h5ad").var_names
    new = expected["new_cells"].astype(np.float32)
    np.testing.assert_array_equal(old.labels, expected["training_labels"])
    np.testing.assert_array_equal(old.memberships, expected["training_memberships"])
    # Products of another processor may differ in the last digit.
    for name, found in (
        ("embedding", old.transform(new, genes)),
        ("memberships", old.memberships_of(new, genes)),
        ("denoised", old.denoised([0, 5])),
    ):
        np.testing.assert_allclose(found, expected[name], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(old.predict(new, genes), expected["labels"])


def test_settings_and_tables_have_the_present_names(old):
    written = json.loads((RUN / "settings.json").read_text())["settings"]
    with pytest.warns(FutureWarning, match="setting '.*' is now called"):
        # Its mini-batches were whole, as in all versions before parts had a setting.
        assert scinno.Settings(batch_parts=1).replace(written) == old.settings
    assert old.settings.n_hidden == 16
    assert set(old.history["phase"]) == {"pretrain", "joint"}
    assert {"n_epochs", "contrastive", "mask_prediction", "label_change"} <= set(old.history)
    assert {"mean_purity", "min_purity", "pure_clusters", "in_range"} <= set(old.k_evidence)
    assert not {*COLUMNS} & {*old.history, *old.k_evidence}


def test_it_can_be_saved_in_the_present_format(old, tmp_path):
    old.save(tmp_path / "new")
    again = scinno.load(tmp_path / "new")
    np.testing.assert_array_equal(again.latent, old.latent)
    assert again.settings == old.settings
    assert again.to_bytes() == old.to_bytes()
