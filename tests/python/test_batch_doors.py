"""Batches by every door: AnnData, scikit-learn, files in memory and in blocks, new cells, R."""

import json

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from batched import batched
from conftest import QUICK
from typer.testing import CliRunner

import scinno
from scinno._r.call import call
from scinno.cli import app


@pytest.fixture(scope="module")
def cells() -> ad.AnnData:
    """Three batches, the last one unlike the others in its proportions; not to be changed."""
    counts, types, batch = batched(cells=360, batches=3)
    obs = pd.DataFrame({"type": types.astype(str), "donor": batch, "chip": "x"})
    obs.loc[::2, "chip"] = "y"
    obs.index = [f"c{i}" for i in range(360)]
    var = pd.DataFrame(index=[f"G{j}" for j in range(counts.shape[1])])
    return ad.AnnData(counts.astype(np.float32), obs=obs, var=var)


@pytest.fixture(scope="module")
def known(cells) -> ad.AnnData:
    return cells[cells.obs["donor"] != "c"].copy()


@pytest.fixture(scope="module")
def fit(known) -> scinno.Fit:
    batch = known.obs["donor"]
    return scinno.fit(known.X, 3, genes=known.var_names, batch=batch, **QUICK)


def run(*words: str) -> str:
    """What a command prints."""
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def words(*more: str) -> list[str]:
    return [*more, *(f"--set={name}={value}" for name, value in QUICK.items())]


def test_a_column_of_an_anndata(known, fit):
    data = known.copy()
    found = scinno.cluster(data, 3, batch_key="donor", **QUICK)
    np.testing.assert_array_equal(found.labels, fit.labels)
    assert data.uns["scinno"]["batch_key"] == ["donor"]
    mix = data.uns["scinno"]["batch_mix"]
    np.testing.assert_array_equal(mix, fit.batch_mix)
    assert mix.columns.tolist()[-2:] == ["share_0", "share_1"]


def test_several_columns_of_an_anndata(known):
    found = scinno.cluster(known.copy(), 3, batch_key=["donor", "chip"], **QUICK)
    assert found.batches.index.tolist() == ["a / x", "a / y", "b / x", "b / y"]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"batch_key": "doner"}, KeyError, "'doner' is not in obs: did you mean 'donor'"),
        ({"batch_key": []}, ValueError, "one or more different columns"),
        ({"batch_key": "donor", "batch": [1]}, TypeError, "exclude each other"),
    ],
)
def test_a_bad_column_is_refused(known, options, error, message):
    data = known.copy()
    with pytest.raises(error, match=message):
        scinno.cluster(data, 3, **options)
    assert "scinno" not in data.obs


def test_results_with_batches_can_be_written(known, tmp_path):
    data = known.copy()
    data.obs["donor"] = np.where(data.obs["donor"] == "a", "n_cells", "a/b")
    fit = scinno.cluster(data, 3, batch_key="donor", **QUICK)
    assert fit.batch_mix.columns.tolist()[-2:] == ["a/b", "batch n_cells"]
    data.write_h5ad(tmp_path / "cells.h5ad")
    again = ad.read_h5ad(tmp_path / "cells.h5ad").uns["scinno"]
    assert again["batches"]["batch"].tolist() == ["a/b", "n_cells"]


def test_a_cluster_is_divided_within_batches(known):
    data = known.copy()
    data.obs["all"] = "0"
    found = scinno.subcluster(data, "0", 3, key="all", batch_key="donor", **QUICK)
    assert found.batches.index.tolist() == ["a", "b"]
    assert data.obs["all_sub"].nunique() == 3


def test_choose_k_takes_a_column(known):
    by_column = scinno.choose_k(known, batch_key="donor", **QUICK)
    by_values = scinno.choose_k(known.X, genes=known.var_names, batch=known.obs["donor"], **QUICK)
    pd.testing.assert_frame_equal(by_column.table, by_values.table)
    with pytest.raises(TypeError, match="batch_key='donor' is for an AnnData"):
        scinno.choose_k(known.X, batch_key="donor")


def test_scikit_learn(known, fit):
    x, batch = known.X.toarray(), known.obs["donor"]
    model = scinno.SCINNO(3, settings=QUICK).fit(x, batch=batch)
    np.testing.assert_array_equal(model.labels_, fit.labels)
    np.testing.assert_array_equal(model.predict(x, batch=batch), fit.labels)
    np.testing.assert_array_equal(model.transform(x, batch=batch), fit.embedding)


