"""A part of `make faults`: runs that are ended lose nothing, and the next one takes them up."""

import os
import signal
import subprocess
import sys
import time

import deaths
import forked
import kills
import pytest
from forked import SET, program, waited

if not hasattr(os, "fork"):
    pytest.skip("this system has no fork, with which processes begin", allow_module_level=True)


@pytest.fixture(scope="module")
def bench():
    with kills.bench_of() as found:
        yield found


@pytest.mark.parametrize("world", ["memory", "blocks-force", "python"])
def test_a_run_that_is_ended_at_random_loses_nothing(world, bench):
    counts = kills.tried(bench, world, range(4))
    assert counts.bad == []
    assert counts.tried == 4


def test_a_kill_before_or_after_any_rename_loses_nothing(bench):
    counts = kills.renames(bench, every=9)
    assert counts.bad == []
    assert counts.tried >= 4


def test_of_two_runs_at_once_one_is_refused_and_nothing_is_left(bench):
    """Of one folder of results, and of one checkpoint; begun together, so that either may win."""
    for same in ("out", "checkpoint"):
        bench.clean("blocks")
        work = bench.out.parent
        outs = [work / "out", work / ("out" if same == "out" else "other")]
        logs = [bench.folder / f"log{j}" for j in (0, 1)]
        numbers = [
            forked.forked(
                program("cluster", bench.input, "-k", 3, "-o", out, "-q", *SET, "--checkpoint",
                        bench.state if same == "checkpoint" else f"{bench.state}{j}"),
                log,
            )
            for j, (out, log) in enumerate(zip(outs, logs, strict=True))
        ]  # fmt: skip
        ends = [waited(*one) for one in zip(numbers, logs, strict=True)]
        assert sorted(end.status for end in ends) == [0, 2], ends
        refused = next(end for end in ends if end.status)
        assert "is in use by another run of scinno: wait for its end" in refused.said
        assert refused.said.count("\n") == 1
        assert len(list(work.iterdir())) == 1
        assert bench.bits[forked.bits(next(work.iterdir()))] == "new"


@pytest.mark.parametrize("seconds", [0.2, 0.6, 1.5])
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_at_the_start_ends_with_130_and_one_sentence(times, seconds, bench):
    """In processes that Python itself begins and ends; before it has loaded us it is not ours."""
    code = "import scinno.__main__ as m; print('begun', flush=True); m.main()"
    words = ["cluster", str(bench.input), "-k", "3", "-o", str(bench.folder / "start"), "-q"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as started:  # fmt: skip
        assert started.stdout is not None
        assert started.stderr is not None
        assert started.stdout.readline() == "begun\n"
        time.sleep(seconds)
        for _ in range(times):
            started.send_signal(signal.SIGINT)
        assert started.wait(60) == 130
        assert started.stderr.read() == "scinno: interrupted: nothing half-written is left\n"
    assert not (bench.folder / "start").exists()


def test_an_error_that_a_library_makes_of_ctrl_c_is_an_interrupt(bench, monkeypatch, capsys):
    from scinno import __main__

    def load(*_):
        os.kill(os.getpid(), signal.SIGINT)

    def library(*_):
        try:
            load()
        except KeyboardInterrupt:
            raise RuntimeError("could not load") from None

    monkeypatch.setattr("scinno.cli.run.fit_cells", library)
    monkeypatch.setattr(sys, "argv", ["scinno", "cluster", str(bench.input)])
    monkeypatch.chdir(bench.folder)
    with pytest.raises(SystemExit) as end:
        __main__.main()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert end.value.code == 130
    assert "interrupted: nothing half-written is left (RuntimeError" in capsys.readouterr().err


def test_a_rank_that_waits_for_the_other_can_be_ended(bench):
    bench.clean("ranks")
    number = forked.forked(deaths.rank(1, deaths.free_port(), bench.words("ranks")), bench.log)
    time.sleep(2)
    begin = time.monotonic()
    os.kill(number, signal.SIGTERM)
    assert waited(number, bench.log).status == -signal.SIGTERM
    assert time.monotonic() - begin < 10
    assert not bench.leftovers()


def test_a_loss_would_be_found(bench, monkeypatch):
    """The bench itself: a run that removes the earlier one first, and a folder without a file."""
    monkeypatch.setattr("scinno._runtime.atomic._exchange", lambda *_: False)
    bench.clean("force")
    (bench.out / "labels.csv").unlink()
    assert "holds" in bench.found("", 0)
    bench.clean("blocks")
    assert bench.found("", 0) == "none"


def test_ctrl_c_that_falls_into_a_callback_is_not_lost(bench, monkeypatch, capsys):
    """Python prints and drops what is raised where nothing can be raised, as in ``__del__``."""
    from scinno import __main__

    class Removed:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGINT)

    def library(*_):
        Removed()
        time.sleep(20)

    monkeypatch.setattr("scinno.cli.run.fit_cells", library)
    monkeypatch.setattr(sys, "argv", ["scinno", "cluster", str(bench.input), "-k", "3"])
    monkeypatch.chdir(bench.folder)
    start = time.monotonic()
    with pytest.raises(SystemExit) as end:
        __main__.main()
    assert time.monotonic() - start < 15
    signal.signal(signal.SIGINT, signal.default_int_handler)
    assert end.value.code == 130
    assert "Traceback" not in capsys.readouterr().err
