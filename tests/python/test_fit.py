"""What `fit` promises, on simulated cells."""

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch
from conftest import QUICK, simulate
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

import scinno


def same(a: scinno.Fit, b: scinno.Fit) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("labels", "memberships", "embedding", "centers")
    )


def test_finds_the_simulated_types(simulated, small_fit):
    assert adjusted_rand_score(simulated[1], small_fit.labels) > 0.95


def test_shapes_types_and_rows(simulated, small_fit):
    n, latent = simulated[0].shape[0], small_fit.embedding.shape[1]
    assert small_fit.labels.shape == (n,)
    assert small_fit.labels.dtype == np.int32
    assert small_fit.memberships.shape == (n, 3)
    assert small_fit.memberships.dtype == np.float32
    np.testing.assert_allclose(small_fit.memberships.sum(axis=1), 1, rtol=1e-5)
    assert small_fit.embedding.dtype == np.float32
    assert small_fit.centers.shape == (3, latent)
    assert small_fit.n_clusters == 3
    assert len(small_fit.genes) == 150
    np.testing.assert_array_equal(small_fit.labels, small_fit.memberships.argmax(axis=1))
    np.testing.assert_array_equal(small_fit.confidence, small_fit.memberships.max(axis=1))
    assert "150 cells in 3 clusters" in repr(small_fit)


def test_clusters_are_numbered_by_size(small_fit):
    sizes = np.bincount(small_fit.labels)
    assert (np.diff(sizes) <= 0).all()


def test_a_fit_is_frozen(small_fit):
    with pytest.raises(AttributeError):
        small_fit.labels = None


def test_history_has_a_row_per_epoch(small_fit):
    history = small_fit.history
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5]
    assert history["phase"].tolist() == ["pretrain"] * 3 + ["joint"] * 2
    assert {"loss", "reconstruction", "contrastive", "scatter", "negative_entropy", "label_change",
            "seconds"} <= set(history)  # fmt: skip
    assert (history["seconds"] > 0).all()
    assert history["label_change"][3:].between(0, 1).all()


def test_every_form_of_the_counts_gives_the_same_fit(simulated, small_fit, names):
    x, _ = simulated
    frame = pd.DataFrame(x.toarray(), columns=names)
    for form in (x.toarray(), x.tocsc(), sp.coo_array(x), x.astype(np.float32)):
        assert same(scinno.fit(form, 3, genes=names, **QUICK), small_fit)
    assert same(scinno.fit(frame, 3, **QUICK), small_fit)


def test_the_input_is_never_written_to(simulated, small_fit, names):
    x = simulated[0].astype(np.float64)
    for part in (x.data, x.indices, x.indptr):
        part.flags.writeable = False
    assert same(scinno.fit(x, 3, genes=names, **QUICK), small_fit)


def test_same_seed_same_fit_another_seed_another(simulated, small_fit, names):
    assert same(scinno.fit(simulated[0], 3, genes=names, **QUICK), small_fit)
    other = scinno.fit(simulated[0], 3, genes=names, seed=1, **QUICK)
    assert not np.array_equal(other.embedding, small_fit.embedding)


def test_the_global_generators_are_left_alone(simulated):
    torch.manual_seed(11)
    np.random.seed(11)  # noqa: NPY002 - the global state is what is tested
    before = torch.random.get_rng_state().clone(), np.random.get_state()[1].copy()  # noqa: NPY002
    scinno.fit(simulated[0], 3, **QUICK)
    assert torch.equal(before[0], torch.random.get_rng_state())
    assert np.array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002


def test_two_processes_agree(small_fit):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from conftest import QUICK, simulate\n"
        "import scinno, hashlib\n"
        "fit = scinno.fit(simulate()[0], 3, **QUICK)\n"
        "print(hashlib.sha256(fit.labels.tobytes() + fit.embedding.tobytes()).hexdigest())"
    )
    command = [sys.executable, "-c", code, str(Path(__file__).parent)]
    other = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    here = hashlib.sha256(small_fit.labels.tobytes() + small_fit.embedding.tobytes())
    assert other.strip() == here.hexdigest()


