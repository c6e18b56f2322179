"""The doctor: no complaint on a good machine, and one command that repairs each problem."""

import json
import subprocess
import sys
from importlib import metadata

import pytest
import threadpoolctl
import torch
from test_cli import scinno as command

from scinno.cli import doctor_checks
from scinno.cli.doctor_checks import Check


def one(checks, name) -> Check:
    (check,) = [check for check in checks if check.name == name]
    return check


@pytest.fixture(scope="module")
def checks() -> list:
    return doctor_checks.examine()


def test_this_machine_is_fit(checks):
    assert [check for check in checks if not check.good] == []
    assert all(check.repair == "" for check in checks)
    names = {check.name for check in checks}
    assert {
        "Python", "torch", "torch build", "CUDA", "threads", "OpenMP runtimes", "memory",
        "write access", "self-test",
    } <= names  # fmt: skip
    needs = {line.split(">=")[0] for line in metadata.requires("scinno") if "extra" not in line}
    assert needs | {"scanpy", "matplotlib", "typer"} <= names  # those of the extras, too
    assert "scinno" not in names
    assert "ARI 1.00" in one(checks, "self-test").found


def test_old_and_missing_packages_get_the_line_that_brings_them(monkeypatch):
    versions = {"torch": "2.1.0", "scanpy": "1.11.0rc1"}

    def version(name):
        if name == "plotly":
            raise metadata.PackageNotFoundError
        return versions.get(name) or installed(name)

    installed = metadata.version
    monkeypatch.setattr(doctor_checks.metadata, "version", version)
    found = list(doctor_checks._packages())
    assert {check.name for check in found if not check.good} == {"torch", "plotly"}
    assert one(found, "torch").found == "2.1.0 (needs >=2.4)"
    assert one(found, "torch").repair == f'{sys.executable} -m pip install "torch>=2.4"'
    assert one(found, "plotly").found.startswith("missing")


def test_without_metadata_floors_come_from_the_list_beside(monkeypatch, tmp_path):
    def nothing(_):
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(doctor_checks.metadata, "requires", nothing)
    monkeypatch.setattr(doctor_checks.metadata, "metadata", nothing)
    monkeypatch.setattr(doctor_checks, "__file__", str(tmp_path / "scinno" / "cli" / "checks.py"))
    assert doctor_checks.requirements() == []
    (tmp_path / "requirements.txt").write_text("torch>=2.4\nnumpy>=1.26\n")
    assert [need.name for need in doctor_checks.requirements()] == ["torch", "numpy"]
    assert doctor_checks._python().good


def test_an_old_python_is_found(monkeypatch):
    monkeypatch.setattr(doctor_checks.sys, "version_info", (3, 10, 4))
    check = doctor_checks._python()
    assert not check.good
    assert check.repair.startswith("python3.11 -m venv")


