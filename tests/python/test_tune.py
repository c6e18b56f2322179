"""`scinno.tune`: which settings are tried, how they are judged, and what is kept."""

from __future__ import annotations

import itertools
import logging
import sqlite3
import time
from contextlib import closing

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK, simulate

import scinno
from scinno._train.batches import Batches

QUICK = QUICK | {"n_genes": 100}
# Ample: what is tested here is not cut off by a slow machine.
BUDGET = 300.0


def tune(x, n_clusters=3, **options) -> scinno.Tuning:
    return scinno.tune(x, n_clusters, **{"budget": BUDGET, "n_trials": 3} | QUICK | options)


def trials(found: scinno.Tuning) -> pd.DataFrame:
    """What was tried and found, without the time that it took."""
    return found.table.drop(columns="seconds")


@pytest.fixture(scope="module")
def cells() -> tuple:
    return simulate(k=6, genes=120)


@pytest.fixture(scope="module")
def found(simulated) -> scinno.Tuning:
    return tune(simulated[0])


def test_the_first_trial_has_the_settings_of_the_call(found):
    first = found.table.iloc[0]
    start = scinno.Settings(**QUICK)
    assert found.start == start
    assert {name: first[name] for name in found.searched} == {
        name: getattr(start, name) for name in found.searched
    }
    assert found.searched == ["noise", "n_latent", "n_pcs", "encoder_weight"]  # 200 genes
    assert found.table["start"].tolist() == [True, False, False]
    assert found.table["best"].sum() == 1
    assert found.n_clusters == 3
    assert not found.table.duplicated(found.searched).any()


def test_scores_are_held_out_times_stability(found):
    table = found.table[found.table["state"] == "complete"]
    np.testing.assert_allclose(table["score"], table["held_out"] * table["stability"])
    assert table["held_out"].between(0.05, 1).all()
    assert table.loc[table["best"].astype(bool), "score"].iloc[0] == table["score"].max()


def test_a_fit_takes_the_settings(simulated, found):
    fit = scinno.fit(simulated[0], found.n_clusters, settings=found.settings)
    assert fit.settings == found.settings


def test_the_same_seed_tries_and_finds_the_same(simulated, names, found):
    adata = ad.AnnData(
        simulated[0].astype(np.float32) * 0.5,
        layers={"counts": simulated[0].astype(np.float32)},
        var=pd.DataFrame(index=names),
    )
    again = tune(adata, layer="counts")
    pd.testing.assert_frame_equal(trials(again), trials(found))
    assert adata.uns == {}
    other = tune(simulated[0], seed=1, n_trials=2)
    assert not trials(other).equals(trials(found).head(2))


def test_better_settings_are_recommended_and_equal_ones_are_not(cells):
    # Without training the encoder's code is noise, which principal components are not.
    bad = {"n_pcs": 0, "pretrain_epochs": 0, "space": {"n_pcs": [20]}}
    found = tune(cells[0], 6, **bad)
    assert found.changes() == {"n_pcs": 20}
    assert found.settings == found.best == scinno.Settings(**QUICK | bad["space"] | {
        "n_pcs": 20, "pretrain_epochs": 0})  # fmt: skip
    assert len(found.gains) == 4
    assert found.gains.mean() > found.gains.std(ddof=1) > 0
    assert "more than the spread" in found.reason
    assert "n_pcs=20 (2 finished of 2 trials" in repr(found)
    good = tune(cells[0], 6, n_pcs=20, pretrain_epochs=0, space={"n_pcs": [0]})
    assert good.settings == good.best == good.start
    assert len(good.gains) == 0
    assert good.reason == "of 2 finished trials none scored higher than the first"


def test_a_gain_within_the_spread_is_not_recommended(found):
    changed = found.start.replace({"n_pcs": 30})
    about = {**vars(found), "best": changed, "gains": np.array([0.01, -0.01, 0.02, 0.0])}
    assert "is not more than the spread" in scinno.Tuning(**about).reason
    about["gains"] = np.zeros(0)
    assert "the budget was too small" in scinno.Tuning(**about).reason


def test_poor_trials_are_pruned_after_one_half(cells):
    space = {"n_pcs": [0], "n_latent": [4, 8, 16], "n_hidden": [32, 64]}
    found = tune(cells[0], 6, n_pcs=20, pretrain_epochs=0, space=space, n_trials=12)
    pruned = found.table[found.table["state"] == "pruned"]
    assert len(pruned)
    assert (pruned["trial"] >= 4).all()
    assert pruned["stability"].isna().all()
    assert pruned["score"].isna().all()
    complete = found.table[found.table["state"] == "complete"]
    assert pruned["held_out"].median() < complete["held_out"].median()


def test_a_study_goes_on_as_if_it_had_not_stopped(simulated, found, tmp_path):
    file = tmp_path / "tune.db"
    first = tune(simulated[0], n_trials=2, study=file)
    assert len(first.table) == 2
    second = tune(simulated[0], n_trials=1, study=str(file))
    pd.testing.assert_frame_equal(trials(second), trials(found))


