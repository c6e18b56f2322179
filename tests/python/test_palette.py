"""Colors of groups: told apart by everybody, and the same in every language."""

import itertools
import re
from pathlib import Path

import numpy as np
from matplotlib.colors import to_rgb

from scinno._drawing.palette import NO_GROUP, PALETTE, colors_of


def test_the_first_colors_differ_also_for_the_color_blind():
    """Viénot's simulation of red and green blindness, distance in CIELAB."""
    to_lms = np.array([[17.8824, 43.5161, 4.1193], [3.4557, 27.1554, 3.8671],
                       [0.0300, 0.1843, 1.4671]])  # fmt: skip
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722],
                       [0.0193, 0.1192, 0.9505]])  # fmt: skip
    red = np.array([[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]])
    green = np.array([[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]])
    linear = np.array([to_rgb(c) for c in PALETTE[:8]]) ** 2.2
    for blind in (np.eye(3), red, green):
        seen = linear @ to_lms.T @ blind.T @ np.linalg.inv(to_lms).T
        xyz = np.clip(seen, 0, 1) @ to_xyz.T / to_xyz.sum(1)
        f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
        lab = np.stack(
            [116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1
        )
        gaps = [np.linalg.norm(a - b) for a, b in itertools.combinations(lab, 2)]
        assert min(gaps) > 10


def test_r_has_the_same_colors_in_the_same_order():
    source = (Path(__file__).parents[2] / "R" / "palette.R").read_text()
    assert re.findall("#[0-9a-f]{6}", source) == [*PALETTE, NO_GROUP]


def test_colors_are_all_different_and_come_round_again():
    assert len({*PALETTE, NO_GROUP}) == 31
    assert colors_of(["a"] * 31) == [*PALETTE, PALETTE[0]]
