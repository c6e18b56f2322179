"""What R calls, called as R calls it: JSON and arrays in, JSON and arrays out."""

import json
import subprocess
import sys
import time

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from conftest import QUICK

import scinno
from scinno._r import call


def ask(what: str, request: dict, arrays: dict | None = None, progress=None) -> tuple[dict, dict]:
    answer = call.call(what, json.dumps(request), arrays or {}, progress)
    return json.loads(answer["reply"]), answer["arrays"]


@pytest.fixture(scope="module")
def request_to_fit(names) -> dict:
    options = {"n_clusters": 3.0, "seed": 0} | QUICK
    return {"options": options, "genes": names.tolist(), "cells": None, "known": ["engine"]}


@pytest.fixture(scope="module")
def counts(simulated):
    """Genes × cells by columns, as R has it."""
    return simulated[0].T.tocsc().astype(np.float64)


@pytest.fixture(scope="module")
def fitted(request_to_fit, counts):
    return ask("fit", request_to_fit, {"counts": counts})


def test_r_gets_the_same_fit(fitted, small_fit):
    reply, arrays = fitted
    for name in ("labels", "memberships", "embedding", "centers"):
        np.testing.assert_array_equal(arrays[name], getattr(small_fit, name))
    assert reply["n_clusters"] == 3
    assert reply["genes"] == small_fit.genes.tolist()
    assert len(reply["history"]["epoch"]) == len(small_fit.history)
    assert reply["history"]["label_change"][0] is None  # JSON has no NaN
    assert reply["k_evidence"] is None
    assert reply["api_version"] == scinno.API_VERSION == 2


def test_progress_reaches_r_as_json(request_to_fit, counts):
    rows = []
    ask("fit", request_to_fit, {"counts": counts}, rows.append)
    assert [json.loads(row)["epoch"] for row in rows] == [1, 2, 3, 4, 5]


def test_an_interrupt_while_r_shows_progress_keeps_the_clusters(request_to_fit, counts):
    reply, arrays = ask("fit", request_to_fit, {"counts": counts}, lambda row: '"epoch": 2' in row)
    assert reply["history"]["epoch"] == [1, 2]
    assert len(arrays["labels"]) == 150
    assert any("interrupted" in text for text in reply["messages"]["warnings"])


def test_a_model_predicts_and_loads(fitted, counts, names):
    arrays = {"model": fitted[1]["model"], "counts": counts}
    _, placed = ask("predict", {"genes": names.tolist(), "options": {}}, arrays)
    np.testing.assert_array_equal(placed["labels"], fitted[1]["labels"])
    reply, loaded = ask("load", {}, {"model": fitted[1]["model"]})
    assert reply["settings"] == fitted[0]["settings"]
    np.testing.assert_array_equal(loaded["embedding"], fitted[1]["embedding"])


