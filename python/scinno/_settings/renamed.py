"""Names of settings in earlier versions."""

from __future__ import annotations

import warnings

# Names of 0.1.0, for its files and for users who still write them.
RENAMED_SETTINGS = {
    "hidden": "n_hidden",
    "latent": "n_latent",
    "linear": "n_pcs",
    "deep_weight": "encoder_weight",
    "clean_path": "reconstruct_clean",
    "noise_focus": "corrupted_weight",
    "spot_weight": "mask_loss_weight",
    "activate_code": "activate_latent",
    "projection": "n_projection",
    "contrast_weight": "contrastive_loss_weight",
    "heads": "n_heads",
    "head_width": "head_dim",
    "anchors": "n_anchors",
    "attended_anchors": "attention_perplexity",
    "attention_share": "attention_weight",
    "m": "fuzzifier",
    "entropy_weight": "entropy_loss_weight",
    "cluster_weight": "cluster_loss_weight",
    "most_moved": "max_label_change",
    "epochs": "pretrain_epochs",
}


def present_name(name: str) -> str:
    """The present name of a setting; one of 0.1.0 gives a FutureWarning."""
    present = RENAMED_SETTINGS.get(name, name)
    if present != name:
        warnings.warn(
            f"setting {name!r} is now called {present!r}; the old name goes with version 1.0",
            FutureWarning,
            stacklevel=4,
        )
    return present
