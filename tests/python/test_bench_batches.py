"""The benchmark's task "batches": what methods get, the cases, and what is written."""

import csv
import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from bench_runs import SECRET, go, write_method
from bench_runs import labeled as labeled
from conftest import simulate
from typer.testing import CliRunner

from scinno.bench import all_methods, choose, collect, markdown, read_results, write_outputs
from scinno.cli import app

TASK = {"task": "batches", "modes": ("given",)}
# The truth of the simulation is found again by its genes: each type has more of its own.
EMBED = "points = np.log1p(job.matrix.toarray())[:, :7]"


@pytest.fixture(scope="module")
def donors(tmp_path_factory):
    """Three types from two donors; the names of all are telling."""
    counts, types = simulate(cells=120, genes=60)
    donor = np.where(np.random.default_rng(1).random(120) < 0.6, "DONORA", "DONORB")
    obs = pd.DataFrame(
        {"cell_type": [f"{SECRET}{t}" for t in types], "batch": donor},
        index=[f"{SECRET}_{i}" for i in range(120)],
    )
    path = tmp_path_factory.mktemp("donors") / "donors.h5ad"
    ad.AnnData(counts.astype(np.float32), obs=obs).write_h5ad(path)
    return path


@pytest.fixture(scope="module")
def finished(donors, tmp_path_factory):
    """A folder with two methods, one of which merges the types that a donor lacks."""
    folder = tmp_path_factory.mktemp("finished")
    code = "labels = job.batch if job.batch.size == 120 else job.batch * 0"
    methods = [
        write_method(folder, "good", f"{EMBED}\nfinish(job, job.batch, start, points)"),
        write_method(folder, "other", f"{code}\nfinish(job, labels, start)"),
    ]
    go(donors, folder / "out", *methods, **TASK)
    results = collect(folder / "out", choose([str(m) for m in methods], "batches"))
    write_outputs(folder / "out", results)
    return folder / "out"


def test_a_method_gets_the_batch_of_each_cell_and_no_name(donors, tmp_path):
    seen = tmp_path / "seen.txt"
    body = f"""
import glob
with open({str(seen)!r}, "a") as file:
    file.write(repr(sys.argv) + repr(dict(os.environ)))
    for name in glob.glob(sys.argv[1] + "/*"):
        file.write(name + open(name, "rb").read().decode("latin-1"))
np.savez({str(tmp_path)!r} + f"/given{{len(job.batch)}}.npz", x=job.matrix.toarray(), b=job.batch)
finish(job, job.batch, start, np.c_[job.matrix.toarray().sum(1), job.batch])"""
    go(donors, tmp_path / "out", write_method(tmp_path, "spy", body), **TASK)
    text = seen.read_text()
    assert SECRET not in text
    assert "DONOR" not in text
    data = ad.read_h5ad(donors)
    real, donor = data.X.toarray(), (data.obs["batch"] == "DONORB").to_numpy().astype(int)
    given = np.load(tmp_path / "given120.npz")
    assert not np.array_equal(given["x"], real)  # in random order …
    both = [np.c_[x, b] for x, b in ((given["x"], given["b"]), (real, donor))]
    np.testing.assert_array_equal(*(one[np.lexsort(one.T)] for one in both))  # … cell by cell
    # Labels and embedding come back in the order of the set.
    out = tmp_path / "out"
    labels = np.load(out / "labels" / "donors__spy__given__0.npz")["labels"]
    np.testing.assert_array_equal(labels, donor)
    points = np.load(out / "embeddings" / "donors__spy__given__0.npz")["embedding"]
    np.testing.assert_array_equal(points, np.c_[real.sum(1), donor])