def test_predict_gives_training_cells_their_labels_whatever_comes_with_them(small_fit, simulated):
    x, rng = simulated[0], np.random.default_rng(0)
    np.testing.assert_array_equal(small_fit.predict(x), small_fit.labels)
    order = rng.permutation(x.shape[0])
    np.testing.assert_array_equal(small_fit.transform(x[order]), small_fit.embedding[order])
    for cell in (0, 17, 149):
        np.testing.assert_array_equal(small_fit.transform(x[[cell]])[0], small_fit.embedding[cell])
    np.testing.assert_array_equal(small_fit.memberships_of(x[40:97]), small_fit.memberships[40:97])


def test_new_cells_of_the_same_types_get_their_labels(small_fit, simulated):
    new, types = simulate(cells=80, seed=0)
    clusters = small_fit.predict(new)
    assert adjusted_rand_score(types, clusters) > 0.95


def test_denoised_expression_is_nearer_to_the_truth(simulated, small_fit):
    x, types = simulated
    inputs = small_fit.preprocessing
    denoised = small_fit.denoised(slice(0, 60))
    assert denoised.shape == (60, 150)
    assert (denoised >= 0).all()
    raw = x.toarray()[:60][:, inputs.selected]
    raw = np.log1p(raw * inputs.target_sum / x.toarray()[:60].sum(1, keepdims=True))
    means = np.stack([raw[types[:60] == t].mean(0) for t in types[:60]])
    assert np.mean((denoised - means) ** 2) < np.mean((raw - means) ** 2)
    np.testing.assert_array_equal(small_fit.denoised([3]), denoised[[3]])


def test_an_all_zero_cell_is_labeled(simulated, caplog):
    x = simulated[0].toarray()
    x[7] = 0
    fit = scinno.fit(x, 3, **QUICK)
    assert np.isfinite(fit.memberships).all()
    assert len(fit.labels) == len(x)
    assert "no counts at all (first: cell 7)" in caplog.text


@pytest.mark.parametrize("ablation", ["attention", "contrastive"])
def test_ablations_change_the_result(simulated, small_fit, names, ablation):
    without = scinno.fit(simulated[0], 3, genes=names, **{ablation: False}, **QUICK)
    assert not np.array_equal(without.memberships, small_fit.memberships)
    if ablation == "contrastive":
        assert (without.history["contrastive"] == 0).all()


def test_the_number_of_clusters_is_found(simulated):
    assert scinno.fit(simulated[0], **QUICK).n_clusters == 3


def test_callback_gets_every_row(simulated):
    rows = []
    fit = scinno.fit(simulated[0], 3, callback=rows.append, **QUICK)
    assert [r["epoch"] for r in rows] == fit.history["epoch"].tolist()
    assert all(r["n_epochs"] == 5 for r in rows)


@pytest.mark.parametrize("stop_at", [2, 4])
def test_an_interrupt_returns_the_last_good_state(simulated, stop_at):
    def stop(row):
        if row["epoch"] == stop_at:
            raise KeyboardInterrupt

    with pytest.warns(UserWarning, match=rf"interrupted after {stop_at} of 5 epochs"):
        fit = scinno.fit(simulated[0], 3, callback=stop, **QUICK)
    assert len(fit.history) == stop_at
    assert len(np.unique(fit.labels)) == 3


def test_a_loss_that_is_not_finite_is_rolled_back_with_a_warning(simulated, caplog, monkeypatch):
    from scinno._train import batch_losses

    real, calls = batch_losses.reconstruction, []

    def broken(*args):
        calls.append(1)
        return real(*args) * (float("nan") if len(calls) == 15 else 1)

    monkeypatch.setattr(batch_losses, "reconstruction", broken)
    fit = scinno.fit(simulated[0], 3, **QUICK | {"batch_parts": 1})
    assert "not finite: rolled back to the last good epoch" in caplog.text
    assert np.isfinite(fit.embedding).all()
    assert len(fit.history) == 5


def test_a_loss_that_stays_not_finite_ends_with_the_last_good_state(simulated, caplog, monkeypatch):
    from scinno._train import batch_losses

    def broken(x, *_):
        return (x * float("nan")).sum().requires_grad_()

    monkeypatch.setattr(batch_losses, "reconstruction", broken)
    fit = scinno.fit(simulated[0], 3, **QUICK)
    assert caplog.text.count("not finite") >= 4
    assert np.isfinite(fit.memberships).all()


