"""The first reading of all cells by the workers of a Dask scheduler."""

import sys

import anndata as ad
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from conftest import QUICK, ProcessGroup, gene_stats, source_of
from distributed import LocalCluster
from typer.testing import CliRunner

from scinno._preprocess import dask_stats
from scinno.cli import app, main


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.fixture
def small_blocks(monkeypatch):
    """Seven blocks of the cells here, in two lots."""
    monkeypatch.setattr(dask_stats, "BLOCK", 24)
    monkeypatch.setattr(dask_stats, "MAX_PENDING", 4)
    monkeypatch.setattr("scinno._data.blocks.BLOCK", 24)


@pytest.fixture(scope="module")
def file(tmp_path_factory, labeled_cells):
    path = tmp_path_factory.mktemp("cells") / "cells.h5ad"
    data = labeled_cells.copy()
    data.obs["chip"] = ["left", "right", "right"] * 50
    data.write_h5ad(path)
    return path


@pytest.mark.parametrize("logs", [False, True])
def test_the_sums_are_those_of_one_process(cluster, small_blocks, tmp_path, simulated, logs):
    values = simulated[0].astype(np.float32)
    if logs:
        values = values.log1p()
    path = tmp_path / "cells.h5ad"
    data = ad.AnnData(values)
    data.write_h5ad(path)
    source = source_of(values, data.var_names.to_numpy())
    expected = gene_stats(source)
    with dask_stats.dask_client(cluster.scheduler_address) as client:
        reader = dask_stats.dask_sums_reader(client, path, None, 150, "auto")
        found = gene_stats(source, reader)
        second = next(reader(ProcessGroup(1, 2).shard(150))("log"))
    assert found.kind == expected.kind == ("log" if logs else "counts")
    for name in ("library", "expressed_in", "mean", "variance"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    np.testing.assert_array_equal(second.expressed_in, np.diff(values[75:99].tocsc().indptr))


@pytest.mark.parametrize("batch", [[], ["--batch-key", "chip"]])
def test_the_command_gives_the_same_labels(cluster, small_blocks, file, tmp_path, batch):
    runner, labels = CliRunner(), []
    for more in ([], ["--scheduler", cluster.scheduler_address]):
        out = tmp_path / f"run-{len(more)}"
        quick = [f"--set={name}={value}" for name, value in QUICK.items()]
        words = ["cluster", str(file), "--backed", "-k", "3", "-o", str(out), *quick, *more, *batch]
        ended = runner.invoke(app, words)
        assert ended.exit_code == 0, ended.output
        labels.append(pd.read_csv(out / "labels.csv"))
    pd.testing.assert_frame_equal(*labels)


def refusal(monkeypatch, capsys, *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["scinno", "cluster", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    return capsys.readouterr().err


def test_bad_values_are_named_as_without_a_scheduler(cluster, tmp_path, monkeypatch, capsys):
    values = np.ones((60, 3), dtype=np.float32)
    values[57, 1] = np.nan
    path = tmp_path / "cells.h5ad"
    ad.AnnData(sp.csr_matrix(values)).write_h5ad(path)
    out = str(tmp_path / "out")
    errors = [
        refusal(monkeypatch, capsys, str(path), "-o", out, *more).splitlines()[-1]
        for more in (["--backed"], ["--scheduler", cluster.scheduler_address])
    ]
    assert errors[0] == errors[1]
    assert "cell 57" in errors[0]


def test_a_scheduler_needs_values_by_rows(cluster, tmp_path, simulated, monkeypatch, capsys):
    path = tmp_path / "cells.h5ad"
    ad.AnnData(simulated[0].astype(np.float32).tocsc()).write_h5ad(path)
    words = (str(path), "-o", str(tmp_path / "out"), "--scheduler", cluster.scheduler_address)
    assert "--scheduler needs values stored by rows" in refusal(monkeypatch, capsys, *words)


def test_a_scheduler_that_does_not_answer(file, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(dask_stats, "TIMEOUT", 1.0)
    words = (str(file), "-o", str(tmp_path / "out"), "--scheduler", "nowhere:1")
    assert "--scheduler nowhere:1 does not answer" in refusal(monkeypatch, capsys, *words)
