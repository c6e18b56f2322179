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
        self._precision = settings.precision

    def in_training_precision(self, layers: nn.Module, x: Tensor) -> Tensor:
        """``layers`` of ``x``, float32, with matrix products in training's precision."""
        low = self._precision == "bfloat16" or (
            self._precision == "auto" and has_native_bfloat16(x.device)
        )
        # No cache of weights: inside an autocast of the caller it would outlive the step.
        with torch.autocast(x.device.type, torch.bfloat16, enabled=low, cache_enabled=False):
            result: Tensor = layers(x)
        return result.float()


def has_native_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 natively: elsewhere it is slower than float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
