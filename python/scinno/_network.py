"""The denoising network (DN) and the clustering network (CN): modules that hold weights.

Shapes: cells in a batch b, kept genes g, deep code d, linear code p, latent = p + d, clusters k.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from scinno._fuzzy import memberships_of
from scinno._inputs import Inputs
from scinno._settings import Settings
from scinno._threads import one_torch_thread

# Outside training, forward passes run on exactly this many rows (the last block padded), because
# matrix kernels may round differently for other shapes: so a cell's code does not depend on how
# many cells it came with, nor, on one thread, on the number of threads.
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

    def weights(self, z: Tensor, bank: Tensor) -> Tensor:
        """Share of its attention that each cell gives each code, (heads, b, anchors)."""
        q, k = self._split(self.query(z)), self._split(self.key(bank))
        return torch.softmax(q @ k.transpose(1, 2) / self.head_width**0.5, dim=-1)

    def forward(self, z: Tensor, bank: Tensor, keys: Tensor | None = None) -> Tensor:
        """Attended codes, (b, latent), of ``z`` (b, latent) over ``bank`` (anchors, latent).

        ``keys`` (anchors, latent) are compared with ``z`` in place of the bank, if given.
        """
        weights = self.weights(z, bank if keys is None else keys)
        return self.out((weights @ self._split(self.value(bank))).transpose(0, 1).flatten(1))

    @torch.no_grad()
    def start_as_neighbourhood(
        self, z: Tensor, bank: Tensor, neighbours: float, generator: torch.Generator
    ) -> None:
        """First weights that average each cell's nearest codes of the bank.

        All four maps start from one orthonormal frame, so that every head sees the same geometry
        in its own directions, and the output is the attended mean. The sharpness is set so that
        cells of unit length ``z`` (b, latent) attend to ``neighbours`` codes on average (e to the
        entropy of their weights).
        """
        width, latent = self.query.weight.shape
        side = max(width, latent)
        frame, _ = torch.linalg.qr(torch.randn(side, side, generator=generator))
        frame = frame[:width, :latent].to(z.device)
        for layer in (self.query, self.key, self.value, self.out):
            layer.bias.zero_()
        self.value.weight.copy_(frame)
        self.out.weight.copy_(frame.T)
        low, high = -2.0, 8.0  # log sharpness, found by halving
        for _ in range(25):
            middle = (low + high) / 2
            self.query.weight.copy_(frame * float(np.exp(middle)))
            self.key.weight.copy_(frame * float(np.exp(middle)))
            weights = self.weights(z, bank)
            entropy = -torch.xlogy(weights, weights).sum(-1).mean()
            low, high = (middle, high) if entropy > np.log(neighbours) else (low, middle)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(1, (self.heads, self.head_width)).transpose(0, 1)


class Network(nn.Module):
    """DN and CN together, with the fixed parts that training measured.

    Buffers
    -------
    axes : (g, r)
        Principal axes of the scaled values, or nothing (g, 0) where the encoder reads genes.
    shift, stretch : (latent,)
        Bring each path of the code to mean 0 and total variance 1.
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
        self,
        g: int,
        r: int,
        latent: int,
        anchors: int,
        k: int,
        settings: Settings,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.dn = Autoencoder(r or g, settings, generator)
        self.attention = Attention(latent, settings, generator) if settings.attention else None
        self.centres = nn.Parameter(torch.zeros(k, latent))
        self.register_buffer("axes", torch.zeros(g, r))
        self.register_buffer("shift", torch.zeros(latent))
        self.register_buffer("stretch", torch.ones(latent))
        self.register_buffer("anchors", torch.zeros(anchors, latent))
        self.register_buffer("unit", torch.ones(()))

    @classmethod
    def from_weights(cls, settings: Settings, weights: Mapping[str, np.ndarray]) -> Network:
        """The network whose `state_dict` was saved as ``weights``."""
        g, r = weights["axes"].shape
        k, latent = weights["centres"].shape
        generator = torch.Generator()
        network = cls(g, r, latent, len(weights["anchors"]), k, settings, generator)
        network.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in weights.items()})
        return network.eval().requires_grad_(False)

    @property
    def device(self) -> torch.device:
        return self.centres.device

    def scores(self, x: Tensor) -> Tensor:
        """What the encoder reads, (b, r): ``x`` (b, g) on the principal axes, or ``x`` itself.

        Squared error on the axes and squared error in genes differ by a constant, so the
        reconstruction loss is equation (4) either way, at a fraction of the work.
        """
        return x @ self.axes if self.axes.shape[1] else x

    def encode(self, scores: Tensor) -> Tensor:
        """z_clean (b, latent) of what `scores` gives (b, r)."""
        return self.join(scores, self.dn.encoder(scores))

    def join(self, scores: Tensor, deep: Tensor) -> Tensor:
        """The linear paths beside the deep code (b, d), each brought to one scale, (b, latent)."""
        p = min(self.settings.linear, self.axes.shape[1])
        paths = [scores[:, :p], deep] if p else [deep]
        return (torch.cat(paths, dim=1) - self.shift) * self.stretch

    def attend(self, z: Tensor, bank: Tensor | None = None) -> Tensor:
        """z_attn (b, latent): part the cell's own code, part what it attends to.

        With the collapse guard, cells are compared by direction and the result has length 1.
        """
        return self.unit_length(self.mix(z, bank))

    def mix(self, z: Tensor, bank: Tensor | None = None) -> Tensor:
        """`attend` before it is brought to length 1; in the units of z_clean."""
        if self.attention is None:
            return z
        bank = self.anchors if bank is None else bank
        share = self.settings.attention_share
        attended = self.attention(self.unit_length(z), bank, self.unit_length(bank))
        return (1 - share) * z + share * attended

    def unit_length(self, z: Tensor) -> Tensor:
        """``z`` with rows of length 1, or as it is without the collapse guard."""
        return functional.normalize(z) if self.settings.collapse_guard else z

    def decode_code(self, z: Tensor) -> Tensor:
        """What the encoder reads (b, r), rebuilt from z_clean (b, latent)."""
        d = self.settings.latent
        return self.dn.decoder(z[:, -d:] / self.stretch[-d:] + self.shift[-d:])

    def genes(self, scores: Tensor) -> Tensor:
        """Scaled values (b, g) from `scores` (b, r)."""
        if not self.axes.shape[1]:
            return scores
        return scores @ (self.axes / self.axes.square().sum(0)).T

    # -- whole data sets, in padded blocks -------------------------------------------------------

    def scores_of(self, inputs: Inputs) -> np.ndarray:
        """`scores` of all cells, float32 (cells, r)."""
        return np.concatenate([self._padded(x, self.scores) for x in inputs.blocks(BLOCK)])

    def codes(self, scores: np.ndarray) -> np.ndarray:
        """z_clean of all cells from their `scores_of`, float32 (cells, latent)."""
        return self._blockwise(scores, self.encode)

    def codes_of(self, inputs: Inputs) -> np.ndarray:
        """z_clean of all cells, float32 (cells, latent), never more than a block of genes dense."""
        blocks = (self._padded(x, self.scores) for x in inputs.blocks(BLOCK))
        return np.concatenate([self._padded(s, self.encode) for s in blocks])

    def attended(self, code: np.ndarray) -> np.ndarray:
        """z_attn of all cells, float32 (cells, latent)."""
        return self._blockwise(code, self.attend)

    def memberships(self, embedding: np.ndarray) -> np.ndarray:
        """Equation (9) for embedded cells, float32 (cells, k)."""
        gamma, unit = self.settings.gamma, self.unit
        return self._blockwise(embedding, lambda z: memberships_of(z, self.centres, gamma, unit))

    def decoded(self, code: np.ndarray) -> np.ndarray:
        """Scaled values from z_clean, float32 (cells, g)."""
        return self._blockwise(code, lambda z: self.genes(self.decode_code(z)))

    def _blockwise(self, rows: np.ndarray, f: Callable[[Tensor], Tensor]) -> np.ndarray:
        starts = range(0, len(rows), BLOCK)
        return np.concatenate([self._padded(rows[i : i + BLOCK], f) for i in starts])

    @torch.no_grad()
    def _padded(self, block: np.ndarray, f: Callable[[Tensor], Tensor]) -> np.ndarray:
        padded = np.zeros((BLOCK, block.shape[1]), dtype=np.float32)
        padded[: len(block)] = block
        with one_torch_thread():
            return f(torch.from_numpy(padded).to(self.device))[: len(block)].cpu().numpy()