def test_the_second_case_lacks_the_largest_type_of_a_batch(donors, finished):
    obs = ad.read_h5ad(donors).obs
    table = pd.crosstab(obs["cell_type"], obs["batch"])
    kind, donor = table.stack().idxmax()
    results = read_results(finished / "results.json")
    cases = {one["name"]: one for one in results["sets"]}
    assert list(cases) == ["donors", "donors-lacking"]  # the whole set first
    assert "lacks" not in cases["donors"]
    lacks = cases["donors-lacking"]["lacks"]
    gone = int(table.loc[kind, donor])
    assert lacks == {"set": "donors", "type": kind, "batch": donor, "cells": gone}
    assert cases["donors-lacking"]["cells"] == 120 - gone
    assert cases["donors"]["batch_sizes"] == obs["batch"].value_counts().to_dict()
    # What is scored on both are the same cells.
    kept = ~((obs["cell_type"] == kind) & (obs["batch"] == donor)).to_numpy()
    from sklearn.metrics import adjusted_rand_score

    expected = adjusted_rand_score(obs["cell_type"][kept], obs["batch"][kept])
    runs = {(r["set"], r["method"]): r["scores"] for r in results["runs"]}
    assert runs["donors", "good"]["ARI_kept"] == pytest.approx(expected)
    assert runs["donors-lacking", "good"]["ARI"] == pytest.approx(expected)
    assert runs["donors-lacking", "other"]["ARI"] == 0.0
    assert runs["donors", "other"]["ARI_batch"] == 1.0


def test_results_name_the_task_and_have_its_scores_in_all_outputs(finished):
    results = read_results(finished / "results.json")
    assert results["about"]["task"] == "batches"
    assert results["about"]["batch_key"] == "batch"
    assert {run["task"] for run in results["runs"]} == {"batches"}
    with (finished / "results.csv").open(newline="") as file:
        [row, *_] = csv.DictReader(file)
    wanted = {"ARI", "NMI", "ARI_batch", "iLISI", "cLISI", "graph_connectivity", "ARI_kept"}
    assert wanted <= set(row)
    assert not {"silhouette", "purity"} & set(row)
    page, text = (finished / "benchmark.html").read_text(), markdown(results)
    assert "silhouette" not in text
    for shown in (page, text):
        assert "DONORA" in shown
        assert "ARI of the same cells" in shown
    [guard] = [line for line in text.splitlines() if line.startswith("| donors-lacking | SECRET")
               and "→" in line][:1]  # fmt: skip
    assert "**" in guard  # "other" falls when the type is removed
    # Less is better: the method with the lower ARI with the batch is in bold.
    table = text[text.index("### ARI_batch, K given") :]
    line = next(line for line in table.splitlines() if line.startswith("| donors-lacking"))
    assert line.endswith("| **0.00** |")


def test_embeddings_are_not_scored_where_scib_metrics_is_missing(donors, tmp_path, monkeypatch):
    for name in ("SCINNO_BENCH_PYTHON", "SCINNO_BENCH_PYTHON_SCORE_SCIB"):
        monkeypatch.delenv(name, raising=False)
    method = write_method(tmp_path, "good", f"{EMBED}\nfinish(job, job.batch, start, points)")
    records = go(donors, tmp_path / "out", method, **TASK)
    record = records["donors__good__given__0"]
    assert record["status"] == "done"
    assert record["scores"]["iLISI"] is None
    assert "not installed (no module scib_metrics): pip install" in record["about"]["scib-metrics"]


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        ("np.ones((7, 3))", "gave an embedding of 21 numbers for 120 cells"),
        ("np.full((120, 2), np.nan)", "embedding with NaN"),
    ],
)
def test_a_wrong_embedding_is_a_failed_run(donors, tmp_path, points, reason):
    method = write_method(tmp_path, "bad", f"finish(job, job.batch, start, {points})")
    record = go(donors, tmp_path / "out", method, **TASK)["donors__bad__given__0"]
    assert record["status"] == "failed"
    assert reason in record["reason"]


def test_without_the_task_nothing_is_said_of_batches(donors, tmp_path):
    body = f"""assert job.batch is None
{EMBED}
finish(job, np.arange(120) % 3, start, points)
assert sorted(os.listdir(job.out)) == ["about.txt", "labels.txt", "log.txt"]"""
    method = write_method(tmp_path, "plain", body)
    out = tmp_path / "out"
    record = go(donors, out, method, modes=("given",))["donors__plain__given__0"]
    assert record["status"] == "done", record["reason"]
    assert "task" not in record
    assert "ARI_batch" not in record["scores"]
    assert set(json.loads((out / "benchmark.json").read_text())) == {
        "format", "label_key", "input", "settings", "threads",
    }  # fmt: skip
    assert not list(out.glob("inputs/*/batches.i4"))
    assert not (out / "embeddings").exists()
    with pytest.raises(ValueError, match="a benchmark of the task 'types', and this one is of 'ba"):
        go(donors, out, method, **TASK)


