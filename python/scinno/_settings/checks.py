"""Types and ranges of settings."""

from __future__ import annotations

from typing import Any

_TINY = 1e-12
_MUCH = float("inf")
_RANGES = (
    (("n_genes", "n_hidden", "n_latent", "n_heads", "head_dim", "batch_size"), 2, _MUCH,
     "2 or more"),
    (("min_cells", "n_anchors", "steps_per_epoch"), 1, _MUCH, "1 or more"),
    (("n_pcs", "n_projection", "pretrain_epochs", "joint_epochs", "contrastive_loss_weight",
      "entropy_loss_weight", "cluster_loss_weight", "mask_loss_weight"), 0, _MUCH, "0 or more"),
    (("min_cells_fraction", "attention_weight", "max_label_change", "corrupted_weight"), 0, 1,
     "between 0 and 1"),
    (("target_sum", "attention_perplexity", "encoder_weight", "temperature", "gamma",
      "learning_rate", "joint_learning_rate"), _TINY, _MUCH, "above 0"),
    (("fuzzifier",), 1 + 1e-6, _MUCH, "above 1"),
)  # fmt: skip


def check_range(name: str, value: Any) -> None:
    """Refuse a number out of its setting's range (ValueError)."""
    for names, low, high, words in _RANGES:
        if name in names and value is not None and not low <= value <= high:
            raise ValueError(f"{name} must be {words}, got {value!r}")


def typed(name: str, value: Any, kind: str) -> Any:
    """``value`` as its field's type; whole floats pass as int because R has 10 and 10L."""
    if value is None and "None" in kind:
        return None
    wanted = kind.split(" |")[0]
    number = isinstance(value, int | float) or hasattr(value, "__index__")
    if wanted == "bool":
        good = isinstance(value, bool) or type(value).__name__ == "bool"
        result: Any = bool(value) if good else None
    elif wanted == "int":
        good = number and not isinstance(value, bool) and float(value).is_integer()
        result = int(value) if good else None
    elif wanted == "float":
        good = number and not isinstance(value, bool) and float(value) == float(value)
        result = float(value) if good else None
    else:
        good, result = isinstance(value, str), value
    if not good:
        raise TypeError(f"{name} must be {kind}, got {value!r}")
    return result
