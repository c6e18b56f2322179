"""Every setting of the method, once: its default, unit, range and reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scinno._runtime.suggest import did_you_mean
from scinno._runtime.validate import checked
from scinno._settings.checks import check_range, typed
from scinno._settings.noise import parse_noise
from scinno._settings.renamed import present_name

PRESETS = ("default", "paper")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Settings:
    """All settings of the method; checked when an object is made.

    ``Settings()`` is the default preset, ``Settings.paper()`` has the published constants. Every
    function that fits takes a ``Settings`` object, single settings by name, or both.

    Parameters
    ----------
    n_genes : int
        Most variable genes kept (scanpy, flavor "seurat"). More genes show rarer programs and more
        noise.
    noise : str
        "kind:strength" joined by "+"; kinds uniform, gaussian (in units of the scaled values),
        mask, swap (probabilities); or "none". Equation (1) is "uniform:0.3".
    n_hidden : int
        Width of the hidden layers.
    n_latent : int
        Width of the encoder's latent code.
    n_pcs : int
        Principal components beside the encoder's code; 0 for none.
    encoder_weight : float
        Weight of the encoder's code beside the principal components.
    batch_size : int
        Cells in a mini-batch.
    pretrain_epochs : int
        Epochs of the denoising network (DN) alone.
    joint_epochs : int
        Epochs of the denoising and the clustering network (CN) together.
    learning_rate : float
        Peak learning rate of Adam while DN is trained alone.

    Other Parameters
    ----------------
    min_cells, min_cells_fraction : int, float
        A gene must be expressed in so many cells; the larger of both numbers counts. The paper's
        5 % leaves 871 genes on sparse nuclei.
    target_sum : float or None
        Counts per cell after size factors; None takes the median library size.
    scale : bool
        Bring each gene to unit variance. This lifts noise genes to the level of markers.
    adaptive_noise : bool
        More noise for sparser cells.
    layer_norm : bool
        Normalize the encoder's hidden layer in each cell.
    reconstruct_clean : bool
        Reconstruct the clean path too while DN is trained alone, as in equation (4). Without noise
        to remove it teaches the encoder to copy; it still counts in InfoNCE and in the joint phase.
    corrupted_weight : float
        Weight, 0 to 1, of the values that the noise changed in the reconstruction error of the
        noisy path; 0.5 is equation (4).
    mask_loss_weight : float
        Weight of the mask prediction: which values the noise changed; 0 for none.
    activate_latent : bool
        LeakyReLU after the last encoder layer too, as in equation (2).
    n_projection : int
        Width of the projection head under InfoNCE; 0 compares the codes themselves.
    contrastive : bool
        Use InfoNCE, equation (3). False is the paper's first ablation.
    temperature : float
        τ of equation (3).
    contrastive_loss_weight : float
        λ₁ of equation (11).
    attention : bool
        Use attention, equations (6) to (8). False is the paper's second ablation.
    n_heads : int
        H, the number of attention heads, equations (6) to (8).
    head_dim : int
        d_h, the width of a head, equations (6) to (8).
    n_anchors : int
        Number of anchors, the codes that cells attend to.
    attention_perplexity : float
        Effective number of anchors that a cell attends to before the joint phase.
    attention_weight : float
        Weight of the attended code against the cell's own, 0 to 1; 1 in the paper.
    gamma : float
        γ of equation (9).
    fuzzifier : float
        m of equation (10).
    entropy_loss_weight : float
        α of equation (10).
    cluster_loss_weight : float
        λ₂ of equation (11), at the end of the joint phase.
    collapse_guard : bool
        Distances in units of the mean within-cluster distance, memberships as fixed targets, and
        an early end when a cluster would die. Without it: the equations as printed, which collapse.
    batch_parts : int
        Parts of a mini-batch, computed side by side in threads; their gradients are averaged. Cells
        swap values and are told from one another (InfoNCE) within a part. 1 for the whole batch at
        once, as on a GPU and under torchrun.
    max_label_change : float
        Share of cells that may change cluster in the joint phase, 0 to 1. The initial centers are
        good; a phase that moves many cells does more harm than good.
    steps_per_epoch : int or None
        Mini-batches in an epoch; None takes as many as one pass over all cells needs. Cells are
        drawn with replacement.
    precision : str
        Of DN's matrix products in training: "bfloat16" (twice as fast where the processor has it),
        "float32", or "auto", bfloat16 where it is native. Codes are always float32.
    joint_learning_rate : float
        Peak learning rate of Adam in the joint phase. It starts from a good partition: larger steps
        unlearn it.

    Raises
    ------
    TypeError
        A value of the wrong type.
    ValueError
        A value out of range.
    """

    n_genes: int = 1000
    noise: str = "swap:0.4"
    n_hidden: int = 256
    n_latent: int = 128
    n_pcs: int = 50
    encoder_weight: float = 1.5
    batch_size: int = 256
    pretrain_epochs: int = 10
    joint_epochs: int = 1
    learning_rate: float = 2e-3
    min_cells: int = 3
    min_cells_fraction: float = 0.005
    target_sum: float | None = None
    scale: bool = False
    adaptive_noise: bool = False
    layer_norm: bool = True
    reconstruct_clean: bool = False
    corrupted_weight: float = 0.7
    mask_loss_weight: float = 0.3
    activate_latent: bool = False
    n_projection: int = 32
    contrastive: bool = True
    temperature: float = 0.5
    contrastive_loss_weight: float = 0.1
    attention: bool = True
    n_heads: int = 4
    head_dim: int = 48
    n_anchors: int = 256
    attention_perplexity: float = 2.0
    attention_weight: float = 0.75
    gamma: float = 2.0
    fuzzifier: float = 2.0
    entropy_loss_weight: float = 0.1
    cluster_loss_weight: float = 0.5
    collapse_guard: bool = True
    max_label_change: float = 0.03
    batch_parts: int = 2
    steps_per_epoch: int | None = 40
    precision: str = "auto"
    joint_learning_rate: float = 1e-4

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = typed(field.name, getattr(self, field.name), str(field.type))
            check_range(field.name, value)
            object.__setattr__(self, field.name, value)  # the way to normalize a frozen object
        parse_noise(self.noise)
        if self.precision not in PRECISIONS:
            known = ", ".join(map(repr, PRECISIONS))
            raise ValueError(f"precision must be one of {known}, got {self.precision!r}")

    @classmethod
    def paper(cls) -> Settings:
        """The constants of equations (1) to (11); see the method notes for what it leaves open."""
        return cls(
            n_genes=2500,
            min_cells_fraction=0.05,
            scale=True,
            noise="uniform:0.3",
            n_hidden=512,
            n_latent=512,
            n_pcs=0,
            layer_norm=False,
            reconstruct_clean=True,
            corrupted_weight=0.5,
            mask_loss_weight=0,
            activate_latent=True,
            n_projection=0,
            head_dim=128,
            n_anchors=128,
            attention_weight=1.0,
            collapse_guard=False,
            batch_size=128,
            batch_parts=1,
            pretrain_epochs=10,
            joint_epochs=10,
            steps_per_epoch=None,
            precision="float32",
            joint_learning_rate=1e-3,
        )

    @classmethod
    @checked
    def from_preset(cls, preset: str) -> Settings:
        """The settings of "default" or "paper".

        Raises
        ------
        ValueError
            Unknown preset.
        """
        if preset not in PRESETS:
            raise ValueError(f"preset must be 'default' or 'paper', got {preset!r}")
        return cls.paper() if preset == "paper" else cls()

    @checked
    def replace(self, changes: Mapping[str, Any]) -> Settings:
        """The same settings with some of them changed; names of 0.1.0 give a FutureWarning.

        Raises
        ------
        TypeError
            Unknown setting (with the nearest known name), or a value of the wrong type.
        ValueError
            A value out of range.
        """
        known = [field.name for field in dataclasses.fields(self)]
        current: dict[str, Any] = {}
        for old, value in changes.items():
            name = present_name(old)
            if name not in known:
                raise TypeError(f"unknown setting {old!r}: {did_you_mean(old, known)}")
            if name in current:
                raise TypeError(f"setting {name!r} is given twice, once by its old name")
            current[name] = value
        return dataclasses.replace(self, **current)


def resolve_settings(
    settings: Settings | None, preset: str, overrides: Mapping[str, Any]
) -> Settings:
    """What a call asks for: a settings object or a preset, then single settings over it.

    Raises
    ------
    TypeError
        ``settings`` is not a `Settings`, or is given beside a preset; an unknown setting or one of
        the wrong type.
    ValueError
        Unknown preset, or a value out of range.
    """
    if settings is None:
        return Settings.from_preset(preset).replace(overrides)
    if not isinstance(settings, Settings):
        raise TypeError(
            f"settings must be a scinno.Settings, got {type(settings).__name__}; single settings "
            "are given by name, as in n_latent=64"
        )
    if preset != "default":
        raise TypeError(f"settings and preset={preset!r} exclude each other: give one of them")
    return settings.replace(overrides)
