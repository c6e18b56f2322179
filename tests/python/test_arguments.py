"""A part of `make faults`: wrong arguments, two at a time, end in a sentence or a sound result."""

import logging
import os

import arguments
import calls
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("SCINNO_EXAMPLES", "300"))


@pytest.fixture(scope="module")
def every_call(tmp_path_factory):
    folder = tmp_path_factory.mktemp("calls")
    here = os.getcwd()
    os.chdir(folder)  # some values are names of files
    logging.disable()
    yield arguments.every_call(folder)
    logging.disable(logging.NOTSET)
    os.chdir(here)


@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(data=st.data())
def test_wrong_arguments_are_refused_with_a_sentence_or_give_a_sound_result(data, every_call):
    name = data.draw(st.sampled_from(sorted(every_call)), label="function")
    call = every_call[name]
    names = arguments.arguments_of(name, call)
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    changed = {}
    for argument in chosen:
        values = arguments.values_for(name, argument)
        changed[argument] = values[data.draw(st.sampled_from(sorted(values)), label=argument)]
    assert calls.judge(call, changed) in ("right", "refused")


def test_every_public_function_is_among_them(every_call):
    import scinno
    from scinno import pl

    found = {name.rpartition(".")[2] for name in every_call}
    other = {"API_VERSION", "ClusterTree", "Fit", "KChoice", "Tuning", "__version__", "bench",
             "datasets", "pl", "report", "tune"}  # fmt: skip
    assert set(scinno.__all__) - other <= found
    assert {f"pl.{name}" for name in pl.__all__} <= set(every_call)


def wrong(x):
    return 1 / x


def refused(x):
    raise ValueError("a sentence that is not scinno's")


@pytest.mark.parametrize("function", [wrong, refused])
def test_an_error_from_inside_is_found(function):
    with pytest.raises(calls.Foreign):
        calls.judge(calls.Call(function, {"x": 1}), {"x": 0})


def test_numbers_that_are_none_are_found():
    import numpy as np

    with pytest.raises(calls.Foreign, match="numbers that are none"):
        calls.judge(calls.Call(lambda x: np.array([x]), {"x": 1.0}), {"x": float("nan")})
