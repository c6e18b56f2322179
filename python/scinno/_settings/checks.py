"""Types and ranges of settings."""

from __future__ import annotations

from numbers import Real
from typing import Any

_TINY = 1e-12
# Of numbers with a unit of their own: beyond it float32 would overflow somewhere.
_MOST = 1e6
# Of numbers of things: R has no larger ones.
_LARGE = 2**31 - 1
_MUCH = float("inf")
_RANGES = (
    (("n_genes", "n_hidden", "n_latent", "n_heads", "head_dim", "batch_size"), 2, _LARGE,
     "2 or more"),
    (("min_cells", "n_anchors", "steps_per_epoch"), 1, _LARGE, "1 or more"),
    (("batch_parts",), 1, 64, "1 or more"),  # each has gradients of its own
    (("n_pcs", "n_projection", "pretrain_epochs", "joint_epochs"), 0, _LARGE, "0 or more"),
    (("contrastive_loss_weight", "entropy_loss_weight", "cluster_loss_weight",
      "mask_loss_weight"), 0, _MOST, "0 or more"),
    (("min_cells_fraction", "attention_weight", "max_label_change", "corrupted_weight"), 0, 1,
     "between 0 and 1"),
    (("target_sum",), _TINY, 1e12, "above 0"),
    (("attention_perplexity", "encoder_weight", "temperature", "gamma", "learning_rate",
      "joint_learning_rate"), _TINY, _MOST, "above 0"),
    (("fuzzifier",), 1 + 1e-6, _MOST, "above 1"),
)  # fmt: skip


def check_range(name: str, value: Any) -> None:
    """Refuse a number out of its setting's range (ValueError)."""
    for names, low, high, words in _RANGES:
        if name in names and value is not None and not low <= value <= high:
            if value > high > 1:
                words = f"at most {high:,.10g}"
            raise ValueError(f"{name} must be {words}, got {value!r}")


def typed(name: str, value: Any, kind: str) -> Any:
    """``value`` as its field's type; whole floats pass as int because R has 10 and 10L."""
    if value is None and "None" in kind:
        return None
    wanted = kind.split(" |")[0]
    number = isinstance(value, Real)  # also NumPy's, but no array of one number
    if wanted == "bool":
        good = isinstance(value, bool) or type(value).__name__ == "bool"
        result: Any = bool(value) if good else None
    elif wanted == "int":
        good = number and not isinstance(value, bool) and value == value and value % 1 == 0
        result = int(value) if good else None
    elif wanted == "float":
        good = number and not isinstance(value, bool) and value == value
        result = _as_float(value) if good else None
    else:
        good, result = isinstance(value, str), value
    if not good:
        raise TypeError(f"{name} must be {kind}, got {value!r}")
    return result


def _as_float(value: Any) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number beyond all floats
        return _MUCH if value > 0 else -_MUCH
