"""The search: trial after trial while there is time, then the best against the first."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scinno._tune.clock import OutOfTime
from scinno._tune.score import score_of, stability
from scinno._tune.space import Space
from scinno._tune.study import give_back_running, import_optuna, next_trial
from scinno._tune.table import best_of, first_of, row_of, was_judged
from scinno._tune.trial import Judge

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial, Trial

# Splits that no trial has seen, on which the best is compared with the first, both halves of each.
FRESH_SPLITS = 2


@dataclass
class Search:
    """The trials of one search.

    Attributes
    ----------
    space : dict of str to tuple
    seed : int
    judge : Judge
    study : optuna.Study
    callback : callable, optional
        Gets the row of each trial as soon as it has ended.
    interrupted : bool
        Whether Ctrl-C has ended the search.
    """

    space: Space
    seed: int
    judge: Judge
    study: Study
    callback: Callable[[dict[str, Any]], None] | None = None
    interrupted: bool = False

    def run(self, n_trials: int | None) -> np.ndarray:
        """Search until the budget or the number of trials is used up, then compare.

        Parameters
        ----------
        n_trials : int, optional
            Trials that end in this call, at most.

        Returns
        -------
        ndarray of float, (halves,)
            Score of the best trial less that of the first, on each half of fresh splits; empty
            where there was no time for all of them, or the best is the first.
        """
        try:
            self._try_settings(n_trials)
            return self._compare()
        except KeyboardInterrupt:
            self.interrupted = True
        except OutOfTime:
            pass
        self.judge.clock.leave()
        give_back_running(self.study)
        return np.zeros(0)

    def _try_settings(self, n_trials: int | None) -> None:
        ended = 0
        while (n_trials is None or ended < n_trials) and self._has_time():
            trial = next_trial(self.study, self.space, self.seed)
            if trial is None:
                return
            try:
                self._judge(trial)
            finally:
                if self.callback is not None:
                    self.callback(row_of(self.study.trials[trial.number], self.space))
            ended += 1

    def _has_time(self) -> bool:
        """Whether a trial fits into the budget, and after it the comparison of the best.

        Where the comparison alone does not fit, trials may take what there is.
        """
        clock, first, best = self.judge.clock, first_of(self.study), best_of(self.study)
        if first is None or best is None:
            return True
        seconds = [t.user_attrs["seconds"] for t in self.study.trials if was_judged(t)]
        longest = max(seconds[1:] or seconds)  # the first one also loads what all need
        comparison = 2 * FRESH_SPLITS * longest
        if clock.fits(longest + comparison):
            return True
        is_needed = best.number != first.number and clock.fits(comparison)
        return clock.fits(longest) and not is_needed

    def _judge(self, trial: Trial) -> None:
        """Run one trial to its end, whichever it is.

        Raises
        ------
        OutOfTime, KeyboardInterrupt
            It was cut off, and will be the first to be tried when the search goes on.
        """
        states = import_optuna().trial.TrialState
        began = time.perf_counter()
        shares: list[float] = []
        labels: list[np.ndarray] = []

        def end(word: str) -> None:
            trial.set_user_attr("state", word)
            trial.set_user_attr("seconds", time.perf_counter() - began)

        try:
            settings = self.judge.start.replace(trial.params)
            for share, found in self.judge.held_out(settings, 0):
                shares.append(share)
                labels.append(found)
                trial.set_user_attr("held_out", shares)
                trial.report(share, len(shares))
                if len(shares) == 1 and trial.should_prune():
                    end("pruned")
                    self.study.tell(trial, state=states.PRUNED)
                    return
        except BaseException as cut_off:
            end("out of time" if isinstance(cut_off, OutOfTime) else "interrupted")
            raise
        else:
            agreement = stability(*labels)
            trial.set_user_attr("stability", agreement)
            end("complete")
            self.study.tell(trial, score_of(float(np.mean(shares)), agreement))

    def _compare(self) -> np.ndarray:
        first, best = first_of(self.study), best_of(self.study)
        if first is None or best is None or best.number == first.number:
            return np.zeros(0)
        gains: list[float] = []
        for number in range(1, FRESH_SPLITS + 1):
            one, other = (self._fresh_scores(trial, number) for trial in (first, best))
            gains += [b - a for a, b in zip(one, other, strict=True)]
        return np.array(gains)

    def _fresh_scores(self, trial: FrozenTrial, number: int) -> list[float]:
        """Scores of a trial's settings on both halves of a fresh split; kept in the study."""
        name = f"trial {trial.number}, fresh split {number}"
        if name not in self.study.user_attrs:
            settings = self.judge.start.replace(trial.params)
            shares, labels = zip(*self.judge.held_out(settings, number), strict=True)
            agreement = stability(*labels)
            self.study.set_user_attr(name, [score_of(share, agreement) for share in shares])
        found: list[float] = self.study.user_attrs[name]
        return found
