"""Colors of groups, the same in all pictures and pages."""

from __future__ import annotations

from collections.abc import Sequence

# Color-blind-safe: first those of Okabe and Ito, the others chosen to differ as much as possible
# for normal, red-blind and green-blind vision, and visible on white and on near-black.
PALETTE = (
    "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#783c4b", "#8778ff",
    "#78c387", "#b42d87", "#b42d00", "#5a2dc3", "#f05a69", "#1e6900", "#871e87", "#ff78d2",
    "#965a5a", "#4b5aff", "#00962d", "#6978d2", "#7896ff", "#ff9669", "#a56996", "#5a4ba5",
    "#87b4a5", "#5ac34b", "#963c69", "#3c6987", "#e11ed2", "#2d00ff",
)  # fmt: skip

# Cells that are in no cluster, or have no value.
NO_GROUP = "#b4bcc6"


def colors_of(levels: Sequence[str]) -> list[str]:
    """One color per group; they repeat after 30."""
    return [PALETTE[j % len(PALETTE)] for j in range(len(levels))]
