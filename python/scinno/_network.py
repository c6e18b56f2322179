"""The denoising network (DN) and the clustering network (CN): modules that hold weights.

Shapes: cells in a batch b, kept genes g, deep code d, linear code p, latent = p + d, clusters k.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn

from scinno._fuzzy import memberships_of
from scinno._inputs import Inputs
from scinno._settings import Settings

# Outside training, forward passes run on exactly this many rows (the last block padded), because
# matrix kernels may round differently for other shapes: so a cell's code does not depend on how
# many cells it came with.
BLOCK = 256


def _linear(n_in: int, n_out: int, generator: torch.Generator) -> nn.Linear:
    """A linear layer whose first weights come from ``generator`` alone, not the global state."""
    layer = nn.utils.skip_init(nn.Linear, n_in, n_out)
    bound = n_in**-0.5
    with torch.no_grad():
        layer.weight.uniform_(-bound, bound, generator=generator)
        layer.bias.uniform_(-bound, bound, generator=generator)
    return layer


class Autoencoder(nn.Module):
    """DN, equations (2) and (5): one encoder and one decoder, shared by both paths."""

    def __init__(self, g: int, settings: Settings, generator: torch.Generator) -> None:
        super().__init__()
        h, d = settings.hidden, settings.latent
        self.encoder = nn.Sequential(
            _linear(g, h, generator), nn.LeakyReLU(), _linear(h, d, generator)
        )
        if settings.activate_code:
            self.encoder.append(nn.LeakyReLU())
        self.decoder = nn.Sequential(
            _linear(d, h, generator), nn.LeakyReLU(), _linear(h, g, generator)
        )
        # InfoNCE straight on the code pulls apart cells of one type; a head in between does not.
        self.projection = nn.Sequential()
        if settings.projection:
            self.projection.append(_linear(d, d, generator))
            self.projection.append(nn.LeakyReLU())
            self.projection.append(_linear(d, settings.projection, generator))


class Attention(nn.Module):
    """CN, equations (6) to (8): multi-head attention of cells over a bank of codes."""

    def __init__(self, latent: int, settings: Settings, generator: torch.Generator) -> None:
        super().__init__()
        self.heads, self.head_width = settings.heads, settings.head_width
        width = self.heads * self.head_width
        self.query = _linear(latent, width, generator)
        self.key = _linear(latent, width, generator)
        self.value = _linear(latent, width, generator)
        self.out = _linear(width, latent, generator)

    def forward(self, z: Tensor, bank: Tensor) -> Tensor:
        """Attended codes, (b, latent), of ``z`` (b, latent) over ``bank`` (anchors, latent)."""
        q = self._split(self.query(z))  # (heads, b, head_width)
        k, v = self._split(self.key(bank)), self._split(self.value(bank))
        weights = torch.softmax(q @ k.transpose(1, 2) / self.head_width**0.5, dim=-1)
        return self.out((weights @ v).transpose(0, 1).flatten(1))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (self.heads, self.head_width)).transpose(0, 1)


class Network(nn.Module):
    """DN and CN together, with the fixed parts that training measured.

    Buffers
    -------
    axes : (g, p)
        Principal axes of the scaled values: the linear path beside the deep encoder.
    shift, stretch : (latent,)
        Bring each of the two paths to mean 0 and total variance 1.
    anchors : (anchors, latent)
        Codes that cells attend to.
    unit : ()
        What squared distances are measured in, see `memberships_of`.
    """

    axes: Tensor
    shift: Tensor
    stretch: Tensor
    anchors: Tensor
    unit: Tensor

    def __init__(
        self, g: int, p: int, anchors: int, k: int, settings: Settings, generator: torch.Generator
    ) -> None:
        super().__init__()
        latent = p + settings.latent
        self.settings = settings
        self.dn = Autoencoder(g, settings, generator)
        self.attention = Attention(latent, settings, generator) if settings.attention else None
        self.centres = nn.Parameter(torch.zeros(k, latent))
        self.register_buffer("axes", torch.zeros(g, p))
        self.register_buffer("shift", torch.zeros(latent))
        self.register_buffer("stretch", torch.ones(latent))
        self.register_buffer("anchors", torch.zeros(anchors, latent))
        self.register_buffer("unit", torch.ones(()))

    @classmethod
    def from_weights(cls, settings: Settings, weights: Mapping[str, np.ndarray]) -> Network:
        """The network whose `state_dict` was saved as ``weights``."""
        g, p = weights["axes"].shape
        sizes = g, p, len(weights["anchors"]), len(weights["centres"])
        network = cls(*sizes, settings, torch.Generator())
        network.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in weights.items()})
        return network.eval()

    @property
    def device(self) -> torch.device:
        return self.centres.device

    def join(self, x: Tensor, deep: Tensor) -> Tensor:
        """z_clean: the linear code of ``x`` (b, g) beside the deep code (b, d), (b, latent)."""
        return (torch.cat([x @ self.axes, deep], dim=1) - self.shift) * self.stretch

    def attend(self, z: Tensor, bank: Tensor | None = None) -> Tensor:
        """z_attn (b, latent): part the cell's own code, part what it attends to."""
        if self.attention is None:
            return z
        share = self.settings.attention_share
        return (1 - share) * z + share * self.attention(z, self.anchors if bank is None else bank)

    def decode_code(self, z: Tensor) -> Tensor:
        """Scaled values, (b, g), from z_clean (b, latent)."""
        p = self.axes.shape[1]
        return self.dn.decoder(z[:, p:] / self.stretch[p:] + self.shift[p:])

    @torch.no_grad()
    def embed(self, inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
        """z_clean and z_attn of all cells, each float32 (cells, latent)."""
        latent = self.shift.shape[0]
        code = np.empty((inputs.n_cells, latent), dtype=np.float32)
        start = 0
        for block in inputs.blocks(BLOCK):
            code[start : start + len(block)] = self._in_blocks(block, self._encode)
            start += len(block)
        return code, self.embed_code(code)

    def embed_code(self, code: np.ndarray) -> np.ndarray:
        """z_attn from z_clean, float32 (cells, latent)."""
        return self._in_blocks(code, self.attend)

    def memberships(self, embedding: np.ndarray) -> np.ndarray:
        """Equation (9) for embedded cells, float32 (cells, k)."""
        gamma, unit = self.settings.gamma, self.unit
        return self._in_blocks(
            embedding, lambda z: memberships_of(z, self.centres, gamma, unit)
        )

    def decode(self, code: np.ndarray) -> np.ndarray:
        """Scaled values from z_clean, float32 (cells, g)."""
        return self._in_blocks(code, self.decode_code)

    def _encode(self, x: Tensor) -> Tensor:
        return self.join(x, self.dn.encoder(x))

    @torch.no_grad()
    def _in_blocks(self, rows: np.ndarray, f: Callable[[Tensor], Tensor]) -> np.ndarray:
        parts = []
        for start in range(0, len(rows), BLOCK):
            block = rows[start : start + BLOCK]
            padded = np.zeros((BLOCK, rows.shape[1]), dtype=np.float32)
            padded[: len(block)] = block
            result = f(torch.from_numpy(padded).to(self.device))
            parts.append(result[: len(block)].cpu().numpy())
        return np.concatenate(parts)
