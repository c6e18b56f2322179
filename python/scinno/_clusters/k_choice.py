"""`KChoice`: a number of clusters, and why."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

# A cluster is pure if this share of its cells' nearest neighbors are in it too …
PURE_CLUSTER = 0.82
# … and a partition is pure if its clusters reach this share on average.
PURE_PARTITION = 0.92


@dataclass(frozen=True, eq=False, repr=False)
class KChoice:
    """A number of clusters with its evidence; what `scinno.choose_k` gives.

    Attributes
    ----------
    n_clusters : int
        The number of clusters to take.
    runner_up : int or None
        The number to try next: of the other candidates from the lower to the upper count the most
        stable one; where there is none, the more stable neighbor of ``n_clusters``. None where the
        range leaves one candidate only.
    lower, upper : int
        The two counts that decide: the largest number of clusters that are pure on average, and
        the largest number of pure clusters in any candidate. ``n_clusters`` is their geometric
        mean, moved into the range where one was given.
    within : tuple of int, or None
        The requested range, both ends included.
    table : DataFrame
        One row per candidate, the columns of `Fit.k_evidence`.
    warnings : tuple of str
        Clusters of a few cells and near-duplicate clusters, one sentence each.
    """

    n_clusters: int
    runner_up: int | None
    lower: int
    upper: int
    within: tuple[int, int] | None
    table: pd.DataFrame
    warnings: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why this number, in one sentence."""
        text = (
            f"up to {self.lower} clusters hold {PURE_PARTITION:.0%} of their cells' neighbors on "
            f"average, at most {self.upper} clusters hold {PURE_CLUSTER:.0%} each, and K is the "
            "geometric mean of both counts"
        )
        if self.within is not None:
            text += f", moved into the range {self.within[0]} to {self.within[1]} if need be"
        return text

    def __repr__(self) -> str:
        second = "none" if self.runner_up is None else self.runner_up
        return (
            f"scinno.KChoice: {self.n_clusters} clusters (runner-up {second}, "
            f"{len(self.table)} candidates, {len(self.warnings)} warnings)"
        )
