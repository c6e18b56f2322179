"""What a benchmark set is taken for: counts, log values, or fractional counts."""

from pathlib import Path

import anndata as ad
import h5py
import numpy as np
import pandas as pd
import pytest
from conftest import simulate

from scinno.bench._execute.sets import prepare


def written(folder: Path, declared: str | None, change=lambda x: x) -> Path:
    counts, types = simulate(cells=120, genes=80)
    x = counts.astype(np.float32)
    x.data = change(x.data).astype(np.float32)
    obs = pd.DataFrame({"cell_type": types.astype(str)}, index=[f"c{i}" for i in range(120)])
    data = ad.AnnData(x, obs=obs)
    if declared is not None:
        data.uns["x_kind"] = declared
    data.write_h5ad(folder / "cells.h5ad")
    return folder / "cells.h5ad"


@pytest.mark.parametrize(
    ("declared", "change", "kind"),
    [
        ("counts", lambda x: x, "counts"),
        ("counts", lambda x: x + 0.25 * (x > 2), "normalized"),  # RSEM's expected counts
        ("log", np.log1p, "log"),
        (None, lambda x: x, "counts"),
        ("unknown", lambda x: x, "counts"),
    ],
)
def test_the_kind_is_what_the_file_says(declared, change, kind, tmp_path):
    file = written(tmp_path, declared, change)
    found = prepare(file, "cell_type", "auto", tmp_path / "out", doublets=False)
    assert found.kind == kind
    assert np.isfinite(found.points).all()
    assert found.quality["values"] == kind


def test_what_the_user_says_comes_first(tmp_path):
    file = written(tmp_path, "counts", lambda x: x + 0.25 * (x > 2))
    with pytest.raises(ValueError, match="input='normalized'"):
        prepare(file, "cell_type", "counts", tmp_path / "out", doublets=False)


def test_a_set_goes_through_the_door_of_all_files(tmp_path, caplog):
    """Broken matrices are named before native code follows them; odd names are settled."""
    file = written(tmp_path, None)
    with h5py.File(file, "r+") as data:
        data["X/indptr"][5] = 2**20
    with pytest.raises(
        ValueError, match=r"SETS .*cells\.h5ad cannot be read: X is a broken sparse"
    ):
        prepare(file, "cell_type", "auto", tmp_path / "out", doublets=False)
    data = ad.read_h5ad(written(tmp_path, None))
    data.var_names = [*data.var_names[:-1], data.var_names[0]]
    data.write_h5ad(file)
    prepare(file, "cell_type", "auto", tmp_path / "out", doublets=False)
    assert "1 gene name(s) repeat" in caplog.text
    ad.AnnData(obs=data.obs, var=data.var[:0]).write_h5ad(file)
    with pytest.raises(ValueError, match=r"adata\.X is empty|at least one cell and one gene"):
        prepare(file, "cell_type", "auto", tmp_path / "out", doublets=False)
