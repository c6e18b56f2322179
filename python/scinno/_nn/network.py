"""The denoising network (DN) and the clustering network (CN) together: one module.

Shapes: cells in a batch b, genes g, encoder code d, principal components p, latent = p + d,
clusters k. The principal components stand beside the encoder's code: two views of a cell are better
than one (docs/development/code-and-attention.md).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from scinno._nn.attention import Attention
from scinno._nn.autoencoder import Autoencoder
from scinno._nn.memberships import fuzzy_memberships, mean_within_distance
from scinno._runtime.memory import available_memory
from scinno._settings.settings import Settings

# Bytes of a network that need no look at the machine.
CERTAINLY_THERE = 2**28


def check_memory(g: int, p: int, settings: Settings, to_be_trained: bool) -> None:
    """Refuse a network that does not fit into memory, before any of it is made (ValueError).

    Parameters
    ----------
    g, p : int
        Genes and principal components.
    settings : Settings
    to_be_trained : bool
        Whether gradients and Adam's two moments of each weight are needed too, a copy of the
        weights, and the gradients of each part of a mini-batch.
    """
    h, d, latent = settings.n_hidden, settings.n_latent, p + settings.n_latent
    width = settings.n_heads * settings.head_dim if settings.attention else 0
    n_weights = 2 * h * (g + d) + d * (g + d + settings.n_projection) + 4 * width * latent
    # The first weights of attention come from one square frame.
    frame = max(width, latent) ** 2 if width and to_be_trained else 0
    each = 5 + settings.batch_parts if to_be_trained else 1
    needed = 4 * (each * n_weights + 3 * frame * to_be_trained)
    if needed > CERTAINLY_THERE and needed > (free := available_memory()):
        raise ValueError(
            f"a network of these settings needs {needed / 1e9:,.1f} GB of memory, and "
            f"{free / 1e9:,.1f} GB are available: take a smaller n_hidden ({h}), n_latent ({d}), "
            f"n_projection ({settings.n_projection}), n_heads ({settings.n_heads}) or head_dim "
            f"({settings.head_dim})"
        )


class Network(nn.Module):
    """DN and CN, with the fixed parts that training measured.

    It is made for the first phase and completed step by step: `set_min_norm`, `set_view_scale` and
    `set_anchors` after pretraining, `set_centers` before the joint phase, `reorder_clusters` at the
    end.

    Buffers
    -------
    loadings : (g, p)
        Principal axes of the scaled values, the linear path; (g, 0) without one.
    min_norm : ()
        Norm of the principal components from which on only their direction counts.
    view_scale : (latent,)
        Weights of both views.
    anchors : (anchors, latent)
        Codes that cells attend to.
    distance_scale : ()
        What squared distances are measured in, see `fuzzy_memberships`.
    """

    loadings: Tensor
    min_norm: Tensor
    view_scale: Tensor
    anchors: Tensor
    distance_scale: Tensor

    def __init__(
        self,
        loadings: Tensor,
        settings: Settings,
        generator: torch.Generator,
        n_anchors: int = 0,
        n_clusters: int = 0,
    ) -> None:
        super().__init__()
        self.settings = settings
        g, p = loadings.shape
        check_memory(g, p, settings, to_be_trained=n_anchors == 0)
        latent = p + settings.n_latent
        self.dn = Autoencoder(g, settings, generator)
        self.attention = Attention(latent, settings, generator) if settings.attention else None
        self.centers = nn.Parameter(torch.zeros(n_clusters, latent))
        self.register_buffer("loadings", loadings)
        self.register_buffer("min_norm", torch.ones(()))
        self.register_buffer("view_scale", torch.ones(latent))
        self.register_buffer("anchors", torch.zeros(n_anchors, latent))
        self.register_buffer("distance_scale", torch.ones(()))

    @classmethod
    def from_weights(cls, settings: Settings, weights: Mapping[str, np.ndarray]) -> Network:
        """The network whose `state_dict` was saved as ``weights``."""
        loadings = torch.zeros(weights["loadings"].shape)
        n_anchors, k = len(weights["anchors"]), len(weights["centers"])
        network = cls(loadings, settings, torch.Generator(), n_anchors, k)
        network.load_state_dict({name: torch.from_numpy(w.copy()) for name, w in weights.items()})
        return network.eval().requires_grad_(False)

    @property
    def device(self) -> torch.device:
        return self.centers.device

    @property
    def n_pcs(self) -> int:
        """Principal components p."""
        return self.loadings.shape[1]

    # -- forward passes --------------------------------------------------------------------------

    def encode(self, x: Tensor) -> Tensor:
        """z_clean (b, latent) of scaled values (b, g)."""
        return self.concat_views(x, self.dn.encoder(x))

    def concat_views(self, x: Tensor, encoded: Tensor) -> Tensor:
        """Principal components of ``x`` (b, g) beside its encoder code (b, d), (b, latent)."""
        return torch.cat([x @ self.loadings, encoded], dim=1)

    def scaled_views(self, z: Tensor) -> Tensor:
        """How cells are compared, (b, latent), from z_clean (b, latent).

        The encoder code counts by its direction. The principal components do so only beyond
        ``min_norm``: cells near the mean of all cells have no meaningful direction. Both are then
        multiplied by their weights. No loss can shrink what has fixed length to a point. Without
        the collapse guard z_clean is taken as it is.
        """
        if not self.settings.collapse_guard:
            return z
        pcs, encoded = z[:, : self.n_pcs], z[:, self.n_pcs :]
        norm = pcs.norm(dim=1, keepdim=True).clamp_min(self.min_norm)
        return torch.cat([pcs / norm, functional.normalize(encoded)], dim=1) * self.view_scale

    def attend(self, z: Tensor, anchors: Tensor | None = None) -> Tensor:
        """z_attn (b, latent): part the cell's own code, part what it attends to."""
        own = self.scaled_views(z)
        if self.attention is None:
            return own
        anchors = self.anchors if anchors is None else anchors
        weight = self.settings.attention_weight
        attended = self.attention(self.unit_norm(own), anchors, self.unit_norm(anchors))
        return (1 - weight) * own + weight * attended

    def unit_norm(self, z: Tensor) -> Tensor:
        """``z`` with rows of norm 1, or as it is without the collapse guard."""
        return functional.normalize(z) if self.settings.collapse_guard else z

    def memberships(self, z: Tensor) -> Tensor:
        """Equation (9), (b, k), of z_attn (b, latent)."""
        return fuzzy_memberships(z, self.centers, self.settings.gamma, self.distance_scale)

    def decode(self, z: Tensor) -> Tensor:
        """Scaled values (b, g), reconstructed from z_clean (b, latent)."""
        return self.dn.through(self.dn.decoder, z[:, self.n_pcs :])

    def decode_attended(self, attended: Tensor, encoded: Tensor) -> Tensor:
        """Scaled values (b, g), reconstructed from z_attn at the norm of the encoder code."""
        if not self.settings.collapse_guard:
            return self.decode(attended)
        direction = functional.normalize(attended[:, self.n_pcs :])
        scaled = direction * encoded.norm(dim=1, keepdim=True)
        return self.dn.through(self.dn.decoder, scaled)

    # -- the fixed parts -------------------------------------------------------------------------

    def set_min_norm(self, code: np.ndarray) -> None:
        """The median norm of the principal components of z_clean, float32 (cells, latent)."""
        if self.n_pcs:
            norm = float(np.median(np.linalg.norm(code[:, : self.n_pcs], axis=1)))
            self.min_norm.fill_(max(norm, 1e-6))

    def set_view_scale(self, views: np.ndarray) -> None:
        """Bring both views to one total variance, the encoder's then to its weight.

        Parameters
        ----------
        views : ndarray of float32, (cells, latent)
            `scaled_views` of all cells, as long as the scale is 1.
        """
        p = self.n_pcs
        scale = np.ones(views.shape[1], dtype=np.float32)
        for part, weight in ((slice(0, p), 1.0), (slice(p, None), self.settings.encoder_weight)):
            spread = float(np.sqrt(views[:, part].var(0).sum()))
            scale[part] = weight / max(spread, 1e-6)
        self.view_scale.copy_(torch.from_numpy(scale))

    def set_anchors(self, anchors: np.ndarray) -> None:
        """Codes that cells attend to, float32 (anchors, latent)."""
        self.anchors = torch.from_numpy(anchors).to(self.device)

    def set_centers(self, centers: np.ndarray, embedding: np.ndarray) -> None:
        """Initial centers, float32 (k, latent), among embedded cells, float32 (cells, latent)."""
        self.centers = nn.Parameter(torch.from_numpy(centers).to(self.device))
        if self.settings.collapse_guard:
            scale = mean_within_distance(torch.from_numpy(embedding), torch.from_numpy(centers))
            self.distance_scale.fill_(scale)

    def reorder_clusters(self, order: np.ndarray) -> None:
        """Number the clusters anew: cluster ``order[j]`` becomes j."""
        self.centers = nn.Parameter(self.centers[order].clone(), requires_grad=False)