def test_sets_that_cannot_be_used_are_named(labeled, donors, tmp_path):
    quick = str(write_method(tmp_path, "quick", "finish(job, job.batch, start)"))
    with pytest.raises(ValueError, match=r"no set has two batches or more in obs\['batch'\]"):
        go(labeled, tmp_path / "a", quick, **TASK)
    done = CliRunner().invoke(app, [
        "bench", str(labeled), str(donors), "--task", "batches", "--methods", quick, "--seeds", "1",
        "--out", str(tmp_path / "b"), "--k", "given",
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "small.h5ad is left out: its obs has no column 'batch'" in done.output
    data = ad.read_h5ad(donors)
    data.obs["one"] = "x"
    data.obs["gaps"] = data.obs["batch"].astype(object).where(np.arange(120) > 3)
    file = tmp_path / "donors.h5ad"
    data.write_h5ad(file)
    with pytest.raises(ValueError, match=r"4 cell\(s\) have no gaps"):
        go(file, tmp_path / "c", quick, batch_key="gaps", **TASK)
    with pytest.raises(ValueError, match="no set has two batches"):
        go(file, tmp_path / "d", quick, batch_key="one", **TASK)
    data.obs["batch"] = data.obs["batch"].astype(str)
    data.write_h5ad(tmp_path / "donors-lacking.h5ad")
    with pytest.raises(ValueError, match="donors-lacking is also the name of the case of donors"):
        go(file, tmp_path / "e", quick, sets=[file, tmp_path / "donors-lacking.h5ad"], **TASK)


def test_a_plan_needs_a_task_and_its_methods(donors, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="task must be 'types', 'batches' or 'domains', got 'x'"):
        go(donors, out, "pca-kmeans", task="x")
    with pytest.raises(ValueError, match="methods: ward do not run in the task 'batches'"):
        go(donors, out, "pca-kmeans", "ward", **TASK)
    assert not out.exists()


def test_methods_belong_to_tasks(tmp_path):
    ours = {method.key for method in all_methods("batches")}
    assert {
        "scinno", "scinno-no-batch", "pca-kmeans", "pca-centered", "leiden", "harmony-kmeans",
        "harmony-leiden", "scvi-batch-kmeans", "scvi-batch-leiden", "bbknn", "scanorama",
        "seurat-rpca",
    } == ours  # fmt: skip
    assert next(iter(all_methods("batches"))).key == "scinno"
    for method in all_methods("batches"):
        assert method.notes, method.key
        assert method.get or not (method.modules or method.r_packages), method.key
    with pytest.raises(ValueError, match="'ward' is not a method of the task 'batches'"):
        choose(["ward"], "batches")
    with pytest.raises(ValueError, match="'harmony-kmeans' is not a method: "):
        choose(["harmony-kmeans"])
    with pytest.raises(ValueError, match="task must be 'types', 'batches' or 'domains', got 'x'"):
        choose(["scinno"], "x")
    one = write_method(tmp_path, "one", "", more='# tasks = ["types"]\n')
    with pytest.raises(ValueError, match=r"one\.py is for other tasks than 'batches'"):
        choose([str(one)], "batches")
    bad = write_method(tmp_path, "bad", "", more='# tasks = ["x"]\n')
    with pytest.raises(ValueError, match=r"needs tasks, a list of 'types', 'batches' or 'domains'"):
        choose([str(bad)])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--task", "x"], "--task must be 'types', 'batches' or 'domains', got 'x'"),
        (["--paper", "--task", "batches"], "--paper is a comparison of the task 'types'"),
    ],
)
def test_wrong_words_on_the_command_line(more, message, tmp_path):
    done = CliRunner().invoke(app, ["bench", "--out", str(tmp_path / "out"), *more])
    assert done.exit_code != 0
    assert message in f"{done.output} {done.exception}"
    assert not (tmp_path / "out").exists()


def test_what_scores_embeddings_is_listed(monkeypatch):
    monkeypatch.delenv("SCINNO_BENCH_PYTHON", raising=False)
    listed = CliRunner().invoke(app, ["bench", "--list", "--task", "batches"]).output
    [line] = [line for line in listed.splitlines() if line.startswith("score-scib")]
    assert "no module scib_metrics" in line or "ready" in line
    assert len(listed.splitlines()) == len(all_methods("batches")) + 1
    assert "score-scib" not in CliRunner().invoke(app, ["bench", "--list"]).output
