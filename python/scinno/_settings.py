"""Every setting of the method, once: its default, unit, range and reason."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scinno._nn.noise import parse_noise

PRESETS = ("default", "paper")
PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Settings:
    """All settings. `Settings()` is the default preset, `Settings.paper()` has the paper's.

    Attributes
    ----------
    n_genes : int
        Most variable genes kept (scanpy, flavour "seurat"). More see rarer programmes and more
        noise.
    min_cells, min_cells_fraction : int, float
        A gene must be expressed in as many cells, whichever asks for more. The paper's 5 % leaves
        871 genes on sparse nuclei.
    target_sum : float or None
        Counts per cell after size factors; None takes the median library size.
    scale : bool
        Bring each gene to unit variance. Lifts noise genes to the level of markers.
    noise : str
        "kind:strength" joined by "+"; kinds uniform, gaussian (in units of the scaled values),
        mask, swap (probabilities); or "none". Equation (1) is "uniform:0.3".
    adaptive_noise : bool
        More noise for sparser cells.
    hidden, latent : int
        Widths of the hidden layers and of the deep code.
    linear : int
        Principal components beside the deep code; 0 for none.
    deep_weight : float
        Weight of the deep code beside the principal components.
    layer_norm : bool
        Normalise the encoder's hidden layer in each cell.
    clean_path : bool
        Rebuild the clean path too while DN is trained alone, as in equation (4). Without noise to
        undo it teaches the encoder to copy; it still counts in InfoNCE and in the joint phase.
    noise_focus : float
        Share, 0 to 1, of the values that the noise changed in the weights of the noisy path's
        error; 0.5 is equation (4).
    spot_weight : float
        Weight of telling from the noisy code which values the noise changed; 0 for not at all.
    activate_code : bool
        LeakyReLU after the last encoder layer too, as in equation (2).
    projection : int
        Width of the projection head under InfoNCE; 0 compares the codes themselves.
    contrastive : bool
        Use InfoNCE, equation (3). False is the paper's first ablation.
    temperature : float
        τ of equation (3).
    contrast_weight : float
        λ₁ of equation (11).
    attention : bool
        Use attention, equations (6) to (8). False is the paper's second ablation.
    heads, head_width : int
        H and d_h of equations (6) to (8).
    anchors : int
        Size of the bank of codes that cells attend to.
    attended_anchors : float
        How many anchors a cell attends to before training.
    attention_share : float
        Weight of the attended code against the cell's own, 0 to 1; 1 in the paper.
    gamma, m : float
        γ of equation (9), m of equation (10).
    entropy_weight, cluster_weight : float
        α of equation (10), λ₂ of equation (11).
    collapse_guard : bool
        Distances in units of the spread within clusters, memberships as fixed targets, and a stop
        when a cluster would die. Without it: the equations as printed, which collapse.
    most_moved : float
        Share of cells that may change cluster in the joint phase, 0 to 1. First centres are good;
        a phase that moves many cells does more harm than good.
    batch_size : int
        Cells in a mini-batch.
    epochs, joint_epochs : int
        Epochs of DN alone, then of DN and CN together.
    steps_per_epoch : int or None
        Mini-batches in an epoch; None passes over all cells.
    precision : str
        Of DN's matrix products in training: "bfloat16" (twice as fast where the processor has it),
        "float32", or "auto", bfloat16 where it is native. Codes are always float32.
    learning_rate, joint_learning_rate : float
        Of Adam, for DN alone and for DN and CN together. The joint phase starts from a good
        partition: faster steps unlearn it.
    """

    n_genes: int = 1000
    min_cells: int = 3
    min_cells_fraction: float = 0.005
    target_sum: float | None = None
    scale: bool = False
    noise: str = "swap:0.4"
    adaptive_noise: bool = False
    hidden: int = 256
    latent: int = 128
    linear: int = 50
    deep_weight: float = 1.5
    layer_norm: bool = True
    clean_path: bool = False
    noise_focus: float = 0.7
    spot_weight: float = 0.3
    activate_code: bool = False
    projection: int = 32
    contrastive: bool = True
    temperature: float = 0.5
    contrast_weight: float = 0.1
    attention: bool = True
    heads: int = 4
    head_width: int = 48
    anchors: int = 256
    attended_anchors: float = 2.0
    attention_share: float = 0.75
    gamma: float = 2.0
    m: float = 2.0
    entropy_weight: float = 0.1
    cluster_weight: float = 0.5
    collapse_guard: bool = True
    most_moved: float = 0.03
    batch_size: int = 256
    epochs: int = 20
    joint_epochs: int = 5
    steps_per_epoch: int | None = 40
    precision: str = "auto"
    learning_rate: float = 1e-3
    joint_learning_rate: float = 1e-4

    @classmethod
    def paper(cls) -> Settings:
        """The constants of equations (1) to (11); see the method notes for what it leaves open."""
        return cls(
            n_genes=2500,
            min_cells_fraction=0.05,
            scale=True,
            noise="uniform:0.3",
            hidden=512,
            latent=512,
            linear=0,
            layer_norm=False,
            clean_path=True,
            noise_focus=0.5,
            spot_weight=0,
            activate_code=True,
            projection=0,
            head_width=128,
            anchors=128,
            attention_share=1.0,
            collapse_guard=False,
            batch_size=128,
            epochs=10,
            joint_epochs=10,
            steps_per_epoch=None,
            precision="float32",
            joint_learning_rate=1e-3,
        )

    @classmethod
    def make(cls, preset: str, changes: Mapping[str, Any]) -> Settings:
        """A preset with some settings changed, all checked.

        Raises
        ------
        ValueError
            Unknown preset, or a value out of range.
        TypeError
            Unknown setting (with the nearest known name), or a value of the wrong type.
        """
        if preset not in PRESETS:
            raise ValueError(f"preset must be 'default' or 'paper', got {preset!r}")
        base = cls.paper() if preset == "paper" else cls()
        fields = {field.name: field for field in dataclasses.fields(cls)}
        checked = {}
        for name, value in changes.items():
            if name not in fields:
                near = difflib.get_close_matches(name, fields, n=1)
                hint = f": did you mean {near[0]!r}?" if near else f"; known: {', '.join(fields)}"
                raise TypeError(f"unknown setting {name!r}{hint}")
            checked[name] = _typed(name, value, str(fields[name].type))
        settings = dataclasses.replace(base, **checked)
        settings._check_ranges()
        return settings

    def _check_ranges(self) -> None:
        parse_noise(self.noise)
        if self.precision not in PRECISIONS:
            known = ", ".join(map(repr, PRECISIONS))
            raise ValueError(f"precision must be one of {known}, got {self.precision!r}")
        for names, low, high, words in _RANGES:
            for name in names:
                value = getattr(self, name)
                if value is not None and not low <= value <= high:
                    raise ValueError(f"{name} must be {words}, got {value!r}")


_TINY = 1e-12
_MUCH = float("inf")
_RANGES = (
    (("n_genes", "hidden", "latent", "heads", "head_width", "batch_size"), 2, _MUCH,
     "2 or more"),
    (("min_cells", "anchors", "steps_per_epoch"), 1, _MUCH, "1 or more"),
    (("linear", "projection", "epochs", "joint_epochs", "contrast_weight", "entropy_weight",
      "cluster_weight", "spot_weight"), 0, _MUCH, "0 or more"),
    (("min_cells_fraction", "attention_share", "most_moved", "noise_focus"), 0, 1,
     "between 0 and 1"),
    (("target_sum", "attended_anchors", "deep_weight", "temperature", "gamma", "learning_rate",
      "joint_learning_rate"), _TINY, _MUCH, "above 0"),
    (("m",), 1 + 1e-6, _MUCH, "above 1"),
)  # fmt: skip


def _typed(name: str, value: Any, kind: str) -> Any:
    """``value`` as its field's type; whole floats pass as int because R has 10 and 10L."""
    if value is None and "None" in kind:
        return None
    wanted = kind.split(" |")[0]
    number = isinstance(value, int | float) or hasattr(value, "__index__")
    if wanted == "bool":
        good = isinstance(value, bool) or type(value).__name__ == "bool"
        result: Any = bool(value) if good else None
    elif wanted == "int":
        good = number and not isinstance(value, bool) and float(value).is_integer()
        result = int(value) if good else None
    elif wanted == "float":
        good = number and not isinstance(value, bool) and float(value) == float(value)
        result = float(value) if good else None
    else:
        good, result = isinstance(value, str), value
    if not good:
        raise TypeError(f"{name} must be {kind}, got {value!r}")
    return result
