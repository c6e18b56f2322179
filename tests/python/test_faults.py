"""A part of `make faults`: changed files are refused with a sentence, or are right."""

import faults
import pytest

# Of each kind; all changes of all files are among them.
N = {"models": 192, "h5": 60}


@pytest.fixture(scope="module", params=N)
def counts(request) -> faults.Counts:
    return faults.tried(request.param, 0, N[request.param])


def test_a_changed_file_is_refused_or_right(counts):
    assert counts.bad == []
    assert counts.outcomes["refused"] > counts.outcomes.total() / 3


def test_what_ends_the_child_is_counted_and_the_next_goes_on(tmp_path, monkeypatch):
    (tmp_path / "child.py").write_text(
        "import json, os, sys\n"
        "for seed in range(int(sys.argv[2]), int(sys.argv[3])):\n"
        "    print(json.dumps({'begin': seed, 'change': 'c'}), flush=True)\n"
        "    if seed == 1:\n"
        "        os.abort()\n"
        "    print(json.dumps({'end': seed, 'change': 'c', 'outcome': 'wrong' if seed == 2 else\n"
        "                      'right', 'detail': 'd'}), flush=True)\n"
    )
    monkeypatch.setattr(faults, "HERE", tmp_path)
    counts = faults.tried("models", 0, 4)
    assert counts.outcomes == {"right": 2, "crash": 1, "wrong": 1}
    assert counts.bad == ["1 (c): crash: exit status -6", "2 (c): wrong: d"]
    assert "| model files | 4 | 0 | 2 | 1 | 0 | 0 | 0 | 1 |" in faults.page({"models": counts})
