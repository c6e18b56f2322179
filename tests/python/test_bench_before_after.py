"""The picture of types and batches before and after, and what it refuses."""

import json
import shutil

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from bench_runs import go, write_method
from conftest import simulate
from drawn import no_figure_is_left as no_figure_is_left
from matplotlib.colors import to_hex
from typer.testing import CliRunner

from scinno.bench import choose, collect, write_outputs
from scinno.bench.pl import before_after
from scinno.cli import app

# One map has a line of cells by batch, the other by the first gene.
MAPS = {"apart": "np.c_[100 * job.batch, job.batch]", "mixed": "job.matrix.toarray()[:, :5]"}


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A folder with two methods on one set of two batches, and the set."""
    folder = tmp_path_factory.mktemp("before-after")
    counts, types = simulate(cells=90, genes=40)
    obs = pd.DataFrame({"kind": [f"t{t}" for t in types], "chip": np.resize(["a", "b"], 90)},
                       index=[f"c{i}" for i in range(90)])  # fmt: skip
    file = folder / "chips.h5ad"
    ad.AnnData(counts.astype(np.float32), obs=obs).write_h5ad(file)
    methods = [
        write_method(folder, key, f"finish(job, job.batch, start, {points})")
        for key, points in MAPS.items()
    ]
    task = {"task": "batches", "batch_key": "chip", "label_key": "kind", "modes": ("given",)}
    go(file, folder / "out", *methods, **task)
    chosen = choose([str(method) for method in methods], "batches")
    write_outputs(folder / "out", collect(folder / "out", chosen))
    return folder / "out", file


def colors_at(axis) -> np.ndarray:
    return np.array([to_hex(color) for color in axis.collections[0].get_facecolors()])


def test_types_are_left_and_batches_right_on_the_map_of_each_method(bench, tmp_path):
    folder, file = bench
    axes = before_after(folder, file, ["mixed", "apart"], save=tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 10_000
    assert len(axes) == 4
    titles = [axis.get_title() for axis in axes]
    assert titles[0].startswith("mixed: kind, ARI ")
    assert titles[3] == "apart: chip, ARI 1.00"
    obs = ad.read_h5ad(file).obs
    for left, right in (axes[:2], axes[2:]):
        for axis, groups in ((left, obs["kind"]), (right, obs["chip"])):
            found = pd.Series(colors_at(axis)).groupby(groups.to_numpy()).unique()
            assert all(len(colors) == 1 for colors in found)
            assert len({colors[0] for colors in found}) == groups.nunique()
        # The same map, and other colors.
        np.testing.assert_array_equal(*(a.collections[0].get_offsets() for a in (left, right)))
        assert not set(colors_at(left)) & set(colors_at(right))
    # Batches are apart on the map of the method that put them apart.
    places = np.asarray(axes[3].collections[0].get_offsets())
    centers = [places[(obs["chip"] == name).to_numpy()].mean(axis=0) for name in ("a", "b")]
    other = np.asarray(axes[1].collections[0].get_offsets())
    mixed = [other[(obs["chip"] == name).to_numpy()].mean(axis=0) for name in ("a", "b")]
    gap, none = (np.linalg.norm(np.subtract(*two)) for two in (centers, mixed))
    assert gap / places.std() > 3 * none / other.std()
    legend = {text.get_text() for text in axes[1].get_legend().get_texts()}
    assert legend == {"a", "b"}


def test_the_picture_refuses_what_it_cannot_draw(bench, tmp_path):
    folder, file = bench
    with pytest.raises(KeyError, match="no method 'scinno-no-batch'"):
        before_after(folder, file)
    with pytest.raises(ValueError, match="no finished run|no rows"):
        before_after(folder, file, ["apart"], k_given=False)
    other = tmp_path / "chips.h5ad"
    ad.read_h5ad(file)[:80].copy().write_h5ad(other)
    with pytest.raises(ValueError, match=r"are of another chips\.h5ad"):
        before_after(folder, other, ["apart"])
    shutil.copy(file, tmp_path / "chip.h5ad")
    with pytest.raises(ValueError, match="no set 'chip': did you mean 'chips"):
        before_after(folder, tmp_path / "chip.h5ad", ["apart"])
    with pytest.raises(FileNotFoundError, match=r"holds no results\.json"):
        before_after(tmp_path, file)
    copy = shutil.copytree(folder, tmp_path / "copy")
    stored = copy / "embeddings" / "chips__apart__given__0.npz"
    stored.write_bytes(stored.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"npz holds no embedding of 90 cells, or is damaged"):
        before_after(copy, file, ["apart"])
    np.savez_compressed(stored, embedding=np.zeros((89, 2), "<f4"))
    with pytest.raises(ValueError, match=r"npz holds no embedding of 90 cells, or is damaged"):
        before_after(copy, file, ["apart"])
    stored.unlink()
    with pytest.raises(FileNotFoundError, match="the embedding of this run is missing"):
        before_after(copy, file, ["apart"])
    results = json.loads((copy / "results.json").read_text())
    del results["about"]["task"], results["about"]["batch_key"]
    (copy / "results.json").write_text(json.dumps(results))
    with pytest.raises(ValueError, match="a benchmark of the task 'types'"):
        before_after(copy, file, ["apart"])


def test_the_page_has_the_picture(bench, tmp_path):
    folder, file = bench
    copy = shutil.copytree(folder, tmp_path / "copy")
    # As if the two were scinno's.
    for part in ("runs", "labels", "embeddings"):
        for path in (copy / part).iterdir():
            new = path.name.replace("__apart__", "__scinno-no-batch__").replace(
                "__mixed__", "__scinno__"
            )
            if part == "runs":
                text = path.read_text()
                text = text.replace('"apart"', '"scinno-no-batch"').replace('"mixed"', '"scinno"')
                path.write_text(text)
            path.rename(path.with_name(new))
    call = ["bench", str(file), "--task", "batches", "--label-key", "kind", "--batch-key", "chip",
            "--out", str(copy), "--k", "given", "--seeds", "1", "--tsne", "all",
            "--methods", "scinno,scinno-no-batch"]  # fmt: skip
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert "before-after-chips.png" in done.output
    assert (copy / "before-after-chips.png").read_bytes()[:4] == b"\x89PNG"
    page = (copy / "benchmark.html").read_text()
    assert page.count('<img class="before-after" src="data:image/png;base64,iVBOR') == 1
    (copy / "embeddings" / "chips__scinno__given__0.npz").unlink()
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert "no picture of chips: " in done.output