def test_a_new_batch_is_added_without_training(cells, known, fit):
    new = cells[cells.obs["donor"] == "c"]
    with pytest.raises(ValueError, match="'c' is not one of the fit's batches"):
        fit.predict(new.X, new.var_names, batch="c")
    more = fit.add_batch(new.X, "c", new.var_names)
    found = more.predict(new.X, new.var_names, batch="c")
    types = known.obs["type"].to_numpy().astype(int)
    of_cluster = np.array([np.bincount(types[fit.labels == j]).argmax() for j in range(3)])
    assert (of_cluster[found] == new.obs["type"].astype(int)).mean() > 0.95
    # With the center of another batch the cells lie farther from their clusters.
    own = more.transform(new.X, new.var_names, batch="c") - fit.centers[found]
    as_another = fit.transform(new.X, new.var_names, batch="a") - fit.centers[found]
    assert (own**2).sum() < 0.8 * (as_another**2).sum()
    # The fit itself, and what it makes of its batches, stay as they are.
    assert fit.preprocessing.batches == ("a", "b")
    assert more.batches["added"].tolist() == [False, False, True]
    assert more.batches["n_cells"].tolist()[2] == new.n_obs
    again = scinno.from_bytes(more.to_bytes())
    np.testing.assert_array_equal(again.predict(new.X, new.var_names, batch="c"), found)
    np.testing.assert_array_equal(
        again.predict(known.X, known.var_names, batch=known.obs["donor"]), fit.labels
    )


def test_a_new_batch_of_one_type_finds_its_cluster(cells, known, fit):
    new = cells[(cells.obs["donor"] == "a") & (cells.obs["type"] == "1")]
    more = fit.add_batch(new.X, "again", new.var_names)
    found = more.predict(new.X, new.var_names, batch="again")
    expected = fit.predict(new.X, new.var_names, batch="a")
    assert (found == expected).mean() > 0.9


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [("a", ValueError, "a batch of the fit already"), (3, TypeError, "name must be a text")],
)
def test_a_bad_name_of_a_new_batch_is_refused(cells, fit, name, error, message):
    with pytest.raises(error, match=message):
        fit.add_batch(cells.X, name, cells.var_names)


def test_add_batch_needs_a_fit_with_batches(small_fit, simulated, names):
    with pytest.raises(ValueError, match="this one was made without"):
        small_fit.add_batch(simulated[0], "new", names)
    with pytest.raises(ValueError, match="this one was made without"):
        small_fit.predict(simulated[0], names, batch="a")


@pytest.fixture(scope="module")
def files(tmp_path_factory, cells, known) -> tuple:
    folder = tmp_path_factory.mktemp("batches")
    known.write_h5ad(folder / "known.h5ad")
    cells.write_h5ad(folder / "cells.h5ad")
    return folder / "known.h5ad", folder / "cells.h5ad"


@pytest.mark.parametrize("how", ["--in-memory", "--backed"])
def test_the_command_line(files, fit, tmp_path, how):
    known, cells = files
    out, new = tmp_path / "run", tmp_path / "new"
    printed = run(
        *words("cluster", str(known), "-k", "3", "--batch-key", "donor", "-o", str(out), how)
    )
    assert "mixing before" in printed
    assert printed.count("%") >= 6
    labels = pd.read_csv(out / "labels.csv")["label"].to_numpy()
    np.testing.assert_array_equal(labels, fit.labels)
    mix = pd.read_csv(out / "batch_mix.csv")
    np.testing.assert_allclose(mix, fit.batch_mix, rtol=1e-4)
    assert json.loads((out / "settings.json").read_text())["batches"] == ["a", "b"]
    model = str(out / "model.safetensors")
    predict = ["predict", model, str(cells), "--batch-key", "donor", "-o", str(new), how]
    result = CliRunner().invoke(app, predict)
    assert result.exit_code != 0
    assert "--new-batches" in str(result.exception)
    assert not new.exists()
    run(*predict, "--new-batches")
    assert scinno.load(new / "model.safetensors").preprocessing.batches == ("a", "b", "c")
    found = pd.read_csv(new / "labels.csv")
    old = found["cell"].isin(pd.read_csv(out / "labels.csv")["cell"])
    np.testing.assert_array_equal(found.loc[old, "label"], fit.labels)


def test_choose_k_on_the_command_line(files, known):
    found = json.loads(run(*words("choose-k", str(files[0]), "--batch-key", "donor", "--json")))
    found = found["n_clusters"]
    assert found == scinno.choose_k(known, batch_key="donor", **QUICK).n_clusters


def test_an_unknown_column_on_the_command_line(files, tmp_path):
    result = CliRunner().invoke(
        app, ["cluster", str(files[0]), "--batch-key", "doner", "-o", str(tmp_path / "run")]
    )
    assert result.exit_code != 0
    assert "--batch-key 'doner' is not in obs: did you mean 'donor'" in str(result.exception)


def test_r_passes_batches_as_an_option(known, fit):
    request = {
        "genes": list(known.var_names), "cells": list(known.obs_names), "known": ["batch"],
        "options": {"n_clusters": 3, "batch": [{"values": known.obs["donor"].tolist()}]} | QUICK,
    }  # fmt: skip
    answer = call("fit", json.dumps(request), {"counts": known.X.T.tocsc()})
    np.testing.assert_array_equal(answer["arrays"]["labels"], fit.labels)