def test_markers_are_those_of_python(fitted, counts, names):
    labels = fitted[1]["labels"]
    request = {
        "genes": names.tolist(), "labels": labels.tolist(), "clusters": ["0", "1", "2"],
        "tested": ["1", "2"], "reference": "0", "options": {"method": "t-test"},
    }  # fmt: skip
    _, columns = ask("markers", request, {"counts": counts})
    adata = ad.AnnData(counts.T.tocsr(), var=pd.DataFrame(index=names))
    adata.obs["scinno"] = pd.Categorical(labels.astype(str))
    expected = scinno.markers(adata, groups=["1", "2"], reference="0", method="t-test")
    assert names[columns["gene"]].tolist() == expected["gene"].tolist()
    assert columns["cluster"].astype(str).tolist() == expected["cluster"].tolist()
    for name in expected.columns[2:]:
        np.testing.assert_array_equal(columns[name], expected[name].to_numpy(np.float64))
    chip = ["a", "b"] * (len(labels) // 2)
    _, columns = ask("markers", request | {"batch": [{"values": chip}]}, {"counts": counts})
    adata.obs["chip"] = chip
    expected = scinno.markers(
        adata, groups=["1", "2"], reference="0", method="t-test", batch_key="chip"
    )
    assert names[columns["gene"]].tolist() == expected["gene"].tolist()
    for name in expected.columns[2:]:
        np.testing.assert_array_equal(columns[name], expected[name].to_numpy(np.float64))
    reply, _ = ask("markers", request | {"tested": ["9"]}, {"counts": counts})
    assert "'9' is not a cluster" in reply["error"]


def test_domains_are_those_of_python(fitted, small_fit):
    n = len(small_fit.labels)
    places = np.random.default_rng(0).random((n, 2)) + small_fit.labels[:, None] / 3
    slices = ["a", "b"] * (n // 2)
    request = {
        "coordinates": places.T.tolist(), "slices": slices,
        "options": {"n_domains": [2.0, 4.0], "smoothing": "auto", "seed": 1.0},
    }  # fmt: skip
    arrays = {"model": fitted[1]["model"]}
    reply, found = ask("domains", request, arrays)
    expected = scinno.domains(small_fit, places, (2, 4), slices=slices, seed=1)
    for name in ("labels", "memberships", "embedding"):
        np.testing.assert_array_equal(found[name], getattr(expected, name))
    assert reply["n_domains"] == expected.n_domains
    assert reply["smoothing"] == expected.smoothing
    assert reply["warnings"] == list(expected.warnings)
    for name in ("smoothing_table", "k_evidence"):
        pd.testing.assert_frame_equal(
            pd.DataFrame(reply[name]), getattr(expected, name), check_dtype=False
        )
    options = {"n_domains": 3, "smoothing": 2, "seed": 0}
    reply, found = ask("domains", request | {"slices": None, "options": options}, arrays)
    expected = scinno.domains(small_fit, places, 3, smoothing=2)
    np.testing.assert_array_equal(found["memberships"], expected.memberships)
    assert reply["smoothing_table"] is reply["k_evidence"] is None
    reply, _ = ask("domains", request | {"options": {"n_domains": None, "smoothing": None}}, arrays)
    assert reply["error"] == "smoothing must be a whole number or a text, got NULL"


def test_problems_are_one_sentence(request_to_fit, counts):
    def error(**changes):
        options = request_to_fit["options"] | changes
        reply, arrays = ask("fit", request_to_fit | {"options": options}, {"counts": counts})
        assert arrays == {}
        return reply["error"]

    assert error(n_clusters=99) == "n_clusters (with 150 cells) must be from 2 to 75, got 99"
    assert error(n_cluster=3) == "unknown argument 'n_cluster': did you mean 'n_clusters'?"
    assert "scinnoDefaults() lists all" in error(zzz=1)
    with pytest.raises(ValueError, match="what must be one of fit"):
        call.call("dance", "{}", {})


def test_cells_in_rows_are_noticed(request_to_fit, counts):
    flipped = request_to_fit | {"genes": ["ACGTACGTACGT-1"] * 3, "cells": ["CD3E", "GAPDH"]}
    reply, _ = ask("fit", flipped, {"counts": counts})
    assert "pass t(object)" in reply["error"]


def test_warnings_and_notes_come_along(request_to_fit, counts):
    reply, _ = ask("fit", request_to_fit, {"counts": counts / 2})
    assert any("log-normalized" in text for text in reply["messages"]["warnings"])
    reply, _ = ask("fit", request_to_fit, {"counts": counts})
    assert any("taken as counts" in text for text in reply["messages"]["notes"])


def test_every_default_has_type_and_meaning():
    table = ask("defaults", {"preset": "paper"})[0]["settings"]
    known = {line["name"]: line for line in table}
    assert known["n_clusters"]["default"] is None
    assert known["preset"]["default"] == "paper"
    assert known["batch_size"]["default"] == 128
    assert all(line["type"] and line["about"] for line in table)


def start(folder) -> subprocess.Popen:
    command = [sys.executable, "-m", "scinno._r.process", str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def write_request(folder, counts, request) -> None:
    for name, values in (("x", counts.data), ("i", counts.indices), ("p", counts.indptr)):
        values.astype(call.VECTORS[name]).tofile(folder / f"{name}.bin")
    asked = {"what": "fit", "request": request, "shape": counts.shape}
    (folder / "request.json").write_text(json.dumps(asked))


def test_a_process_beside_r_gives_the_same(tmp_path, request_to_fit, counts, fitted):
    write_request(tmp_path, counts, request_to_fit)
    with start(tmp_path) as process:
        rows = [json.loads(line) for line in process.stdout]
        process.wait(60)
    assert [row["epoch"] for row in rows] == [1, 2, 3, 4, 5]
    reply = json.loads((tmp_path / "reply.json").read_text())
    for name in ("labels", "embedding"):
        values = np.fromfile(tmp_path / f"{name}.out", dtype=fitted[1][name].dtype)
        np.testing.assert_array_equal(values, fitted[1][name].ravel())
        assert reply["shapes"][name]["dim"] == list(fitted[1][name].shape)


def test_the_process_ends_when_r_does(tmp_path, request_to_fit, counts):
    long = request_to_fit | {"options": request_to_fit["options"] | {"pretrain_epochs": 100_000}}
    write_request(tmp_path, counts, long)
    with start(tmp_path) as process:
        assert process.stdout.readline()  # training is under way
        process.stdin.close()
        start_of_wait = time.monotonic()
        assert process.wait(30) == 1
        assert time.monotonic() - start_of_wait < 30
    assert not (tmp_path / "reply.json").exists()


def test_an_interrupt_before_there_are_clusters_is_told_from_an_error(monkeypatch):
    """R gives it a class of its own."""

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setitem(call._HANDLERS, "defaults", interrupted)
    reply = json.loads(call.call("defaults", "{}", {})["reply"])
    assert reply["interrupted"] is True
    monkeypatch.undo()
    reply = json.loads(call.call("defaults", '{"preset": "none"}', {})["reply"])
    assert "error" in reply
    assert "interrupted" not in reply
