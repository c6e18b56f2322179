"""Peers, each run for real on one small set: all that pip can install, others where they are."""

import json
import os
import warnings
from pathlib import Path

import anndata as ad
import numpy as np
import pytest

from scinno.bench import Plan, choose, run

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def peers_python() -> str:
    """The Python that `make .venv-peers/.ready` sets up."""
    python = os.environ.get("SCINNO_BENCH_PYTHON", str(ROOT / ".venv-peers" / "bin" / "python"))
    if not Path(python).exists():
        if os.environ.get("CI"):
            pytest.fail(f"the peers' Python is missing: {python}")
        # On a user's machine only: in CI missing peers fail, line above.
        pytest.skip("the peers are not here: make .venv-peers/.ready")
    return python


def three_lines(folder: Path, file: Path, genes: int) -> Path:
    """225 cells of three lines; few genes make it quick, those with most counts tell them apart."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what AnnData says on reading older files
        data = ad.read_h5ad(folder / "mixology_dropseq_3cl.h5ad")
    most = np.sort(np.asarray(data.X.sum(axis=0)).ravel().argsort()[-genes:])
    data[:, most].copy().write_h5ad(file)
    return file


def two_conditions(folder: Path, file: Path) -> Path:
    """240 blood cells of two types, half of each stimulated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what AnnData says on reading older files
        data = ad.read_h5ad(folder / "kang_pbmc_1267g.h5ad")
    groups = data.obs.groupby(["cell_type", "batch"], observed=True).indices
    kinds = ("CD14+ Monocytes", "B cells")
    chosen = np.concatenate([groups[kind, b][:60] for kind in kinds for b in ("ctrl", "stim")])
    data[np.sort(chosen)].copy().write_h5ad(file)
    return file


def record_of(method: str, file: Path, out: Path, mode: str) -> dict:
    run(Plan(sets=[file], methods=choose([method]), out=out, seeds=1, modes=(mode,)))
    [record] = [json.loads(path.read_text()) for path in (out / "runs").glob("*.json")]
    assert record["status"] == "done", record["reason"]
    return record


@pytest.mark.parametrize("method", ["sc3s", "scvi"])
def test_a_peer_finds_most_of_three_cell_lines(
    data_folder, peers_python, tmp_path, monkeypatch, method
):
    monkeypatch.setenv("SCINNO_BENCH_PYTHON", peers_python)
    cells = three_lines(data_folder, tmp_path / "small.h5ad", genes=500)
    record = record_of(method, cells, tmp_path / "out", "given")
    assert record["k_found"] == 3
    assert record["scores"]["ARI"] > 0.6


@pytest.mark.parametrize("method", ["celltree", "sharp", "simlr", "scena", "scgae"])
def test_a_peer_from_a_clone_does_so_where_it_is(data_folder, tmp_path, method):
    missing = choose([method])[0].missing()
    if missing is not None:
        # Neither PyPI nor Debian has them, so that CI cannot install them.
        pytest.skip(missing)
    cells = three_lines(data_folder, tmp_path / "small.h5ad", genes=2000)
    record = record_of(method, cells, tmp_path / "out", "given")
    assert record["k_found"] >= 2
    assert record["scores"]["ARI"] > 0.6


def check_batches(method: str, data_folder: Path, folder: Path, scored: bool) -> None:
    """Both cases of a small set: types are found, whole or without one in one condition."""
    [chosen] = choose([method], "batches")
    assert chosen.missing() is None, chosen.missing()
    run(Plan(
        sets=[two_conditions(data_folder, folder / "small.h5ad")], methods=[chosen], seeds=1,
        out=folder / "out", modes=("given",), task="batches",
    ))  # fmt: skip
    records = {
        path.stem: json.loads(path.read_text()) for path in (folder / "out" / "runs").glob("*.json")
    }
    assert set(records) == {f"small{case}__{method}__given__0" for case in ("", "-lacking")}
    for record in records.values():
        assert record["status"] == "done", record["reason"]
        scores = record["scores"]
        # Harmony may leave the conditions apart, and Leiden then divides a type.
        assert scores["ARI"] > (0.5 if method == "harmony-leiden" else 0.8), scores
        assert scores["type_kept"] > 0.5, scores
        if scored:
            assert record["about"]["scib-metrics"][0].isdigit()
            assert scores["cLISI"] > 0.8, scores
            assert 0 < scores["iLISI"] < 1, scores
            assert scores["graph_connectivity"] > 0.5, scores


@pytest.mark.parametrize(
    "method", ["harmony-kmeans", "harmony-leiden", "scanorama", "bbknn", "scvi-batch-kmeans"]
)
def test_a_peer_for_batches_finds_types_and_not_batches(
    data_folder, peers_python, tmp_path, monkeypatch, method
):
    monkeypatch.setenv("SCINNO_BENCH_PYTHON", peers_python)
    # BBKNN has a graph and no embedding.
    check_batches(method, data_folder, tmp_path, scored=method != "bbknn")


@pytest.mark.parametrize("method", ["banksy", "banksy-leiden", "graphst", "stagate"])
def test_a_peer_for_domains_finds_layers(data_folder, peers_python, tmp_path, monkeypatch, method):
    monkeypatch.setenv("SCINNO_BENCH_PYTHON", peers_python)
    [chosen] = choose([method], "domains")
    assert chosen.missing() is None, chosen.missing()
    file, out = tmp_path / "bulb.h5ad", tmp_path / "out"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what AnnData says on reading older files
        data = ad.read_h5ad(data_folder.parent / "data-multi" / "spatial_mob_st.h5ad")
    # Few genes make it quick; spots of two halves, as if they were two slices.
    most = np.sort(np.asarray(data.X.sum(axis=0)).ravel().argsort()[-500:])
    data.obs["batch"] = np.where(data.obsm["spatial"][:, 0] > 16, "one", "two")
    data[:, most].copy().write_h5ad(file)
    run(Plan([file], [chosen], out, seeds=1, modes=("given",), task="domains"))
    [record] = [json.loads(path.read_text()) for path in (out / "runs").glob("*.json")]
    assert record["status"] == "done", record["reason"]
    assert record["k_found"] == 5
    assert record["about"]["version"][0].isdigit()
    # Five layers by chance: 0.
    assert record["scores"]["ARI"] > 0.15


def test_seurat_does_so_where_it_is(data_folder, tmp_path, monkeypatch):
    missing = choose(["seurat-rpca"], "batches")[0].missing()
    if missing is not None:
        # R is no part of the Python half, which must pass where there is none; in CI the native R
        # installation, which has Seurat, is made at the same time.
        pytest.skip(f"R's Seurat is not here, 'make r-native' brings it: {missing}")
    monkeypatch.delenv("SCINNO_BENCH_PYTHON", raising=False)
    check_batches("seurat-rpca", data_folder, tmp_path, scored=False)
