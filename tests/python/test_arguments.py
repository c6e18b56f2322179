"""A part of `make faults`: wrong arguments, two at a time, end in a sentence or a sound result."""

import logging
import os

import arguments
import calls
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("SCINNO_EXAMPLES", "150"))
places = st.integers(0, 2**20)


class Calls(dict):
    """With a short name: hypothesis writes it into its report."""

    def __repr__(self) -> str:
        return f"{len(self)} calls"


@pytest.fixture(scope="module")
def every_call(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calls")
    here = os.getcwd()
    os.chdir(folder)  # some values are names of files
    logging.disable()
    yield Calls(arguments.every_call(folder))
    logging.disable(logging.NOTSET)
    os.chdir(here)


@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(st.lists(places, min_size=5, max_size=5))
def test_wrong_arguments_are_refused_with_a_sentence_or_give_a_sound_result(every_call, drawn):
    """A function, two of its arguments, and a value for each, by their places."""
    quick = sorted(set(every_call) - set(arguments.SLOW))
    name = quick[drawn[0] % len(quick)]
    names = arguments.arguments_of(name, every_call[name])
    changed, shown = {}, []
    for place, of_value in (drawn[1:3], drawn[3:5]):
        argument = names[place % len(names)]
        values = arguments.values_for(name, argument)
        what = sorted(values)[of_value % len(values)]
        changed[argument] = values[what]
        shown.append(f"{argument}={what}")
    note(f"{name}({', '.join(shown)})")
    assert calls.judge(every_call[name], changed) in ("right", "refused")


def test_every_public_function_is_among_them(every_call):
    import scinno
    from scinno import pl

    found = {name.rpartition(".")[2] for name in every_call}
    other = {"API_VERSION", "ClusterTree", "Domains", "Fit", "KChoice", "Tuning", "__version__",
             "bench", "datasets", "pl", "report", "tune"}  # fmt: skip
    assert set(scinno.__all__) - other <= found
    assert {f"pl.{name}" for name in pl.__all__} <= set(every_call)


def wrong(x):
    return 1 / x


def refused(x):
    raise ValueError("a sentence that is not scinno's")


@pytest.mark.parametrize("function", [wrong, refused])
def test_an_error_from_inside_is_found(function):
    with pytest.raises(calls.ForeignError):
        calls.judge(calls.Call(function, {"x": 1}), {"x": 0})


def test_numbers_that_are_none_are_found():
    import numpy as np

    with pytest.raises(calls.ForeignError, match="numbers that are none"):
        calls.judge(calls.Call(lambda x: np.array([x]), {"x": 1.0}), {"x": float("nan")})