def test_it_runs_where_torch_and_scikit_learn_do_not_load():
    script = (
        "import sys\n"
        "for name in ('torch', 'sklearn', 'numpy'): sys.modules[name] = None\n"
        "sys.argv = ['scinno', 'doctor']\n"
        "from scinno.cli import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert "BAD torch build" in done.stdout
    assert "does not load" in done.stdout
    assert "a small fit fails" in done.stdout
    assert "pip install --force-reinstall torch" in done.stdout


SMI = "| NVIDIA-SMI 550.54   Driver Version: {}   CUDA Version: {} |"


@pytest.mark.parametrize(
    ("cuda", "repair"),
    [("13.0", "whl/cu128"), ("12.6", "whl/cu126"), ("12.1", "whl/cu118"), ("11.2", "newer NVIDIA")],
)
def test_a_gpu_that_torch_does_not_see_gets_the_build_for_its_driver(monkeypatch, cuda, repair):
    monkeypatch.setattr(doctor_checks.shutil, "which", lambda _: "nvidia-smi")
    done = subprocess.CompletedProcess([], 0, stdout=SMI.format("550.54.15", cuda))
    monkeypatch.setattr(doctor_checks.subprocess, "run", lambda *_, **__: done)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")  # irrelevant here: this torch has no CUDA
    check = one(doctor_checks._torch(doctor_checks._driver()), "CUDA")
    assert not check.good
    assert check.found.startswith(f"driver 550.54.15 (CUDA {cuda}) is installed")
    assert repair in check.repair


def test_a_hidden_gpu_is_told_from_a_wrong_torch(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    check = one(doctor_checks._torch(("550.54.15", (12, 8))), "CUDA")
    assert not check.good
    assert "CUDA_VISIBLE_DEVICES='-1' may hide GPUs" in check.found
    assert check.repair == "unset CUDA_VISIBLE_DEVICES"
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    assert "does not match it" in one(doctor_checks._torch(("550.54.15", (12, 8))), "CUDA").found


def test_a_gpu_that_cannot_compute_is_found(monkeypatch):
    def fails(*_, **__):
        raise RuntimeError("no kernel image is available for execution on the device\nmore")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "Some GPU")
    monkeypatch.setattr(torch, "ones", fails)
    check = one(doctor_checks._torch(("550.54.15", (12, 8))), "CUDA")
    assert not check.good
    assert check.found == "Some GPU: no kernel image is available for execution on the device"
    assert "whl/cu128" in check.repair


def test_no_driver_is_not_a_problem(monkeypatch):
    monkeypatch.setattr(doctor_checks.shutil, "which", lambda _: None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert one(doctor_checks._torch(doctor_checks._driver()), "CUDA").good


def test_two_openmp_runtimes_that_clash_are_found(monkeypatch):
    pools = [
        {"user_api": "openmp", "prefix": prefix, "filepath": f"/lib/{prefix}.so"}
        for prefix in ("libomp", "libiomp")
    ]
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: pools)
    assert not doctor_checks._openmp().good
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: pools[:1])
    assert doctor_checks._openmp().good


def test_little_memory_and_a_folder_that_cannot_be_written(monkeypatch):
    monkeypatch.setattr(doctor_checks, "available_memory", lambda: 5e8)
    assert not doctor_checks._memory().good
    monkeypatch.setattr(doctor_checks, "available_memory", lambda: 8e9)
    assert doctor_checks._memory().good

    def refused(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor_checks.tempfile, "TemporaryFile", refused)
    check = doctor_checks._writing()
    assert not check.good
    assert "Permission denied" in check.found
    assert "--out" in check.repair


def test_a_fit_that_fails_or_finds_nothing_is_told(monkeypatch):
    monkeypatch.setattr("scinno._fit.fit", lambda *_, **__: 1 / 0)
    assert "ZeroDivisionError" in doctor_checks._self_test().found
    wrong = type("Wrong", (), {"labels": [0, 1, 2] * 100})()
    monkeypatch.setattr("scinno._fit.fit", lambda *_, **__: wrong)
    check = doctor_checks._self_test()
    assert not check.good
    assert "--force-reinstall scinno" in check.repair


def test_command_prints_and_ends_with_what_it_found(monkeypatch, capsys):
    good, bad = Check("memory", True, "8.0 GB"), Check("torch", False, "2.1", "pip install torch")
    monkeypatch.setattr(doctor_checks, "examine", lambda: [good])
    command("doctor")
    assert capsys.readouterr().out.splitlines() == ["ok  memory  8.0 GB", "No problems found."]
    monkeypatch.setattr(doctor_checks, "examine", lambda: [good, bad])
    command("doctor", code=1)
    shown = capsys.readouterr().out
    assert "BAD torch   2.1" in shown
    assert "to repair: pip install torch" in shown
    command("doctor", "--quiet", code=1)
    assert "memory" not in capsys.readouterr().out
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    command("doctor", "--verbose", code=1)
    assert "OMP_NUM_THREADS=7" in capsys.readouterr().out
    command("doctor", "--json", code=1)
    result = json.loads(capsys.readouterr().out)
    assert result["good"] is False
    assert result["environment"]["OMP_NUM_THREADS"] == "7"
    assert result["checks"][1] == {
        "name": "torch", "good": False, "found": "2.1", "repair": "pip install torch",
    }  # fmt: skip
