"""`scinno bench --sets`: a part of the sets, by name."""

from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from bench_runs import labeled as labeled
from bench_runs import write_method
from typer.testing import CliRunner

from scinno.bench._execute.selection import SMALL, select
from scinno.cli import app


def files(*names: str) -> list[Path]:
    return [Path(f"{name}.h5ad") for name in names]


def test_names_and_selections_are_joined_in_the_order_of_the_files():
    found = select(files("zzz", *reversed(SMALL), "aaa", "other"), ["aaa", "small", "zzz", "aaa"])
    assert [file.stem for file in found] == ["zzz", *reversed(SMALL), "aaa"]


def test_a_name_that_is_no_set_is_refused_with_similar_ones():
    with pytest.raises(ValueError, match=r"'pbmc3' is not a set among SETS: did you mean 'pbmc3k'"):
        select(files("pbmc3k", "paul15"), ["pbmc3"])
    with pytest.raises(ValueError, match="did you mean 'small'"):
        select(files("pbmc3k"), ["smal"])


def test_a_selection_needs_all_of_its_sets():
    with pytest.raises(ValueError, match=f"2 of its 10 sets are not among SETS: {SMALL[0]}, "):
        select(files(*SMALL[2:], "other"), ["small"])


def test_the_small_sets_exist_and_are_small_and_varied(data_folder):
    paths = [path for folder in (data_folder, data_folder.parent / "data-more")
             for path in folder.glob("*.h5ad")]  # fmt: skip
    chosen = select(paths, ["small"])
    assert len(chosen) == len(SMALL) == 10
    cells, types, kinds = [], [], set()
    for path in chosen:
        data = ad.read_h5ad(path, backed="r")
        cells.append(data.n_obs)
        types.append(data.obs["cell_type"].nunique())
        kinds.add(data.uns.get("x_kind", "unknown"))
        data.file.close()
    assert max(cells) < 2500
    assert min(types) <= 3
    assert max(types) >= 15
    assert "log" in kinds


def test_the_sets_of_the_task_for_batches_have_batches(data_folder):
    folders = (data_folder, *(data_folder.parent / f"data-{kind}" for kind in ("more", "multi")))
    paths = [path for folder in folders for path in folder.glob("*.h5ad")]
    for path in select(paths, ["batches"]):
        data = ad.read_h5ad(path, backed="r")
        assert data.obs["batch"].nunique() > 1, path
        assert data.obs["cell_type"].nunique() > 1, path
        data.file.close()


def bench(*words: object):
    return CliRunner().invoke(app, ["bench", *map(str, words)])


@pytest.fixture
def three(labeled, tmp_path) -> Path:
    """A folder with three sets."""
    (tmp_path / "sets").mkdir()
    for name in ("one", "two", "three"):
        (tmp_path / "sets" / f"{name}.h5ad").write_bytes(labeled.read_bytes())
    return tmp_path / "sets"


def test_only_the_named_sets_run(three, tmp_path):
    quick = write_method(tmp_path, "quick", "finish(job, np.arange(90) % 2, start)")
    words = [three, "-m", quick, "--seeds", 1, "-o", tmp_path / "out"]
    done = bench(*words, "--sets", "two,three")
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "out" / "results.csv")
    assert set(table["set"]) == {"two", "three"}
    assert np.isfinite(table["ARI"]).all()
    # the others later, in the same folder
    assert bench(*words).exit_code == 0
    assert set(pd.read_csv(tmp_path / "out" / "results.csv")["set"]) == {"one", "two", "three"}


def test_nothing_runs_where_the_selection_is_wrong(three, tmp_path):
    out = tmp_path / "out"
    done = bench(three, "-m", "pca-kmeans", "-o", out, "--sets", "small")
    assert "10 of its 10 sets are not among SETS" in str(done.exception)
    assert not out.exists()


@pytest.mark.parametrize("other", ["--paper", "--report-only"])
def test_it_is_refused_where_it_would_do_nothing(other, tmp_path):
    done = bench("--sets", "small", other, "-o", tmp_path / "out")
    assert isinstance(done.exception, ValueError)
    assert "--sets chooses among SETS: it cannot be used with --paper" in str(done.exception)
