"""Several processes that train one network, started by torchrun on this machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from batches_in_turn import InTurn
from conftest import QUICK, simulate
from sklearn.metrics import adjusted_rand_score

import scinno
from scinno._distributed.rendezvous import own_interface
from scinno.cli import main

HERE = Path(__file__).parent
CELLS, K = 700, 3
# Half precision would hide whether both compute the same.
EXACT = QUICK | {"precision": "float32"}


def torchrun(script: list[str], *words: str, processes: int = 2) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--standalone",
         f"--nproc-per-node={processes}", *words, *script],
        env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    counts, types = simulate(cells=CELLS, k=K)
    order = np.random.default_rng(1).permutation(CELLS)
    obs = pd.DataFrame({"type": types[order].astype(str)}, index=[f"c{i}" for i in range(CELLS)])
    obs["chip"] = np.where(np.arange(CELLS) % 3, "left", "right")
    path = tmp_path_factory.mktemp("group") / "cells.h5ad"
    ad.AnnData(counts[order].astype(np.float32), obs=obs).write_h5ad(path)
    return path


def words(file: Path, out: Path, *more: str) -> list[str]:
    quick = [f"--set={name}={value}" for name, value in EXACT.items()]
    return ["cluster", str(file), "-k", str(K), "-o", str(out), *quick, *more]


@pytest.fixture(scope="module")
def group(file) -> Path:
    """The folder of all that two processes have done: checks, and runs of the program."""
    folder = file.parent
    runs = {
        "run": words(file, folder / "run"),
        "batches": words(file, folder / "batches", "--batch-key", "chip"),
        "refused": words(file, folder / "refused", "--set=batch_size=25"),
    }
    (folder / "runs.json").write_text(json.dumps(runs))
    done = torchrun([str(HERE / "process_group_runs.py"), str(folder)])
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return folder


def ended(folder: Path, name: str) -> list[dict]:
    """How a run ended on each rank."""
    return [json.loads((folder / f"{name}.{rank}.json").read_text()) for rank in (0, 1)]


@pytest.fixture(scope="module")
def run(group) -> Path:
    """The folder of a run by two processes."""
    main_rank, other = ended(group, "run")
    assert main_rank["status"] == other["status"] == 0, (main_rank, other)
    assert main_rank["out"].count("scinno.Fit: 700 cells in 3 clusters") == 1
    assert other["out"] == ""  # the main rank prints
    assert "Warning" not in main_rank["err"] + other["err"]
    return group / "run"


@pytest.fixture(scope="module")
def checks(group) -> dict:
    return json.loads((group / "checks.json").read_text())


@pytest.mark.parametrize(
    "loss", ["pretrain", "pretrain without InfoNCE", "joint", "joint of the paper"]
)
def test_gradients_of_two_processes_are_those_of_one_with_all_cells(checks, loss):
    assert checks[loss]["gradient"] < 1e-5
    np.testing.assert_allclose(checks[loss]["parts"], checks[loss]["expected"], rtol=1e-5)


def test_fractions_on_one_rank_make_log_values_of_all(checks):
    assert checks["kinds"] == [True, True]
    assert checks["expressed in"] == [3, 3]


def test_sums_and_rows_of_all(checks):
    assert checks["rows"] == checks["to main"] == [[float(i), 10.0 * i] for i in range(7)]
    assert checks["sum"] == [3.0]
    assert checks["from main"] == {"rank": 0}
    assert checks["local"] == [0, 2, 0, 3]  # rows 0 to 2 are the main rank's
    assert checks["same"] == [0.0] * 8


def test_on_one_machine_nothing_listens_to_others(checks):
    """The main rank has the store and gloo: whoever reached them could run code here."""
    assert len(checks["listens"]) >= 2
    assert set(checks["listens"]) == {"127.0.0.1"}


def test_gloo_listens_where_the_user_says(monkeypatch):
    monkeypatch.setenv("GLOO_SOCKET_IFNAME", "eth7")
    with own_interface():
        assert os.environ["GLOO_SOCKET_IFNAME"] == "eth7"
    assert os.environ["GLOO_SOCKET_IFNAME"] == "eth7"


@pytest.mark.parametrize(("here", "expected"), [("2", True), ("1", False)])
def test_gloo_listens_to_one_machine_only_if_all_are_on_it(monkeypatch, here, expected):
    monkeypatch.delenv("GLOO_SOCKET_IFNAME", raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", here)
    with own_interface():
        assert (os.environ.get("GLOO_SOCKET_IFNAME") in ("lo", "lo0")) is expected
    assert "GLOO_SOCKET_IFNAME" not in os.environ


def test_no_thread_outlives_the_group(checks):
    """A process that ends beside one is aborted now and then."""
    assert checks.get("threads of gloo", []) == []


def test_two_processes_find_what_one_finds_with_the_same_batches(file, run, monkeypatch):
    cells = ad.read_h5ad(file)
    monkeypatch.setattr("scinno._fit.Batches", InTurn)
    alone = scinno.fit(cells.X, K, genes=cells.var_names, **EXACT)
    together = pd.read_csv(run / "history.csv")
    # Up to the anchors: they are centers of microclusters, and a last digit may move a cell there.
    first = together[together["phase"] == "pretrain"].drop(columns=["phase", "seconds"])
    expected = alone.history.loc[first.index, first.columns]
    np.testing.assert_allclose(first.astype(float), expected.astype(float), rtol=1e-4)
    labels = pd.read_csv(run / "labels.csv")["label"]
    assert adjusted_rand_score(alone.labels, labels) >= 0.99
    assert adjusted_rand_score(cells.obs["type"], labels) > 0.9


def test_two_processes_with_batches(file, group, monkeypatch):
    out = group / "batches"
    assert [end["status"] for end in ended(group, "batches")] == [0, 0]
    cells = ad.read_h5ad(file)
    monkeypatch.setattr("scinno._fit.Batches", InTurn)
    alone = scinno.fit(cells.X, K, genes=cells.var_names, batch=cells.obs["chip"], **EXACT)
    together = ad.read_h5ad(out / "clustered.h5ad")
    np.testing.assert_allclose(together.obsm["X_scinno"], alone.embedding, atol=1e-3)
    fit = scinno.load(out / "model.safetensors")
    np.testing.assert_allclose(fit.preprocessing.center, alone.preprocessing.center, atol=1e-5)
    profiles = fit.batch_info.profiles, alone.batch_info.profiles
    np.testing.assert_allclose(*profiles, atol=1e-3)
    mix = pd.read_csv(out / "batch_mix.csv")
    np.testing.assert_allclose(mix, alone.batch_mix, atol=0.05)


def test_cells_keep_their_order_and_the_folder_is_whole(file, run):
    cells = ad.read_h5ad(file, backed="r")
    together = ad.read_h5ad(run / "clustered.h5ad")
    assert list(together.obs_names) == list(cells.obs_names)
    assert {"labels.csv", "model.safetensors", "history.csv", "settings.json"} <= {
        path.name for path in run.iterdir()
    }
    fit = scinno.load(run / "model.safetensors")
    labels = fit.predict(ad.read_h5ad(file).X, genes=cells.var_names)
    np.testing.assert_array_equal(labels, pd.read_csv(run / "labels.csv")["label"])


def test_killed_processes_are_started_again_and_nothing_changes(file, run, tmp_path):
    out, state = tmp_path / "again", tmp_path / "state"
    script = [str(HERE / "ended_once.py"), str(tmp_path), "pretrain:1", "joint:0"]
    more = words(file, out, "--checkpoint", str(state))
    done = torchrun([*script, *more], "--max-restarts=2")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "pretrain.killed").exists()
    assert (tmp_path / "joint.killed").exists()
    assert f"resuming from {state / 'joint.checkpoint'}, after epoch 1" in done.stderr
    assert not state.exists()  # the results are safe
    again, before = (ad.read_h5ad(path / "clustered.h5ad") for path in (out, run))
    np.testing.assert_array_equal(again.obsm["X_scinno"], before.obsm["X_scinno"])
    pd.testing.assert_frame_equal(again.obs, before.obs)


def test_a_refusal_leaves_nothing(group):
    ends = ended(group, "refused")
    assert all(end["status"] == 2 for end in ends), ends
    assert "must be a multiple of 2: got 700 cells and batch_size=25" in ends[0]["err"]
    assert not (group / "refused").exists()


def test_other_commands_are_for_one_process(monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(sys, "argv", ["scinno", "doctor"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "torchrun is for scinno cluster: doctor runs in a single" in capsys.readouterr().err
