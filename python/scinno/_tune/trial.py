"""One setting on one split: clusters of each half, judged on the other half."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
import torch

from scinno._clusters.requested_k import RequestedK
from scinno._data.source import BlockSource, as_source
from scinno._fit import estimate_k, place_centers, start_training
from scinno._nn.inference import view_codes
from scinno._preprocess.prepare import prepare
from scinno._run import RunContext
from scinno._runtime.scratch import ScratchSpace
from scinno._runtime.threads import one_thread
from scinno._runtime.torch_state import plain_torch
from scinno._settings.settings import Settings
from scinno._train.loops import assign_sample, pretrain
from scinno._train.phase import Training
from scinno._train.views import weigh_views
from scinno._tune.clock import Clock
from scinno._tune.score import explained_share
from scinno._tune.thinning import Split, split_counts

# Of the mini-batches of a fit: a trial need only tell settings apart, and four short ones tell more
# than one long one.
SHARE_OF_STEPS = 0.25
# Mini-batches of an epoch, at most.
STEPS = 10
# What follows the training, as a share of its time: a guess until it has been seen.
SHARE_OF_TRAINING = 0.5


@dataclass
class Judge:
    """What all trials of a search have in common.

    Attributes
    ----------
    counts : csr_matrix, (cells, genes)
    start : Settings
        The genes that are predicted are those of these settings, whatever a trial reads.
    n_clusters, seed : int
    device : torch.device
    clock : Clock
    """

    counts: sp.csr_matrix
    start: Settings
    n_clusters: int
    seed: int
    device: torch.device
    clock: Clock
    _splits: dict[int, tuple[Split, list[np.ndarray]]] = field(default_factory=dict)

    def held_out(self, settings: Settings, number: int) -> Iterator[tuple[float, np.ndarray]]:
        """For each half of a split what its clusters explain of the other, and these clusters.

        Raises
        ------
        OutOfTime
            The next step does not fit into the budget.
        KeyboardInterrupt
            Also where training would have ended with the last good state.
        ValueError
            Fewer than two usable genes.
        """
        split, values = self._split(number)
        short = shortened(settings, self.counts.shape[0])
        for seen, other in zip(split.halves, values[::-1], strict=True):
            labels = self._labels(seen, short, split.seed)
            self.clock.enter("scoring")
            yield explained_share(other, labels), labels

    def _split(self, number: int) -> tuple[Split, list[np.ndarray]]:
        """A split of the molecules, and the values of each half that the other must predict."""
        if number not in self._splits:
            self.clock.enter("splitting")
            split = split_counts(self.counts, self.seed, number)
            values = [
                prepare(source_of(half), self.start, RunContext()).dense(slice(None))
                for half in split.halves
            ]
            self._splits[number] = split, values
        return self._splits[number]

    def _labels(self, half: sp.csr_matrix, settings: Settings, seed: int) -> np.ndarray:
        """Clusters by the line of `scinno.fit` up to its joint phase, int (cells,)."""
        with one_thread(), plain_torch():
            training, rng = trained(
                half, self.n_clusters, settings, seed, self.device, self.clock, "clustering"
            )
            place_centers(training, self.n_clusters, rng)
            return assign_sample(training)


def source_of(counts: sp.csr_matrix) -> BlockSource:
    """Counts as a fit takes them, without stored zeros."""
    counts = counts.copy()
    counts.eliminate_zeros()
    return as_source(counts, None, "counts", ScratchSpace())


def estimated_k(
    counts: sp.csr_matrix,
    within: tuple[int, int] | None,
    settings: Settings,
    seed: int,
    device: torch.device,
    clock: Clock,
) -> int:
    """K as `scinno.choose_k` estimates it; errors as `Judge.held_out`."""
    with one_thread(), plain_torch():
        per_epoch = settings.steps_per_epoch or -(-counts.shape[0] // settings.batch_size)
        settings = in_short_epochs(settings, per_epoch * settings.pretrain_epochs)
        training, rng = trained(counts, within, settings, seed, device, clock, "choosing K")
        network, code = training.network, training.batches.sample_codes()
        choice = estimate_k(network, code, view_codes(network, code), rng, within)
    return choice.n_clusters


def trained(
    counts: sp.csr_matrix,
    k: RequestedK,
    settings: Settings,
    seed: int,
    device: torch.device,
    clock: Clock,
    what: str,
) -> tuple[Training, np.random.Generator]:
    """A network after its first phase, when the clock has said that what follows fits, too."""
    clock.enter("preparing")
    source = source_of(counts)
    context = RunContext(callback=lambda row: clock.enter("training"))
    training, _ = start_training(source, k, settings, seed, device, context)
    clock.enter("training")
    began = clock.used
    pretrain(training)
    if training.interrupted:
        raise KeyboardInterrupt
    clock.enter(what, SHARE_OF_TRAINING * (clock.used - began))
    rng = np.random.default_rng(seed)
    weigh_views(training, rng)
    return training, rng


def shortened(settings: Settings, n_cells: int) -> Settings:
    """The settings of a trial: the same with fewer mini-batches, and without the joint phase."""
    per_epoch = settings.steps_per_epoch or -(-n_cells // settings.batch_size)
    steps = max(1, round(SHARE_OF_STEPS * per_epoch * settings.pretrain_epochs))
    return in_short_epochs(settings, steps if settings.pretrain_epochs else 0)


def in_short_epochs(settings: Settings, steps: int) -> Settings:
    """The settings with so many mini-batches, in epochs after which the clock is soon asked.

    The learning rate follows the steps of the whole phase, so that epochs change nothing else.
    """
    per_epoch = max(1, min(STEPS, steps))
    return dataclasses.replace(
        settings,
        pretrain_epochs=-(-steps // per_epoch),
        steps_per_epoch=per_epoch,
        joint_epochs=0,
    )
