"""The benchmark's task "domains": what methods get, which sets are used, and what is written."""

import csv
import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from bench_runs import SECRET, go, only, write_method
from bench_runs import labeled as labeled
from conftest import QUICK, simulate
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from typer.testing import CliRunner

import scinno
from scinno.bench import all_methods, choose, collect, markdown, read_results, write_outputs
from scinno.cli import app

TASK = {"task": "domains", "modes": ("given",)}
CELLS = 300
FITS = QUICK | {"n_genes": 60}


@pytest.fixture(scope="module")
def tissue(tmp_path_factory):
    """Three stripes on two slices that lie at the same places; the names of all are telling.

    A third of the cells have values of others, as domains hold several types.
    """
    counts, types = simulate(cells=CELLS, genes=60)
    cells, rng = np.arange(CELLS), np.random.default_rng(0)
    strange = rng.choice(CELLS, CELLS // 3, replace=False)
    of = cells.copy()
    of[strange] = rng.permutation(strange)
    counts = counts[of]
    obs = pd.DataFrame(
        {"cell_type": [f"{SECRET}{t}" for t in types],
         "batch": np.where(cells % 2 == 0, "SLICEA", "SLICEB")},
        index=[f"{SECRET}_{i}" for i in cells],
    )  # fmt: skip
    # Whole numbers for the first slice and the second, so that places alone name no slice.
    places = np.c_[cells // 2 // 10, cells // 2 % 10].astype(float)
    path = tmp_path_factory.mktemp("tissues") / "tissue.h5ad"
    data = ad.AnnData(counts.astype(np.float32), obs=obs, obsm={"spatial": places, "other": places})
    data.write_h5ad(path)
    return path


def changed(tissue, file, change):
    """The same set after a change."""
    data = ad.read_h5ad(tissue)
    change(data)
    data.write_h5ad(file)
    return file


@pytest.fixture
def stripes(tmp_path):
    """A method that divides by the first coordinate, and by chance where the seed is odd."""
    body = """
labels = np.digitize(job.coordinates[:, 0], [5, 10])
if job.seed % 2:
    labels = np.random.default_rng(job.seed).integers(0, 3, len(labels))
finish(job, labels, start)"""
    return write_method(tmp_path, "stripes", body)


def of_task(tissue, out, *methods, **more):
    """Run methods that other tasks do not have; finished runs by their keys."""
    return go(tissue, out, methods=choose(methods, "domains"), **TASK, **more)


def bench(*words: object):
    return CliRunner().invoke(app, ["bench", "--task", "domains", *map(str, words)])


def test_a_method_gets_place_and_slice_of_each_cell_and_no_label(tissue, tmp_path):
    seen = tmp_path / "seen.txt"
    body = f"""
import glob
with open({str(seen)!r}, "a") as file:
    file.write(repr(sys.argv) + repr(dict(os.environ)))
    for name in glob.glob(sys.argv[1] + "/*"):
        file.write(name + open(name, "rb").read().decode("latin-1"))
np.savez({str(tmp_path / "given.npz")!r}, x=job.matrix.toarray(), places=job.coordinates,
         slices=job.slices)
assert job.batch is None and job.k == 3
finish(job, job.slices, start, job.coordinates)
assert not os.path.exists(os.path.join(job.out, "embedding.f4"))"""
    record = only(go(tissue, tmp_path / "out", write_method(tmp_path, "spy", body), **TASK))
    assert record["status"] == "done", record["reason"]
    text = seen.read_text()
    assert SECRET not in text
    assert "SLICE" not in text
    data = ad.read_h5ad(tissue)
    real, places = data.X.toarray(), data.obsm["spatial"]
    slices = (data.obs["batch"] == "SLICEB").to_numpy()
    given = np.load(tmp_path / "given.npz")
    assert not np.array_equal(given["places"], places)  # in random order …
    both = [np.c_[x, p, s] for x, p, s in (
        (given["x"], given["places"], given["slices"]), (real, places, slices))]  # fmt: skip
    np.testing.assert_array_equal(*(one[np.lexsort(one.T)] for one in both))  # … cell by cell
    # Labels come back in the order of the set.
    labels = np.load(tmp_path / "out" / "labels" / "tissue__spy__given__0.npz")["labels"]
    np.testing.assert_array_equal(labels, slices)


def test_scores_are_of_the_known_domains(tissue, stripes, tmp_path):
    record = only(go(tissue, tmp_path / "out", stripes, **TASK))
    data = ad.read_h5ad(tissue)
    truth, found = data.obs["cell_type"], np.digitize(data.obsm["spatial"][:, 0], [5, 10])
    assert record["task"] == "domains"
    assert record["scores"] == {
        "ARI": pytest.approx(adjusted_rand_score(truth, found)),
        "NMI": pytest.approx(normalized_mutual_info_score(truth, found)),
    }
    assert 0.5 < record["scores"]["ARI"] < 1


def test_sets_without_coordinates_are_named_and_left_out(labeled, tissue, stripes, tmp_path):
    out = tmp_path / "out"
    done = bench(labeled, tissue, "-m", stripes, "--seeds", 1, "-o", out, "--k", "given")
    assert done.exit_code == 0, done.output
    assert "small.h5ad is left out: its obsm has no array 'spatial' (--spatial-key)" in done.output
    assert [one["name"] for one in read_results(out / "results.json")["sets"]] == ["tissue"]
    with pytest.raises(ValueError, match=r"no set has obsm\['spatial'\]: .* of: none"):
        go(labeled, tmp_path / "a", stripes, **TASK)


def test_keys_name_the_places_and_the_slices(tissue, stripes, tmp_path):
    with pytest.raises(ValueError, match=r"no set has obsm\['x'\]: --spatial-key .* other, spatia"):
        go(tissue, tmp_path / "a", stripes, spatial_key="x", **TASK)
    with pytest.raises(ValueError, match="--library-key 'chip' is not in obs of any set"):
        go(tissue, tmp_path / "b", stripes, library_key="chip", **TASK)

    def rename(data):
        data.obs = data.obs.rename(columns={"batch": "chip"})
        del data.obsm["spatial"]

    moved = changed(tissue, tmp_path / "moved.h5ad", rename)
    told = bench(moved, tissue, "-m", stripes, "--seeds", 1, "-o", tmp_path / "c", "--k", "given",
                 "--spatial-key", "other", "--library-key", "chip")  # fmt: skip
    assert told.exit_code == 0, told.output
    assert "tissue.h5ad is one slice: its obs has no column 'chip' (--library-key)" in told.output
    results = read_results(tmp_path / "c" / "results.json")
    assert {one["name"]: one["slices"] for one in results["sets"]} == {"moved": 2, "tissue": 1}
    # Without a name only "batch" is one.
    go(moved, tmp_path / "d", stripes, spatial_key="other", **TASK)
    [report] = (tmp_path / "d" / "sets").glob("*.json")
    assert json.loads(report.read_text())["slices"] == 1
    with pytest.raises(ValueError, match="spatial_key = 'other', and this one has 'spatial'"):
        go(tissue, tmp_path / "d", stripes, **TASK)
    with pytest.raises(
        ValueError, match="a benchmark of the task 'domains', and this one is of 't"
    ):
        go(tissue, tmp_path / "d", "pca-kmeans")


WRONG = {
    "NaN": (lambda data: data.obsm["spatial"].__setitem__((7, 0), np.nan), "finite, got .* cell 7"),
    "four axes": (
        lambda data: data.obsm.__setitem__("spatial", np.ones((CELLS, 4))), r"\(cells, 2 or 3\)",
    ),
    "no slice": (
        lambda data: data.obs.loc.__setitem__((data.obs_names[4], "batch"), None),
        "slices must name the slice of each cell, cell 4 has none",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_wrong_places_and_slices_are_named_with_their_file(
    change, message, tissue, stripes, tmp_path
):
    file = changed(tissue, tmp_path / "wrong.h5ad", change)
    with pytest.raises(ValueError, match=rf"wrong\.h5ad: .*{message}"):
        go(file, tmp_path / "out", stripes, **TASK)


def test_results_have_the_scores_of_the_task_in_all_outputs(tissue, stripes, tmp_path):
    out = tmp_path / "out"
    records = go(tissue, out, stripes, **TASK | {"seeds": 2})
    results = collect(out, choose([str(stripes)], "domains"))
    write_outputs(out, results)
    assert read_results(out / "results.json") == results
    about = results["about"]
    assert (about["task"], about["spatial_key"], about["library_key"]) == (
        "domains", "spatial", None)  # fmt: skip
    assert results["sets"][0]["slices"] == 2
    with (out / "results.csv").open(newline="") as file:
        [row, *_] = csv.DictReader(file)
    assert {"ARI", "NMI"} <= set(row)
    assert not {"silhouette", "purity", "ARI_batch", "ARI_kept", "iLISI"} & set(row)
    page, text = (out / "benchmark.html").read_text(), markdown(results)
    for shown in (page, text):
        assert "the place and slice of each cell" in shown
        assert "known domains are used for the scores" in shown
        assert "silhouette" not in shown.partition("<script")[0]
        assert "known types" not in shown.partition("<script")[0]
    assert "<h1>Methods for domains of a tissue on labeled sets</h1>" in page
    assert text.startswith("# Benchmarks of domains\n")
    # Each set with mean and spread over seeds.
    for score in ("ARI", "NMI"):
        one, two = (record["scores"][score] for record in records.values())
        table = text[text.index(f"### {score}, K given") :]
        line = next(line for line in table.splitlines() if line.startswith("| tissue"))
        expected = f"**{np.mean([one, two]):.2f}** ± {np.std([one, two], ddof=1):.2f}"
        assert line == f"| tissue | 300 | 3 | {expected} |"


def test_methods_with_fewer_seeds_are_named(tissue, stripes, tmp_path):
    out, end = tmp_path / "out", "finish(job, job.slices, start)"
    late = write_method(tmp_path, "late", end)
    fixed = write_method(tmp_path, "fixed", end, more="# random = false\n")
    methods = [str(stripes), str(fixed), str(late)]
    go(tissue, out, *methods[:2], **TASK | {"seeds": 2})
    go(tissue, out, str(late), **TASK)
    text = markdown(collect(out, choose(methods, "domains")))
    assert "\n\nFewer seeds than 2: late 1.\n\n" in text
    go(tissue, out, str(late), **TASK | {"seeds": 2})
    assert "Fewer seeds" not in markdown(collect(out, choose(methods, "domains")))


def test_scinno_answers_with_domains_of_its_fit(tissue, tmp_path):
    out = tmp_path / "out"
    records = of_task(tissue, out, "scinno", "scinno-no-smoothing", settings=FITS)
    data = ad.read_h5ad(tissue)
    # The run saw the cells in its own order, which is the same for all.
    order = np.random.default_rng(0).permutation(CELLS)
    fit = scinno.fit(data.X[order], 3, genes=list(data.var_names), input="counts", **FITS)
    for method, smoothing in (("scinno", "auto"), ("scinno-no-smoothing", 0)):
        key = f"tissue__{method}__given__0"
        assert records[key]["status"] == "done", records[key]["reason"]
        found = scinno.domains(
            fit, data.obsm["spatial"][order], 3, slices=data.obs["batch"].to_numpy()[order],
            smoothing=smoothing,
        )  # fmt: skip
        assert records[key]["about"]["smoothing"] == str(found.smoothing)
        labels = np.load(out / "labels" / f"{key}.npz")["labels"]
        assert adjusted_rand_score(labels[order], found.labels) == 1
    assert records["tissue__scinno__given__0"]["about"]["smoothing"] != "0"


def test_simple_methods_find_the_stripes(tissue, tmp_path):
    records = of_task(tissue, tmp_path / "out", "pca-kmeans", "pca-smoothed")
    scores = {record["method"]: record["scores"]["ARI"] for record in records.values()}
    assert scores["pca-kmeans"] + 0.2 < scores["pca-smoothed"] > 0.6, scores
    assert int(records["tissue__pca-smoothed__given__0"]["about"]["smoothing"]) > 0
    assert set(scores) == {"pca-kmeans", "pca-smoothed"}


def test_methods_of_the_task(monkeypatch, tmp_path):
    ours = all_methods("domains")
    assert [method.key for method in ours] == [
        "scinno", "scinno-no-smoothing", "pca-kmeans", "pca-smoothed", "banksy", "banksy-leiden",
        "graphst", "stagate",
    ]  # fmt: skip
    for method in ours:
        assert method.notes, method.key
        assert method.get or not method.modules, method.key
    with pytest.raises(ValueError, match="'leiden' is not a method of the task 'domains'"):
        choose(["leiden"], "domains")
    with pytest.raises(ValueError, match="'banksy' is not a method: "):
        choose(["banksy"])
    # Peers that are not installed say how to install them.
    empty = tmp_path / "python"
    empty.write_text("#!/bin/sh\nexit 1\n")
    empty.chmod(0o755)
    monkeypatch.setenv("SCINNO_BENCH_PYTHON", str(empty))
    listed = bench("--list").output.splitlines()
    assert len(listed) == len(ours)
    [line] = [line for line in listed if line.startswith("stagate")]
    assert "not installed (no module STAGATE_pyG, torch_geometric, scanpy): pip install" in line
    assert sum("ready" in line for line in listed) == 4


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--paper"], "--paper is a comparison of the task 'types'"),
        (["--tsne", "all"], "--tsne draws maps of types: with --task domains leave it out"),
    ],
)
def test_wrong_words_on_the_command_line(more, message, tmp_path):
    done = bench("--out", tmp_path / "out", *more)
    assert message in str(done.exception)
    assert not (tmp_path / "out").exists()
