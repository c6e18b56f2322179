"""`KChoice`: a number of clusters, and why."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class KChoice:
    """A number of clusters with its evidence; what `scinno.choose_k` gives.

    Attributes
    ----------
    k : int
        The number of clusters to take.
    runner_up : int or None
        The number to try next: of the other candidates from the lower to the upper count the most
        stable one; where there is none, the more stable neighbour of ``k``. None where the range
        leaves one candidate only.
    lower, upper : int
        The two counts that decide: the largest number of clusters that hold together on average,
        and the most clusters that hold together one by one. ``k`` is their geometric mean, moved
        into the range where one was given.
    within : tuple of int, or None
        The range that was asked for, both ends included.
    table : DataFrame
        One row per candidate, the columns of `Fit.k_evidence`.
    warnings : tuple of str
        Clusters of a handful of cells and near-duplicate clusters at ``k``, one sentence each.
    """

    k: int
    runner_up: int | None
    lower: int
    upper: int
    within: tuple[int, int] | None
    table: pd.DataFrame
    warnings: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """Why ``k``, in one sentence."""
        from scinno._clusters.n_clusters import GOOD_CLUSTER, GOOD_PARTITION

        text = (
            f"up to {self.lower} clusters keep {GOOD_PARTITION:.0%} of their cells' neighbours on "
            f"average, at most {self.upper} clusters keep {GOOD_CLUSTER:.0%} each, and K is the "
            "geometric mean of both counts"
        )
        if self.within is not None:
            text += f", moved into the range {self.within[0]} to {self.within[1]} if need be"
        return text

    def __repr__(self) -> str:
        second = "none" if self.runner_up is None else self.runner_up
        return (
            f"scinno.KChoice: {self.k} clusters (runner-up {second}, {len(self.table)} candidates, "
            f"{len(self.warnings)} warnings)"
        )
