"""Files in the folder of a benchmark: one that is damaged, or another's, is named."""

import io
import json
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import simulate

import scinno.bench
from scinno.bench._execute.stored import read_labels, read_points, read_report, read_run


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a benchmark of one method on one set."""
    import anndata as ad

    folder = tmp_path_factory.mktemp("bench")
    x, types = simulate(60, 50)
    obs = pd.DataFrame({"cell_type": types.astype(str)}, index=[f"c{i}" for i in range(60)])
    ad.AnnData(x.astype(np.float32), obs=obs).write_h5ad(folder / "small.h5ad")
    methods = scinno.bench.choose(["pca-kmeans"])
    plan = scinno.bench.Plan([folder / "small.h5ad"], methods, folder / "out", seeds=1)
    scinno.bench.run(plan)
    return folder / "out"


@pytest.fixture
def out(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "out")


def changed(path, change) -> None:
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def only(folder, pattern):
    return sorted(folder.glob(pattern))[0]


RUNS = {
    "a name is missing": (lambda r: r.pop("seed"), "it has no 'seed'"),
    "a number is text": (lambda r: r.update(seed="0"), "'seed' holds '0'"),
    "a flag is no number": (lambda r: r.update(cells=True), "'cells' holds 'True'"),
    "no types": (lambda r: r.update(k_true=0), "'k_true' holds '0'"),
    "an unknown state": (lambda r: r.update(status="x"), "'status' holds 'x'"),
    "done without scores": (lambda r: r.pop("scores"), "it has no 'scores'"),
    "a score of no number": (
        lambda r: r["scores"].update(ARI=float("nan")), "'ARI' holds 'nan'",
    ),
    "a list for an object": (lambda r: r.update(machine=[]), "'machine' is not an object"),
    "half of a pair": (lambda r: r.update(method="\ud800"), "'method' holds"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), RUNS.values(), ids=RUNS)
def test_a_damaged_run_is_named(change, message, out):
    path = only(out, "runs/*.json")
    changed(path, change)
    with pytest.raises(
        ValueError, match=f"not a run of a scinno benchmark, or damaged: .*{message}"
    ):
        read_run(path)
    with pytest.raises(ValueError, match="or damaged"):
        scinno.bench.collect(out, [])


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"1", b'{"a":NaN}'])
def test_what_is_no_json_of_ours_is_refused(text, out):
    for pattern, read in (("runs/*.json", read_run), ("sets/*.json", read_report)):
        path = only(out, pattern)
        path.write_bytes(text)
        with pytest.raises(ValueError, match=r"json is not a .*, or damaged: "):
            read(path)


RESULTS = {
    "environment": lambda r: r["runs"][0].update(environment=9),
    "set": lambda r: r["runs"][0].update(set="x"),
    "method": lambda r: r["methods"].clear(),
    "sets": lambda r: r["sets"].append(r["sets"][0]),
    "zeros": lambda r: r["sets"][0].update(zeros=None),
    "threads": lambda r: r["about"].pop("threads"),
    "scores": lambda r: r["runs"][0].update(scores=None),
    "format": lambda r: r.update(format="1"),
}


@pytest.mark.parametrize("part", RESULTS)
def test_damaged_results_are_named(part, out, tmp_path):
    path = tmp_path / "results.json"
    results = scinno.bench.collect(out, [])
    path.write_text(json.dumps(results))
    assert scinno.bench.read_results(path) == results
    changed(path, RESULTS[part])
    message = f"not a results.json of a scinno benchmark, or damaged: .*{part}"
    with pytest.raises(ValueError, match=message):
        scinno.bench.read_results(path)


def test_a_set_without_its_report_is_named(out):
    only(out, "sets/*.json").unlink()
    with pytest.raises(
        FileNotFoundError, match="small-.* does not exist, which should be a quality"
    ):
        scinno.bench.collect(out, [])
    (out / "benchmark.json").unlink()
    with pytest.raises(FileNotFoundError, match="which should be the benchmark.json of a scinno"):
        scinno.bench.collect(out, [])


def array_file(value, packed: bool) -> bytes:
    buffer = io.BytesIO()
    if packed:
        np.savez_compressed(buffer, labels=value)
    else:
        np.save(buffer, value)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["cut", "other cells", "other kind", "pickle", "claims", "none"])
def test_damaged_arrays_are_named(kind, out):
    labels, points = only(out, "labels/*.npz"), only(out, "sets/*.npy")
    assert read_labels(labels, 60).shape == (60,)
    assert read_points(points, 60).shape[0] == 60
    huge = io.BytesIO()
    claim = {"descr": "<f4", "fortran_order": False, "shape": (60, 2**44)}
    np.lib.format.write_array_header_1_0(huge, claim)
    for path, read, dtype in ((labels, read_labels, "<i4"), (points, read_points, "<f4")):
        packed = path == labels
        shape = (59,) if packed else (59, 3)
        path.write_bytes({
            "cut": path.read_bytes()[:-30],
            "other cells": array_file(np.zeros(shape, dtype), packed),
            "other kind": array_file(np.zeros((60,) if packed else (60, 3), "<f8"), packed),
            "pickle": array_file(np.array([{}] * 60, dtype=object), packed),
            "claims": huge.getvalue(),
            "none": b"",
        }[kind])  # fmt: skip
        with pytest.raises(ValueError, match=r"np[yz] holds no .* of 60 cells, or is damaged"):
            read(path, 60)


def test_points_are_finite(out):
    path = only(out, "sets/*.npy")
    path.write_bytes(array_file(np.full((60, 3), np.nan, "<f4"), False))
    with pytest.raises(ValueError, match="holds no components"):
        read_points(path, 60)
