"""Multi-head attention of cells over anchors."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from scinno._nn.layers import linear
from scinno._settings.settings import Settings


class Attention(nn.Module):
    """CN, equations (6) to (8).

    Parameters
    ----------
    latent : int
        Width of the codes.
    settings : Settings
    generator : torch.Generator
        For the first weights, on the CPU.
    """

    def __init__(self, latent: int, settings: Settings, generator: torch.Generator) -> None:
        super().__init__()
        self.n_heads, self.head_dim = settings.n_heads, settings.head_dim
        width = self.n_heads * self.head_dim
        self.query = linear(latent, width, generator)
        self.key = linear(latent, width, generator)
        self.value = linear(latent, width, generator)
        self.out = linear(width, latent, generator)

    def weights(self, z: Tensor, anchors: Tensor) -> Tensor:
        """Share of its attention that each cell gives each anchor, (heads, b, anchors)."""
        q, k = self._split(self.query(z)), self._split(self.key(anchors))
        return torch.softmax(q @ k.transpose(1, 2) / self.head_dim**0.5, dim=-1)

    def forward(self, z: Tensor, anchors: Tensor, keys: Tensor | None = None) -> Tensor:
        """Attended codes, (b, latent), of ``z`` (b, latent) over ``anchors`` (anchors, latent).

        ``keys`` (anchors, latent) are compared with ``z`` in place of the anchors, if given.
        """
        # Not scaled_dot_product_attention: it gives no weights, and its last digits differ.
        weights = self.weights(z, anchors if keys is None else keys)
        return self.out((weights @ self._split(self.value(anchors))).transpose(0, 1).flatten(1))

    @torch.no_grad()
    def init_as_neighborhood(
        self, z: Tensor, anchors: Tensor, perplexity: float, generator: torch.Generator
    ) -> None:
        """First weights that average each cell's nearest anchors.

        All four maps start from one orthonormal frame, so that every head sees the same geometry
        in its own directions, and the output is the attended mean. The sharpness is set so that
        cells of unit length ``z`` (b, latent) attend to an effective number of ``perplexity``
        anchors on average (e to the entropy of their weights).
        """
        width, latent = self.query.weight.shape
        side = max(width, latent)
        frame, _ = torch.linalg.qr(torch.randn(side, side, generator=generator))
        frame = frame[:width, :latent].to(z.device)
        for layer in (self.query, self.key, self.value, self.out):
            layer.bias.zero_()
        self.value.weight.copy_(frame)
        self.out.weight.copy_(frame.T)
        low, high = -2.0, 8.0  # log sharpness, found by bisection
        for _ in range(25):
            middle = (low + high) / 2
            self.query.weight.copy_(frame * float(np.exp(middle)))
            self.key.weight.copy_(frame * float(np.exp(middle)))
            weights = self.weights(z, anchors)
            entropy = -torch.xlogy(weights, weights).sum(-1).mean()
            low, high = (middle, high) if entropy > np.log(perplexity) else (low, middle)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (self.n_heads, self.head_dim)).transpose(0, 1)
