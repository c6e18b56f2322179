"""Figures 4 to 6 from what ``scinno bench`` itself has written."""

import json
import shutil
from pathlib import Path

import anndata as ad
import numpy as np
import pytest
from bench_runs import labeled as labeled
from bench_runs import write_method
from drawn import PALETTE, color_at, heights, points
from drawn import no_figure_is_left as no_figure_is_left
from PIL import Image
from typer.testing import CliRunner

import scinno.bench.pl
from scinno.bench import collect
from scinno.cli import app

TINY = ("pretrain_epochs=2", "joint_epochs=1", "steps_per_epoch=5", "n_genes=60")


@pytest.fixture(scope="module")
def folder(labeled, tmp_path_factory) -> Path:
    """A benchmark of four small runs, by the command; one of its methods is bad."""
    out = tmp_path_factory.mktemp("bench")
    bad = write_method(out, "bad", "finish(job, (np.arange(90) < 50).astype(int), start)")
    methods = f"scinno,scinno-no-attention,pca-kmeans,{bad}"
    words = ["bench", labeled, "--out", out, "--seeds", 1, "--k", "given", "--methods", methods,
             *(f"--set={one}" for one in TINY)]  # fmt: skip
    done = CliRunner().invoke(app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture(scope="module")
def scores(folder) -> dict[str, float]:
    runs = json.loads((folder / "results.json").read_text())["runs"]
    return {run["method"]: run["scores"]["ARI"] for run in runs}


def saved(path: Path) -> None:
    """A picture with something on it."""
    pixels = np.asarray(Image.open(path).convert("RGB"))
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 50


def test_figure_4_in_one_call(folder, scores, tmp_path):
    expected = {"scinno": [round(scores["scinno"], 3)],
                "PCA + k-means": [round(scores["pca-kmeans"], 3)],
                "bad": [round(scores["bad"], 3)]}  # fmt: skip
    assert scores["bad"] < 0.5 < scores["scinno"]
    for results in (folder, folder / "results.json", collect(folder, [])):
        _, ari = scinno.bench.pl.benchmark(results, save=tmp_path / "4.png")
        assert heights(ari) == expected
        saved(tmp_path / "4.png")
    # The CSV has no names, but keys.
    found = heights(scinno.bench.pl.benchmark(folder / "results.csv", "ARI"))
    assert found == {("pca-kmeans" if key == "PCA + k-means" else key): value
                     for key, value in expected.items()}  # fmt: skip
    for name in ("pca-kmeans", "PCA + k-means"):
        assert len(heights(scinno.bench.pl.benchmark(folder, "ARI", methods=[name]))) == 1
    # Seconds and memory are no scores from 0 to 1, and must not stick out of the picture.
    memory = scinno.bench.pl.benchmark(folder, "peak_memory")
    tallest = max(height for [height] in heights(memory).values())
    assert memory.get_ylim()[1] > tallest > 1e6
    with pytest.raises(KeyError, match="no method 'pca-kmean': did you mean 'pca-kmeans'"):
        scinno.bench.pl.benchmark(folder, methods=["pca-kmean"])
    with pytest.raises(ValueError, match="no rows with k_given = False"):
        scinno.bench.pl.benchmark(folder, k_given=False)


def test_figure_5_in_one_call(folder, labeled, scores, tmp_path):
    axes = scinno.bench.pl.maps(folder, labeled, save=tmp_path / "5.png")
    saved(tmp_path / "5.png")
    assert [a.get_title().split("  ")[0] for a in axes] == [
        "small: cell_type", "scinno", "PCA + k-means", "bad",
    ]  # fmt: skip
    assert f"ARI {scores['scinno']:.2f}" in axes[1].get_title()
    assert f"ARI {scores['bad']:.2f}" in axes[3].get_title()
    at, _ = points(axes[0])
    truth = color_at(axes[0], at)
    assert set(truth) == set(PALETTE[:3])
    results = json.loads((folder / "results.json").read_text())["runs"]
    for place, key in ((1, "scinno"), (3, "bad")):  # matched as for the score, one to one
        [run] = [run for run in results if run["method"] == key]
        same = (truth == color_at(axes[place], at)).mean()
        assert same == pytest.approx(run["scores"]["accuracy"])
    # Without stored components the map is made anew, and nothing is written.
    alone = tmp_path / "alone"
    shutil.copytree(folder / "labels", alone / "labels")
    shutil.copy(folder / "results.json", alone)
    again = scinno.bench.pl.maps(alone, labeled, ["scinno"])
    assert len(again) == 2
    assert sorted(path.name for path in alone.iterdir()) == ["labels", "results.json"]


def test_figure_6_in_one_call(folder, scores, tmp_path):
    for results, name in ((folder, "scinno without attention"),
                          (folder / "results.csv", "scinno-no-attention")):  # fmt: skip
        axes = scinno.bench.pl.ablation(results, "ARI", save=tmp_path / "6.png")
        assert heights(axes) == {
            "scinno": [round(scores["scinno"], 3)],
            name: [round(scores["scinno-no-attention"], 3)],
        }
        saved(tmp_path / "6.png")


def test_failed_runs_have_no_bar(folder, scores):
    results = json.loads((folder / "results.json").read_text())
    for run in results["runs"]:
        if run["method"] == "pca-kmeans":
            run |= {"status": "failed", "scores": None}
    assert list(heights(scinno.bench.pl.benchmark(results, "ARI"))) == ["scinno", "bad"]


def test_what_is_no_benchmark_is_said(folder, labeled, tmp_path):
    with pytest.raises(ValueError, match="must be those of scinno bench .* got the keys a"):
        scinno.bench.pl.benchmark({"a": 1})
    (tmp_path / "results.json").write_text("{")
    with pytest.raises(ValueError, match=r"results\.json: it is not valid JSON"):
        scinno.bench.pl.benchmark(tmp_path)
    with pytest.raises(ValueError, match="score 'rare_recall' has no value in these runs"):
        scinno.bench.pl.benchmark(folder, "rare_recall")
    with pytest.raises(FileNotFoundError, match="holds no results.json: 'scinno bench' writes it"):
        scinno.bench.pl.maps(tmp_path / "nowhere", labeled)
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        scinno.bench.pl.maps(folder, tmp_path / "small.h5ad")
    shutil.copy(labeled, tmp_path / "other.h5ad")
    with pytest.raises(ValueError, match="no finished run on 'other' .* it has runs on small"):
        scinno.bench.pl.maps(folder, tmp_path / "other.h5ad")
    ad.read_h5ad(labeled)[:80].copy().write_h5ad(tmp_path / "small.h5ad")
    with pytest.raises(ValueError, match=r"are of another small\.h5ad"):
        scinno.bench.pl.maps(folder, tmp_path / "small.h5ad")