def test_a_study_of_another_search_is_refused(simulated, tmp_path):
    file, x = tmp_path / "tune.db", simulated[0]
    tune(x, n_trials=1, study=file)
    before = file.read_bytes()
    changed = x.copy()
    changed[3, np.flatnonzero(changed[3].toarray())[0]] += 1
    for other, given in (
        ("values", {"x": changed}),
        ("n_clusters", {"n_clusters": 4}),
        ("settings", {"n_hidden": 64}),
        ("space", {"space": {"n_pcs": [10]}}),
        ("seed", {"seed": 1}),
    ):
        with pytest.raises(ValueError, match=rf"is of another search, with other {other}: choose"):
            tune(**{"x": x, "study": file} | given)
    assert file.read_bytes() == before
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        tune(x, study=tmp_path / "nowhere" / "tune.db")
    text = tmp_path / "text.db"
    text.write_text("not a database")
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as base:
        base.execute("CREATE TABLE mine (a INTEGER)")
    for path in (text, foreign):
        held = path.read_bytes()
        with pytest.raises(ValueError, match=r"is not a search of scinno.tune: choose another"):
            tune(x, study=path)
        assert path.read_bytes() == held


def test_an_interrupt_gives_what_was_tried_and_the_rest_follows(simulated, tmp_path, monkeypatch):
    file, draw, drawn = tmp_path / "tune.db", Batches.draw, itertools.count()

    def stop_soon(batches, part):
        if next(drawn) == 3:
            raise KeyboardInterrupt
        return draw(batches, part)

    def in_the_second_trial(row):
        monkeypatch.setattr(Batches, "draw", stop_soon)

    with pytest.warns(UserWarning, match="interrupted after 1 finished trials: the table holds"):
        cut = tune(simulated[0], study=file, callback=in_the_second_trial)
    assert cut.table["state"].tolist() == ["complete", "interrupted"]
    assert cut.settings == cut.start
    after = tune(simulated[0], n_trials=1, study=file)
    assert after.table["state"].tolist() == ["complete", "interrupted", "complete"]
    settings = after.table[after.searched].astype(str)
    assert settings.loc[2].tolist() == settings.loc[1].tolist() != settings.loc[0].tolist()


def test_an_interrupt_between_two_trials_counts_too(simulated):
    def stop(row):
        raise KeyboardInterrupt

    with pytest.warns(UserWarning, match="interrupted after 1 finished trials: the table holds"):
        cut = tune(simulated[0], callback=stop)
    assert cut.table["state"].tolist() == ["complete"]


def test_the_call_ends_within_its_budget(cells):
    tune(cells[0], 6, n_trials=1)  # what the first call loads
    start = time.perf_counter()
    # One trial alone would take minutes. Twice the budget: a busy machine must not fail the test.
    found = scinno.tune(cells[0], 6, budget=10, pretrain_epochs=2000)
    assert time.perf_counter() - start < 20
    assert found.table["state"].tolist() == ["out of time"]
    assert found.settings == found.start
    assert found.reason.startswith("no trial was finished within the budget")


def test_an_unknown_number_of_clusters_is_estimated_once(simulated, tmp_path):
    import optuna

    file = tmp_path / "tune.db"
    found = tune(simulated[0], None, n_trials=1, study=file)
    assert found.n_clusters == scinno.choose_k(simulated[0], **QUICK).n_clusters == 3
    study = optuna.load_study(study_name="scinno", storage=f"sqlite:///{file}")
    study.set_user_attr("K", 4)  # the study holds it, and no other call estimates it
    assert tune(simulated[0], None, n_trials=1, study=file).n_clusters == 4
    assert tune(simulated[0], (4, 6), n_trials=1).n_clusters in (4, 5, 6)


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"budget": 5}, ValueError, "budget must be 10 seconds or more, got 5"),
        ({"budget": "1 h"}, TypeError, "budget must be a number, got '1 h'"),
        ({"budget": float("nan")}, ValueError, "budget must be 10 seconds or more, got nan"),
        ({"n_trials": 0}, ValueError, "n_trials must be from 1 to 1000000, got 0"),
        ({"n_clusters": 1}, ValueError, "n_clusters"),
        ({"layer": "counts"}, TypeError, "layer='counts' is for an AnnData"),
        ({"n_latnt": 3}, TypeError, "unknown setting 'n_latnt'"),
        ({"space": ["n_pcs"]}, TypeError, "space must be a mapping or None, got"),
        ({"space": {"n_pc": [1]}}, TypeError, "space names an unknown setting 'n_pc': did you"),
        ({"space": {"noise": "none"}}, TypeError, r"space\['noise'\] must be a sequence of values"),
        ({"space": {"n_pcs": [-1]}}, ValueError, "n_pcs must be 0 or more, got -1"),
        ({"space": {"gamma": [1]}}, ValueError, "space must not name gamma, which has no effect"),
        ({"space": {"n_genes": [100]}}, ValueError, "space must hold a value to try beside"),
        ({"x": "log"}, ValueError, "tune needs raw counts, .* but x holds log values"),
        ({"x": "tpm", "input": "normalized"}, ValueError, "but x holds normalized values"),
    ],
)
def test_what_is_wrong_gets_a_sentence(simulated, given, kind, message):
    x = simulated[0].toarray().astype(np.float32)
    x = {"log": np.log1p(x), "tpm": x * 1.5}.get(given.get("x", ""), x)
    with pytest.raises(kind, match=message):
        tune(**{**given, "x": x})


def test_optuna_says_nothing_of_its_own_and_keeps_its_level(simulated):
    import optuna

    said: list[str] = []
    handler = logging.Handler(optuna.logging.INFO)
    handler.emit = lambda record: said.append(record.getMessage())
    logging.getLogger("optuna").addHandler(handler)
    try:
        optuna.logging.set_verbosity(optuna.logging.INFO)
        tune(simulated[0], n_trials=1)
    finally:
        logging.getLogger("optuna").removeHandler(handler)
    assert said == []
    assert optuna.logging.get_verbosity() == optuna.logging.INFO
