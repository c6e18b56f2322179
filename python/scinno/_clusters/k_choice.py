"""`KChoice`: a number of clusters, and why."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class KChoice:
    """A number of clusters with its evidence; what `scinno.choose_k` gives.

    Attributes
    ----------
    n_clusters : int
        The number of clusters to take.
    runner_up : int or None
        The number to try next: the other candidate with most votes, the more stable one of equal
        votes; where there is none, the more stable neighbor of ``n_clusters``. None where the range
        leaves one candidate only.
    lower, upper : int
        Quartiles of the vote: half of the numbers of communities lie from ``lower`` to ``upper``.
        ``n_clusters`` is their median, moved into the range where one was given.
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
        votes = int(self.table["votes"].sum())
        text = (
            f"cells that share neighbors form {self.lower} to {self.upper} communities in half of "
            f"{votes} partitions at several resolutions, and K is the median"
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
