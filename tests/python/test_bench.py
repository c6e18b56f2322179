"""The benchmark's promises: labels stay outside, runs are kept, nothing is dropped."""

import csv
import json

import anndata as ad
import numpy as np
import pytest
from bench_runs import SECRET, go, only, write_method
from bench_runs import labeled as labeled
from typer.testing import CliRunner

from scinno.bench import all_methods, choose, collect, read_method, write_outputs
from scinno.cli import app


def test_a_method_gets_cells_in_random_order_and_nothing_about_their_types(labeled, tmp_path):
    seen = tmp_path / "seen.txt"
    body = f"""
import glob
inputs = sys.argv[1]
with open({str(seen)!r}, "w") as file:
    file.write(repr(sys.argv) + repr(dict(os.environ)) + repr(os.getcwd()) + repr(job.k))
    for name in glob.glob(inputs + "/*") + glob.glob(job.out + "/*"):
        file.write(name + open(name, "rb").read().decode("latin-1"))
np.save({str(tmp_path / "matrix.npy")!r}, job.matrix.toarray())
total = job.matrix.toarray().sum(1)
finish(job, (total > np.median(total)).astype(int), start)"""
    spy = write_method(tmp_path, "spy", body, k='["given", "unknown"]')
    records = go(labeled, tmp_path / "out", spy)
    text = seen.read_text()
    assert SECRET not in text
    assert "small.h5ad" not in text
    assert text.count("None") >= 1  # the last run was of K unknown
    given = np.load(tmp_path / "matrix.npy")
    real = ad.read_h5ad(labeled).X.toarray()
    assert not np.array_equal(given, real)
    assert np.array_equal(given[np.lexsort(given.T)], real[np.lexsort(real.T)])
    # Labels come back in the order of the set.
    labels = np.load(tmp_path / "out" / "labels" / "small__spy__given__0.npz")["labels"]
    np.testing.assert_array_equal(labels, real.sum(1) > np.median(real.sum(1)))
    assert set(records) == {"small__spy__given__0", "small__spy__unknown__0"}


def test_what_changes_the_meaning_of_a_run_is_noticed(labeled, tmp_path):
    quick = write_method(tmp_path, "quick", "finish(job, np.arange(90) % 2, start)")
    out = tmp_path / "out"
    go(labeled, out, quick)
    with pytest.raises(ValueError, match=r"label_key = 'cell_type', and this one has 'other'"):
        go(labeled, out, quick, label_key="other")
    other = tmp_path / "small.h5ad"
    data = ad.read_h5ad(labeled)[:60].copy()
    data.write_h5ad(other)
    # The same name with other cells: the old run is no answer to it.
    record = only(go(other, out, quick))
    assert record["status"] == "failed"
    assert "90 labels for 60 cells" in record["reason"]


def test_methods_that_need_counts_leave_log_values_out(labeled, tmp_path):
    data = ad.read_h5ad(labeled)
    data.X.data = np.log1p(data.X.data)
    data.uns["x_kind"] = "log"
    data.write_h5ad(tmp_path / "logs.h5ad")
    method = write_method(tmp_path, "counts", "raise SystemExit(3)", more="# log_values = false\n")
    record = only(go(tmp_path / "logs.h5ad", tmp_path / "out", method))
    assert record["status"] == "left out"
    assert "needs counts" in record["reason"]


def test_seeds_do_not_repeat_a_method_without_chance(labeled, tmp_path):
    method = write_method(tmp_path, "fixed", "finish(job, np.zeros(90), start)",
                          more="# random = false\n")  # fmt: skip
    assert set(go(labeled, tmp_path / "out", method, seeds=3)) == {"small__fixed__given__0"}


