"""The budget of a search: seconds, none of which may be overrun."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

# Of a step's longest time so far; the next one may take longer.
MARGIN = 1.5
# Seconds that are kept for what follows the search, unless it is more.
CLOSING = 1.0
# Less is over before the first trial is.
MIN_BUDGET = 10.0


class OutOfTime(Exception):  # noqa: N818 - it ends a trial as planned and is not an error
    """What would come next does not fit into the budget."""


class Clock:
    """Says before each step whether it fits into the budget.

    A step is what cannot be interrupted: an epoch, the initial centers. What it will take is known
    from the longest one of its name so far. A new one may take as long as the longest of all.

    Parameters
    ----------
    budget : float
        Seconds from now on.
    tick : callable, optional
        Called at each step with its name and the seconds used.
    closing : float
        Seconds that are kept for what follows the search.
    now : callable
        Gives the time in seconds.
    """

    def __init__(
        self,
        budget: float,
        tick: Callable[[str, float], None] | None = None,
        closing: float = CLOSING,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._closing = closing
        self.budget, self._tick, self._now = budget, tick, now
        self._start = self._entered = now()
        self._step = "starting"
        self._longest: dict[str, float] = {}

    @property
    def used(self) -> float:
        return self._now() - self._start

    def fits(self, seconds: float) -> bool:
        """Whether something that takes about so long would end in time."""
        return MARGIN * seconds <= self.budget - self._closing - self.used

    def enter(self, step: str, guess: float = 0.0) -> None:
        """End the step before and begin ``step``.

        Parameters
        ----------
        step : str
        guess : float
            Seconds that a step whose name is new takes at least.

        Raises
        ------
        OutOfTime
            It would probably end after the budget.
        """
        now = self._now()
        if self._step:
            self._longest[self._step] = max(now - self._entered, self._longest.get(self._step, 0.0))
        self._step, self._entered = "", now
        if self._tick is not None:
            self._tick(step, self.used)
        expected = self._longest.get(step)
        if expected is None:
            expected = max([guess, *self._longest.values()])
        if not self.fits(expected):
            raise OutOfTime
        self._step = step

    def leave(self) -> None:
        """Begin nothing after an interruption: the step before is not counted."""
        self._step = ""


def check_budget(budget: Any) -> float:
    """Seconds as float; TypeError for what is no number, ValueError below `MIN_BUDGET`."""
    if isinstance(budget, bool) or not isinstance(budget, int | float | np.number):
        raise TypeError(f"budget must be a number of seconds, got {budget!r}")
    if not budget >= MIN_BUDGET:
        raise ValueError(f"budget must be {MIN_BUDGET:g} seconds or more, got {budget!r}")
    return float(budget)
