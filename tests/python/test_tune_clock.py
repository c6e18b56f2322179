"""The budget of a search: no step begins that would end after it."""

import pytest

from scinno._tune.clock import CLOSING, MARGIN, Clock, OutOfTime


class Hands:
    """A clock of which the test moves the hands."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


def test_a_step_that_took_longer_than_what_is_left_does_not_begin_again(hands):
    clock = Clock(60, now=hands)
    clock.enter("training")
    hands.now += 20
    clock.enter("training")  # 40 s are left for one of 20 s
    hands.now += 20
    with pytest.raises(OutOfTime):
        clock.enter("training")  # 20 s would be too few
    assert clock.used == 40


def test_a_new_step_may_take_as_long_as_the_longest_so_far(hands):
    clock = Clock(60, now=hands)
    clock.enter("reading")
    hands.now += 30
    with pytest.raises(OutOfTime):
        clock.enter("preparing")
    clock = Clock(60, now=hands)
    with pytest.raises(OutOfTime):
        clock.enter("preparing", guess=50)


def test_a_known_step_is_expected_to_take_its_own_time(hands):
    clock = Clock(60, now=hands)
    clock.enter("reading")
    hands.now += 20
    clock.enter("training")
    hands.now += 1
    clock.enter("training")
    hands.now += 1
    clock.enter("training", guess=30)  # a guess counts for new steps only
    clock.leave()
    hands.now += 10
    clock.enter("training")  # what came after the interruption was no step


def test_the_margin_and_the_time_for_closing_are_kept(hands):
    clock = Clock(60, now=hands)
    most = (60 - CLOSING) / MARGIN
    assert clock.fits(most)
    assert not clock.fits(most + 0.01)
    hands.now += 30
    assert not clock.fits(most)


def test_each_step_is_told_with_the_time_used(hands):
    told = []
    clock = Clock(60, lambda step, used: told.append((step, used)), now=hands)
    clock.enter("reading")
    hands.now += 2
    clock.enter("training")
    assert told == [("reading", 0), ("training", 2)]
