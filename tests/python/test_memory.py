"""Memory that is available."""

import psutil

from scinno._runtime.memory import available_memory


def test_it_is_some_of_the_memory_of_the_machine():
    assert 1e8 < available_memory() <= psutil.virtual_memory().total
