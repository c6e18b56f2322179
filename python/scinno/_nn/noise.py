"""Corruptions of a mini-batch: pure functions of values, strength and generator.

The paper uses uniform noise (equation 1). Gaussian, mask (dropout) and value-swap noise, their
mixtures, and a strength matched to each cell's sparsity are what it names as future work; value
swaps follow scMAE (Fang et al., Bioinformatics 2024).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from scinno._settings.noise import PROBABILITIES


def uniform(
    x: Tensor,
    strength: Tensor,
    zero: Tensor,
    generator: torch.Generator,
    batch: Tensor | None = None,
) -> Tensor:
    """Equation (1): x + δ, δ ~ U(−strength, strength)."""
    noise = torch.rand(x.shape, generator=generator, device=x.device)
    return x + (2 * noise - 1) * strength


def gaussian(
    x: Tensor,
    strength: Tensor,
    zero: Tensor,
    generator: torch.Generator,
    batch: Tensor | None = None,
) -> Tensor:
    """X + strength · N(0, 1)."""
    return x + strength * torch.randn(x.shape, generator=generator, device=x.device)


def mask(
    x: Tensor,
    strength: Tensor,
    zero: Tensor,
    generator: torch.Generator,
    batch: Tensor | None = None,
) -> Tensor:
    """Each value becomes "not expressed" with probability ``strength``."""
    return torch.lerp(x, zero.expand_as(x), hits(x, strength, generator))


def swap(
    x: Tensor,
    strength: Tensor,
    zero: Tensor,
    generator: torch.Generator,
    batch: Tensor | None = None,
) -> Tensor:
    """Each value becomes, with probability ``strength``, that of the same gene in another cell.

    The other cell is of the same batch: a value from elsewhere would tell its batch, and the
    network would learn to see that.
    """
    hit = hits(x, strength, generator)
    partner = torch.randperm(len(x), generator=generator, device=x.device)
    if batch is not None:
        partner = within_batch(partner, batch)
    return torch.lerp(x, x.index_select(0, partner), hit)


def hits(x: Tensor, probability: Tensor, generator: torch.Generator) -> Tensor:
    """1 where a value of ``x`` (b, g) is hit, else 0, as float32; ``probability`` is (b, 1).

    `torch.lerp` with it takes one value or the other exactly, in a quarter of `torch.where`'s time
    on a CPU. Each value has 16 random bits, which take a third of the time of random floats.
    """
    bits = torch.empty(-(-x.numel() // 4), dtype=torch.int64, device=x.device)
    bits.random_(-(2**63), None, generator=generator)
    drawn = bits.view(torch.int16)[: x.numel()].view(x.shape)
    return (drawn < (probability * 2**16 - 2**15).round().int()).to(x.dtype)


def within_batch(order: Tensor, batch: Tensor) -> Tensor:
    """A partner of its own batch for each cell, from a random order of all cells, int (b,)."""
    partner = torch.empty_like(order)
    shuffled = order[torch.argsort(batch[order], stable=True)]
    partner[torch.argsort(batch, stable=True)] = shuffled
    return partner


# One function for each of `scinno._settings.noise.NOISE_KINDS`.
KINDS: dict[str, Callable[[Tensor, Tensor, Tensor, torch.Generator, Tensor | None], Tensor]] = {
    "uniform": uniform,
    "gaussian": gaussian,
    "mask": mask,
    "swap": swap,
}


def corrupt(
    x: Tensor,
    noise: tuple[tuple[str, float], ...],
    zero: Tensor,
    generator: torch.Generator,
    adaptive: bool = False,
    batch: Tensor | None = None,
) -> Tensor:
    """Apply each kind of noise in turn.

    Parameters
    ----------
    x : Tensor of float32, (b, g)
        Scaled values.
    noise : pairs of kind and strength
        As `scinno._settings.noise.parse_noise` reads them.
    zero : Tensor of float32, (g,) or (b, g)
        What "not expressed" is in the units of ``x``.
    generator : torch.Generator
        On the device of ``x``.
    adaptive : bool
        Scale the strength of each cell by its share of zeros over the batch's mean share, so
        that sparse cells get more noise; probabilities stay at most 0.9.
    batch : Tensor of int, (b,), optional
        The batch of each cell: values are swapped within it.

    Returns
    -------
    Tensor of float32, (b, g)
    """
    share = torch.ones(len(x), 1, device=x.device)
    if adaptive:
        zeros = (x == zero).float().mean(1, keepdim=True)
        share = zeros / zeros.mean().clamp_min(1e-6)
    for kind, level in noise:
        strength = level * share
        if kind in PROBABILITIES:
            strength = strength.clamp_max(max(level, 0.9))
        x = KINDS[kind](x, strength, zero, generator, batch)
    return x
