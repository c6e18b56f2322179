"""The settings that a search tries, and their values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from scinno._runtime.suggest import did_you_mean
from scinno._settings.settings import Settings

# Name of a setting to the values that are tried.
Space = dict[str, tuple[Any, ...]]

# Few settings, each with few values: a search has minutes. What they are for, and why others are
# left out, is in docs/howto/tune.md.
SPACE: Space = {
    "n_genes": (500, 1000, 1500, 2500),
    "noise": ("swap:0.2", "swap:0.3", "swap:0.4", "swap:0.5", "swap:0.6"),
    "n_latent": (32, 64, 128),
    "n_pcs": (20, 30, 50),
    "encoder_weight": (0.75, 1.0, 1.5, 2.0, 3.0),
}
# Trials end before the joint phase, in which these act, or have a length of training of their own.
WITHOUT_EFFECT = frozenset({
    "joint_epochs", "joint_learning_rate", "cluster_loss_weight", "entropy_loss_weight",
    "collapse_guard", "max_label_change", "gamma", "fuzzifier", "steps_per_epoch",
})  # fmt: skip


def check_space(
    space: Mapping[str, Sequence[Any]] | None, settings: Settings, n_genes: int
) -> Space:
    """What is tried beside ``settings``, whose own values are always among the others.

    Parameters
    ----------
    space : mapping of str to sequence, optional
        Values of each setting; default `SPACE`, without more genes than there are.
    settings : Settings
        Where the search starts.
    n_genes : int
        Genes of the data.

    Raises
    ------
    TypeError
        Not a mapping of settings to lists of values; an unknown setting; a value of the wrong type.
    ValueError
        A value out of range; a setting without effect on trials; nothing to try.
    """
    if space is None:
        fewer = tuple(n for n in SPACE["n_genes"] if n < n_genes)
        space = SPACE | {"n_genes": fewer}
    if not isinstance(space, Mapping):
        raise TypeError(
            "space must be a dict of settings and their values, as in {'n_latent': (32, 64)}, got "
            f"{type(space).__name__}"
        )
    known = [field.name for field in dataclasses.fields(settings)]
    found: Space = {}
    for name, values in space.items():
        if name not in known:
            raise TypeError(f"space names an unknown setting {name!r}: {did_you_mean(name, known)}")
        if name in WITHOUT_EFFECT:
            raise ValueError(
                f"space must not name {name}, which has no effect on trials: they end before the "
                "joint phase and have a length of their own"
            )
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise TypeError(f"space[{name!r}] must be a sequence of values, got {values!r}")
        tried = [getattr(settings.replace({name: value}), name) for value in values]
        found[name] = tuple(dict.fromkeys([getattr(settings, name), *tried]))
    found = {name: values for name, values in found.items() if len(values) > 1}
    if not found:
        raise ValueError("space must hold a value to try beside that of the settings, got none")
    return found
