"""Warnings that are ignored in overlapping threads."""

import threading
import warnings

from scinno._runtime._tasks.ignored import ignored


def test_filters_are_given_back_when_threads_leave_in_another_order_than_they_came():
    before = list(warnings.filters)
    second_in, second_may_go = threading.Event(), threading.Event()
    heard = []

    def second():
        with ignored(DeprecationWarning):
            second_in.set()
            second_may_go.wait(60)
            heard.append(warned())  # the first has gone

    def warned():
        try:
            warnings.warn("old", DeprecationWarning, stacklevel=1)
        except DeprecationWarning:
            return True
        return False

    with ignored(DeprecationWarning):
        thread = threading.Thread(target=second)
        thread.start()
        assert second_in.wait(60)
    second_may_go.set()
    thread.join()
    assert heard == [False]
    assert list(warnings.filters) == before
    assert warned()