def test_what_is_not_installed_is_listed_everywhere(labeled, tmp_path, monkeypatch):
    monkeypatch.delenv("SCINNO_BENCH_SCMAE", raising=False)
    quick = write_method(tmp_path, "quick", "finish(job, np.arange(90) % 2, start)")
    out, text = tmp_path / "out", tmp_path / "tables.md"
    done = CliRunner().invoke(app, [
        "bench", str(labeled), "--methods", f"{quick},scmae", "--seeds", "1", "--out", str(out),
        "--markdown", str(text),
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    how = "SCINNO_BENCH_SCMAE is not set"
    assert how in done.output
    for name in ("results.json", "results.csv", "benchmark.html"):
        assert how in (out / name).read_text(), name
    assert how in text.read_text()
    listed = CliRunner().invoke(app, ["bench", "--list"])
    assert how in listed.output
    assert len(listed.output.splitlines()) == len(all_methods())
    with (out / "results.csv").open(newline="") as file:
        rows = {row["method"]: row for row in csv.DictReader(file)}
    assert rows["scmae"]["status"] == "not installed"
    assert rows["quick"]["status"] == "done"
    monkeypatch.setenv("SCINNO_BENCH_SCMAE", str(tmp_path))
    [scmae] = choose(["scmae"])
    assert f"{tmp_path} holds no datasets.py" in scmae.missing()


def test_outputs_are_made_again_from_a_stored_results_file(labeled, tmp_path):
    quick = write_method(tmp_path, "quick", "finish(job, np.arange(90) % 2, start)")
    go(labeled, tmp_path / "out", quick)
    results = collect(tmp_path / "out", choose([str(quick), "scinno"]))
    write_outputs(tmp_path / "out", results)
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "results.json").write_bytes((tmp_path / "out" / "results.json").read_bytes())
    text = alone / "tables.md"
    done = CliRunner().invoke(
        app, ["bench", "--report-only", "--out", str(alone), "--markdown", str(text)]
    )
    assert done.exit_code == 0, done.output
    for name in ("results.csv", "results.json", "benchmark.html"):
        assert (alone / name).read_bytes() == (tmp_path / "out" / name).read_bytes(), name
    assert "| quick |" in text.read_text()


def test_every_method_describes_itself():
    methods = {method.key: method for method in all_methods()}
    assert next(iter(methods)) == "scinno"
    assert {
        "scinno", "scinno-paper", "scinno-no-infonce", "scinno-no-attention", "scinno-no-noise",
        "scinno-no-joint", "pca-kmeans", "ward", "leiden", "seurat", "scvi", "sc3s", "sc3",
        "simlr", "sharp", "celltree", "scena", "scgae", "scmae", "scdeepcluster",
        "contrastive-sc", "desc", "choir", "sc-shc",
    } == set(methods)  # fmt: skip
    for method in methods.values():
        assert method.notes, method.key
        assert method.get or not (method.modules or method.r_packages or method.clone), method.key


def test_wrong_words_get_a_sentence(tmp_path, labeled):
    with pytest.raises(ValueError, match=r"'leidn' is not a method: did you mean 'leiden'\?"):
        choose(["leidn"])
    (tmp_path / "no.py").write_text("print(1)")
    with pytest.raises(ValueError, match=r"no\.py has no line '# /// scinno-bench'"):
        read_method(tmp_path / "no.py")
    (tmp_path / "half.py").write_text('# /// scinno-bench\n# name = "x"\n# ///\n')
    with pytest.raises(ValueError, match=r"half\.py is not complete: .*'k'"):
        read_method(tmp_path / "half.py")
    with pytest.raises(ValueError, match=r"'nothing' is not in obs of .*cell_type"):
        go(labeled, tmp_path / "out", "pca-kmeans", label_key="nothing")
    with pytest.raises(FileNotFoundError, match=r"no file or folder .*gone\.h5ad"):
        go(tmp_path / "gone.h5ad", tmp_path / "out", "pca-kmeans")


def test_a_real_set_from_end_to_end(data_folder, tmp_path):
    out = tmp_path / "out"
    done = CliRunner().invoke(app, [
        "bench", str(data_folder / "kolodziejczyk_mesc_378c_1047g.h5ad"), "--out", str(out),
        "--methods", "scinno,pca-kmeans", "--seeds", "1", "--k", "given", "--set",
        "pretrain_epochs=2", "--set", "joint_epochs=1", "--set", "steps_per_epoch=8",
        "--time-limit", "200",
    ])  # fmt: skip
    assert done.exit_code == 0, done.output
    results = json.loads((out / "results.json").read_text())
    runs = {record["method"]: record for record in results["runs"]}
    assert runs["pca-kmeans"]["scores"]["ARI"] > 0.9
    assert runs["scinno"]["scores"]["ARI"] > 0.5
    for record in runs.values():
        assert record["k_found"] == record["k_true"] == 3
        assert 0 < record["seconds"] < record["wall_seconds"]
        assert record["peak_memory"] > 5e7
    assert results["sets"][0]["batches"] == 2
    assert results["about"]["settings"]["pretrain_epochs"] == 2
    with (out / "results.csv").open(newline="") as file:
        assert {row["method"] for row in csv.DictReader(file)} == set(runs)
