"""Runs of the benchmark as processes: limits hold, killed ones resume, shared ones run once."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from bench_runs import alive, go, only, start, wait_for, write_method
from bench_runs import labeled as labeled

from scinno.bench import choose, collect, write_outputs


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise ValueError('no good')", "exit code 1: ValueError: no good"),
        ("finish(job, [0, 1], start)", "gave 2 labels for 90 cells"),
        ("pass", "without writing labels"),
        ("os.kill(os.getpid(), 11)", "signal SIGSEGV"),
    ],
)
def test_failures_are_recorded_with_their_reason(labeled, tmp_path, body, reason):
    record = only(go(labeled, tmp_path / "out", write_method(tmp_path, "bad", body)))
    assert record["status"] == "failed"
    assert reason in record["reason"]
    results = collect(tmp_path / "out", choose([str(tmp_path / "bad.py")]))
    write_outputs(tmp_path / "out", results)
    assert reason.split(":")[-1].strip() in (tmp_path / "out" / "benchmark.html").read_text()


def test_time_and_memory_limits_end_a_run_and_what_it_started(labeled, tmp_path):
    body = f"""
import subprocess
child = subprocess.Popen(["sleep", "300"])
open({str(tmp_path / "pid")!r}, "w").write(str(child.pid))
time.sleep(300)"""
    slow = write_method(tmp_path, "slow", body)
    record = only(go(labeled, tmp_path / "a", slow, time_limit=4.0))
    assert "time limit of 4 s" in record["reason"]
    assert record["wall_seconds"] < 60
    child = int((tmp_path / "pid").read_text())
    wait_for("the run's own child has ended", lambda: not alive(child))
    if sys.platform == "linux":
        hog = write_method(tmp_path, "hog", "x = np.ones((30_000, 10_000)); time.sleep(300)")
        record = only(go(labeled, tmp_path / "b", hog, memory_limit=0.5e9))
        assert "memory limit of 0.5 GB" in record["reason"]
        assert record["peak_memory"] > 0.5e9


def test_a_killed_benchmark_resumes(labeled, tmp_path):
    stamp = tmp_path / "stamps"
    body = f"""
with open({str(stamp)!r}, "a") as file:
    file.write(f"{{job.seed}} {{os.getpid()}}\\n")
if job.seed == 1 and not os.path.exists({str(tmp_path / "second")!r}):
    time.sleep(300)
finish(job, np.arange(job.matrix.shape[0]) % 3, start)"""
    method = write_method(tmp_path, "stamps", body)
    out = tmp_path / "out"
    first = start(labeled, method, out, 3)
    try:
        wait_for("the second run has begun", lambda: stamp.exists() and "1 " in stamp.read_text())
    finally:
        first.kill()
        first.wait()
    kept = (out / "runs" / "small__stamps__given__0.json").read_bytes()
    running = int(stamp.read_text().splitlines()[1].split()[1])
    if sys.platform == "linux":
        wait_for("a run ends with its benchmark", lambda: not alive(running))
    (tmp_path / "second").touch()
    records = go(labeled, out, method, seeds=3)
    assert [record["status"] for record in records.values()] == ["done"] * 3
    assert (out / "runs" / "small__stamps__given__0.json").read_bytes() == kept
    seeds = [line.split()[0] for line in stamp.read_text().splitlines()]
    assert seeds == ["0", "1", "1", "2"]  # the first was kept, the killed one done again
    assert not list((out / "runs").glob("*.lock"))


def test_two_benchmarks_in_one_folder_share_the_runs(labeled, tmp_path):
    stamp = tmp_path / "stamps"
    body = f"""
with open({str(stamp)!r}, "a") as file:
    file.write(f"{{job.seed}} {{os.getppid()}}\\n")
time.sleep(0.5)
finish(job, np.arange(job.matrix.shape[0]) % 3, start)"""
    method = write_method(tmp_path, "stamps", body)
    other = start(labeled, method, tmp_path / "out", 8)
    try:
        wait_for("the other benchmark has begun", stamp.exists)
        go(labeled, tmp_path / "out", method, seeds=8)
        assert other.wait(240) == 0
    finally:
        other.kill()
        other.wait()
    lines = [line.split() for line in stamp.read_text().splitlines()]
    assert sorted(seed for seed, _ in lines) == [str(seed) for seed in range(8)]
    assert {parent for _, parent in lines} == {str(os.getpid()), str(other.pid)}
    assert len(list((tmp_path / "out" / "runs").glob("*.json"))) == 8


def test_failed_runs_are_repeated_on_request(labeled, tmp_path):
    body = f"assert os.path.exists({str(tmp_path / 'now')!r})\nfinish(job, np.zeros(90), start)"
    method = write_method(tmp_path, "later", body)
    assert only(go(labeled, tmp_path / "out", method))["status"] == "failed"
    (tmp_path / "now").touch()
    assert only(go(labeled, tmp_path / "out", method))["status"] == "failed"
    assert only(go(labeled, tmp_path / "out", method, redo=["failed"]))["status"] == "done"


def test_the_benchmark_is_imported_where_fcntl_is_missing():
    """As on Windows, where there are no process groups either."""
    script = (
        "import os, sys\n"
        "import psutil\n"
        "sys.modules['fcntl'] = None\n"
        "for name in ('killpg', 'getsid', 'sysconf'): delattr(os, name)\n"
        "import scinno.bench\n"
        "from pathlib import Path\n"
        "from scinno.bench._execute.machine import machine\n"
        "from scinno.bench._execute.process import run_limited\n"
        "assert machine()['memory_gb'] > 0\n"
        "child = 'import subprocess as s, sys; s.run([sys.executable, *sys.argv[1:]])'\n"
        "long = 'import os, time; print(os.getpid(), flush=True); time.sleep(300)'\n"
        "log = Path(sys.argv[1])\n"
        "command = [sys.executable, '-c', child, '-c', long]\n"
        "done = run_limited(command, log.parent, os.environ, log, 3, None)\n"
        "assert 'time limit of 3 s' in done.failure, done\n"
        "assert done.peak_memory > 1e6, done\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        done = subprocess.run([sys.executable, "-c", script, str(log)], capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        assert not alive(int(log.read_text()))