def test_paper_preset_runs_and_reports_dead_clusters(simulated, caplog):
    quick = QUICK | {"steps_per_epoch": None, "n_hidden": 32, "n_latent": 16, "head_dim": 4}
    fit = scinno.fit(simulated[0], 8, preset="paper", gamma=500.0, learning_rate=0.05, **quick)
    n_alive = len(np.unique(fit.labels))
    assert n_alive < 8
    assert f"only {n_alive} of 8 clusters are alive" in caplog.text
    np.testing.assert_array_equal(fit.predict(simulated[0]), fit.labels)


def test_log_values_are_taken_as_they_are(simulated):
    x = simulated[0].toarray()
    logged = np.log1p(x / x.sum(1, keepdims=True) * 100)
    fit = scinno.fit(logged, 3, input="log", **QUICK)
    assert fit.preprocessing.kind == "log"
    assert adjusted_rand_score(simulated[1], fit.labels) > 0.95
    np.testing.assert_array_equal(fit.predict(logged), fit.labels)


COUNTS = np.random.default_rng(0).poisson(2.0, size=(20, 30))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"n_clusters": 1}, ValueError, r"n_clusters .* from 2 to 10, got 1"),
        ({"n_clusters": 11}, ValueError, r"n_clusters \(with 20 cells\) must be from 2 to 10"),
        ({"n_clusters": 25}, ValueError, "n_clusters=25 is more than the 20 cells"),
        ({"n_clusters": 2.5}, TypeError, "n_clusters .* whole number, got 2.5"),
        ({"n_clusters": "3"}, TypeError, "n_clusters .* whole number or a pair.*, got '3'"),
        ({"seed": -1}, ValueError, "seed must be"),
        ({"preset": "best"}, ValueError, "preset must be 'default' or 'paper', got 'best'"),
        ({"device": "tpu"}, ValueError, "device must be"),
        ({"device": "cuda:99"}, ValueError, "device 'cuda:99' is not available"),
        ({"joint_epoch": 3}, TypeError, "setting 'joint_epoch': did you mean 'joint_epochs'"),
        ({"gamma": -1}, ValueError, "gamma must be above 0"),
        ({"pretrain_epochs": 2.5}, TypeError, "pretrain_epochs must be int, got 2.5"),
        ({"attention": "yes"}, TypeError, "attention must be bool"),
        ({"noise": "salt:1"}, ValueError, "noise must be"),
        ({"precision": "half"}, ValueError, "precision must be one of .*, got .half."),
        ({"input": "raw"}, ValueError, "input must be"),
    ],
)
def test_bad_arguments_are_refused(options, error, words):
    with pytest.raises(error, match=words):
        scinno.fit(COUNTS, **({"n_clusters": 2} | options))


def test_too_few_cells_or_genes_are_refused():
    with pytest.raises(ValueError, match="at least 4 cells"):
        scinno.fit(COUNTS[:3], 2)
    with pytest.raises(ValueError, match=r"at least 2 genes expressed in .* got 1 of 30"):
        scinno.fit(np.where(np.arange(30) == 4, COUNTS + 1, 0), 2)


def test_whole_floats_pass_as_r_sends_them(simulated, small_fit, names):
    quick = {name: float(value) for name, value in QUICK.items()}
    assert same(scinno.fit(simulated[0], 3.0, genes=names, seed=0.0, **quick), small_fit)


def test_the_number_of_threads_changes_nothing(simulated):
    found = []
    before = torch.get_num_threads()
    for threads in (1, 4):
        torch.set_num_threads(threads)
        try:
            with threadpool_limits(threads):
                found.append(scinno.fit(simulated[0], 3, **QUICK))
                assert torch.get_num_threads() == threads  # given back as it was
        finally:
            torch.set_num_threads(before)
    assert same(*found)


def test_evidence_for_k_is_kept_where_k_was_estimated(simulated, small_fit):
    assert small_fit.k_evidence is None
    fit = scinno.fit(simulated[0], **QUICK)
    evidence = fit.k_evidence
    assert evidence.loc[evidence["chosen"], "n_clusters"].tolist() == [fit.n_clusters]
    pd.testing.assert_frame_equal(scinno.from_bytes(fit.to_bytes()).k_evidence, evidence)
