"""The denoising network (DN) and the clustering network (CN): modules that hold weights.

Shapes: cells in a batch b, kept genes g, deep code d, linear code p, latent = p + d, clusters k.
The linear code, the first principal components, stands beside the deep one: two views of a cell are
better than one (docs/decisions/code-and-attention.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from scinno._nn.memberships import memberships_of
from scinno._preprocess.inputs import Inputs
from scinno._runtime.threads import one_torch_thread
from scinno._settings import Settings

# Outside training, forward passes run on exactly this many rows (the last block padded), because
# matrix kernels may round differently for other shapes: so a cell's code does not depend on how
# many cells it came with, nor, on one thread, on the number of threads. GPUs need more at a time.
BLOCK = {"cpu": 256, "cuda": 8192}


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
        self.encoder = nn.Sequential(_linear(g, h, generator))
        if settings.layer_norm:
            self.encoder.append(nn.LayerNorm(h))
        self.encoder.append(nn.LeakyReLU())
        self.encoder.append(_linear(h, d, generator))
        if settings.activate_code:
            self.encoder.append(nn.LeakyReLU())
        self.decoder = nn.Sequential(
            _linear(d, h, generator), nn.LeakyReLU(), _linear(h, g, generator)
        )
        # Which values are noise, read off the noisy code (Fang et al., Bioinformatics 2024).
        self.spotter = _linear(d, g, generator) if settings.spot_weight else None
        # InfoNCE straight on the code pulls apart cells of one type; a head in between does not.
        self.projection = nn.Sequential()
        if settings.projection:
            self.projection.append(_linear(d, d, generator))
            self.projection.append(nn.LeakyReLU())
            self.projection.append(_linear(d, settings.projection, generator))

        self._precision = settings.precision

    def trained(self, layers: nn.Module, x: Tensor) -> Tensor:
        """``layers`` of ``x``, float32, with matrix products in training's precision."""
        low = self._precision == "bfloat16" or (
            self._precision == "auto" and has_bfloat16(x.device)
        )
        with torch.autocast(x.device.type, torch.bfloat16, enabled=low):
            result: Tensor = layers(x)
        return result.float()


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 natively: elsewhere it is slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


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
    axes : (g, p)
        Principal axes of the scaled values, the linear path; (g, 0) without one.
    reach : ()
        Length of the linear code from which on only its direction counts.
    stretch : (latent,)
        Weights of both views.
    anchors : (anchors, latent)
        Codes that cells attend to.
    unit : ()
        What squared distances are measured in, see `memberships_of`.
    """

    axes: Tensor
    reach: Tensor
    stretch: Tensor
    anchors: Tensor
    unit: Tensor

    def __init__(
        self,
        g: int,
        p: int,
        anchors: int,
        k: int,
        settings: Settings,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.settings = settings
        latent = p + settings.latent
        self.dn = Autoencoder(g, settings, generator)
        self.attention = Attention(latent, settings, generator) if settings.attention else None
        self.centres = nn.Parameter(torch.zeros(k, latent))
        self.register_buffer("axes", torch.zeros(g, p))
        self.register_buffer("reach", torch.ones(()))
        self.register_buffer("stretch", torch.ones(latent))
        self.register_buffer("anchors", torch.zeros(anchors, latent))
        self.register_buffer("unit", torch.ones(()))

    @classmethod
    def from_weights(cls, settings: Settings, weights: Mapping[str, np.ndarray]) -> Network:
        """The network whose `state_dict` was saved as ``weights``."""
        g, p = weights["axes"].shape
        k, anchors = len(weights["centres"]), len(weights["anchors"])
        network = cls(g, p, anchors, k, settings, torch.Generator())
        network.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in weights.items()})
        return network.eval().requires_grad_(False)

    @property
    def device(self) -> torch.device:
        return self.centres.device

    def encode(self, x: Tensor) -> Tensor:
        """z_clean (b, latent) of scaled values (b, g)."""
        return self.join(x, self.dn.encoder(x))

    def join(self, x: Tensor, deep: Tensor) -> Tensor:
        """The linear code of ``x`` (b, g) beside its deep code (b, d), (b, latent)."""
        return torch.cat([x @ self.axes, deep], dim=1)

    def directions(self, z: Tensor) -> Tensor:
        """How cells are compared, (b, latent), from z_clean (b, latent).

        The deep code counts by its direction. The linear code does so only beyond ``reach``: cells
        near the middle of all cells have no direction worth the name. Both are then brought to
        their weights. No loss can shrink what has fixed length to a point. Without the collapse
        guard z_clean is taken as it is.
        """
        if not self.settings.collapse_guard:
            return z
        p = self.axes.shape[1]
        linear, deep = z[:, :p], z[:, p:]
        length = linear.norm(dim=1, keepdim=True).clamp_min(self.reach)
        return torch.cat([linear / length, functional.normalize(deep)], dim=1) * self.stretch

    def attend(self, z: Tensor, bank: Tensor | None = None) -> Tensor:
        """z_attn (b, latent): part the cell's own code, part what it attends to."""
        own = self.directions(z)
        if self.attention is None:
            return own
        bank = self.anchors if bank is None else bank
        share = self.settings.attention_share
        attended = self.attention(self.unit_length(own), bank, self.unit_length(bank))
        return (1 - share) * own + share * attended

    def unit_length(self, z: Tensor) -> Tensor:
        """``z`` with rows of length 1, or as it is without the collapse guard."""
        return functional.normalize(z) if self.settings.collapse_guard else z

    def decode_code(self, z: Tensor) -> Tensor:
        """Scaled values (b, g), rebuilt from z_clean (b, latent)."""
        return self.dn.decoder(z[:, self.axes.shape[1] :])

    def decode_attended(self, attended: Tensor, deep: Tensor) -> Tensor:
        """Scaled values (b, g), rebuilt from z_attn (b, latent) at the deep code's length."""
        if not self.settings.collapse_guard:
            return self.decode_code(attended)
        direction = functional.normalize(attended[:, self.axes.shape[1] :])
        return self.dn.decoder(direction * deep.norm(dim=1, keepdim=True))

    # -- whole data sets, in padded blocks -------------------------------------------------------

    def codes_of(self, inputs: Inputs, rows: np.ndarray | None = None) -> np.ndarray:
        """z_clean of all or some cells, float32 (cells, latent), a block of genes dense at most."""
        n, size = inputs.n_cells if rows is None else len(rows), BLOCK[self.device.type]
        parts = (slice(start, start + size) for start in range(0, n, size))
        blocks = (inputs.tensor(p if rows is None else rows[p], self.device) for p in parts)
        return np.concatenate([self._padded(block, self.encode) for block in blocks])

    def directions_of(self, code: np.ndarray) -> np.ndarray:
        """`directions` of all cells, float32 (cells, latent)."""
        return self._blockwise(code, self.directions)

    def attended(self, code: np.ndarray) -> np.ndarray:
        """z_attn of all cells, float32 (cells, latent)."""
        return self._blockwise(code, self.attend)

    def memberships(self, embedding: np.ndarray) -> np.ndarray:
        """Equation (9) for embedded cells, float32 (cells, k)."""
        gamma, unit = self.settings.gamma, self.unit
        return self._blockwise(embedding, lambda z: memberships_of(z, self.centres, gamma, unit))

    def decoded(self, code: np.ndarray) -> np.ndarray:
        """Scaled values from z_clean, float32 (cells, g)."""
        return self._blockwise(code, self.decode_code)

    def _blockwise(self, rows: np.ndarray, f: Callable[[Tensor], Tensor]) -> np.ndarray:
        size = BLOCK[self.device.type]
        blocks = (torch.from_numpy(rows[i : i + size]) for i in range(0, len(rows), size))
        return np.concatenate([self._padded(block.to(self.device), f) for block in blocks])

    @torch.no_grad()
    def _padded(self, block: Tensor, f: Callable[[Tensor], Tensor]) -> np.ndarray:
        padded = block.new_zeros((BLOCK[self.device.type], block.shape[1]))
        padded[: len(block)] = block
        with one_torch_thread():
            return f(padded)[: len(block)].cpu().numpy()
