"""The denoising network (DN): one encoder and one decoder, shared by both paths."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from scinno._nn.layers import linear
from scinno._settings.settings import Settings


class Autoencoder(nn.Module):
    """DN, equations (2) and (5).

    Parameters
    ----------
    g : int
        Genes.
    settings : Settings
    generator : torch.Generator
        For the first weights, on the CPU.
    """

    def __init__(self, g: int, settings: Settings, generator: torch.Generator) -> None:
        super().__init__()
        h, d = settings.n_hidden, settings.n_latent
        self.encoder = nn.Sequential(linear(g, h, generator))
        if settings.layer_norm:
            self.encoder.append(nn.LayerNorm(h))
        self.encoder.append(nn.LeakyReLU())
        self.encoder.append(linear(h, d, generator))
        if settings.activate_latent:
            self.encoder.append(nn.LeakyReLU())
        self.decoder = nn.Sequential(
            linear(d, h, generator), nn.LeakyReLU(), linear(h, g, generator)
        )
        # Which values are noise, read off the noisy code (Fang et al., Bioinformatics 2024).
        self.mask_predictor = linear(d, g, generator) if settings.mask_loss_weight else None
        # InfoNCE straight on the code pulls apart cells of one type; a head in between does not.
        self.projection = nn.Sequential()
        if settings.n_projection:
            self.projection.append(linear(d, d, generator))
            self.projection.append(nn.LeakyReLU())
            self.projection.append(linear(d, settings.n_projection, generator))

    def through(self, layers: nn.Module, x: Tensor) -> Tensor:
        """``layers`` of ``x``, computed in the precision of the weights, float32."""
        weight = next(self.parameters())
        result: Tensor = layers(x.to(weight.dtype))
        return result.float()


def training_dtype(precision: str, device: torch.device) -> torch.dtype:
    """What DN's weights and products are in training, by `Settings.precision`."""
    low = precision == "bfloat16" or (precision == "auto" and has_native_bfloat16(device))
    return torch.bfloat16 if low else torch.float32


def has_native_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 natively: elsewhere it is slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
