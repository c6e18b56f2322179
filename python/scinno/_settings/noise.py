"""The text that describes a mixture of noises."""

from __future__ import annotations

# Kinds of noise (`scinno._nn.noise`), and those whose strength is a probability.
NOISE_KINDS = ("uniform", "gaussian", "mask", "swap")
PROBABILITIES = ("mask", "swap")
# What is added to values must stay within float32.
MOST = 1e6


def parse_noise(text: str) -> tuple[tuple[str, float], ...]:
    """Read ``"swap:0.3"`` or a mixture such as ``"uniform:0.3+mask:0.1"``; ``"none"`` is empty.

    Raises
    ------
    ValueError
        Unknown kind, or a strength that is not a positive number (a probability for mask and swap).
    """
    if text == "none":
        return ()
    parts = []
    for part in text.split("+"):
        kind, _, strength_text = part.strip().partition(":")
        if kind not in NOISE_KINDS:
            raise ValueError(
                f"noise must be 'none' or 'kind:strength' joined by '+', with kinds "
                f"{', '.join(NOISE_KINDS)}; got {text!r}"
            )
        try:
            strength = float(strength_text)
        except ValueError:
            strength = -1.0
        highest = 1.0 if kind in PROBABILITIES else MOST
        if not 0 < strength <= highest:
            limit = f" and at most {highest:g}" if highest == 1 or strength > MOST else ""
            raise ValueError(
                f"noise needs a strength above 0{limit} after {kind!r}, as in '{kind}:0.3'; "
                f"got {text!r}"
            )
        parts.append((kind, strength))
    return tuple(parts)
