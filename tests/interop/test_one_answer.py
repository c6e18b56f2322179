"""The same counts and seed give the same labels, memberships and embedding in both languages."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
import reference

# Few epochs: what must agree is every number, not its quality.
QUICK = {"pretrain_epochs": 2, "joint_epochs": 2}


@pytest.fixture(scope="module")
def expected(cellhashing):
    return reference.fit_of(cellhashing, 4, **QUICK)


@pytest.fixture(scope="module")
def in_r(r, cellhashing):
    """The counts in R, as `counts`, genes × cells, and all results of a fit on file."""
    import rpy2.robjects as robjects

    x = cellhashing.X.tocsr()
    env = robjects.globalenv
    env["x"] = robjects.FloatVector(x.data)
    env["i"] = robjects.IntVector(x.indices)
    env["p"] = robjects.IntVector(x.indptr)
    env["genes"] = robjects.StrVector(list(cellhashing.var_names))
    env["cells"] = robjects.StrVector(list(cellhashing.obs_names))
    settings = ", ".join(f"{name} = {value}" for name, value in QUICK.items())
    r(f"""
        counts <- methods::new(
            "dgCMatrix", x = x, i = i, p = p, Dim = c(length(genes), length(cells)),
            Dimnames = list(genes, cells)
        )
        fit_of <- function(object, engine, ...) RunSCINNO(
            object, n_clusters = 4, seed = {reference.SEED}, {settings}, engine = engine,
            verbose = FALSE, ...
        )
    """)
    return r


OBJECTS = {
    "matrix": "counts",
    "sce": "SingleCellExperiment(list(counts = counts))",
    "seurat": "suppressWarnings(CreateSeuratObject(counts))",
}


@pytest.mark.parametrize("engine", ["inprocess", "process"])
@pytest.mark.parametrize("kind", OBJECTS)
def test_r_gives_what_python_gives(in_r, expected, kind, engine, tmp_path):
    in_r(f"object <- {OBJECTS[kind]}")
    if engine == "process":
        in_r("fit <- scinnoFit(fit_of(object, 'process'))")
    else:
        # Python inside R inside Python is more than reticulate can do: an R of its own.
        in_r(f"save(object, fit_of, file = '{tmp_path}/sent.rda')")
        code = (
            f"library(scinno); load('{tmp_path}/sent.rda'); "
            f"saveRDS(scinnoFit(fit_of(object, 'inprocess')), '{tmp_path}/fit.rds')"
        )
        subprocess.run(["Rscript", "-e", code], check=True)
        in_r(f"fit <- readRDS('{tmp_path}/fit.rds')")
    labels = np.array(in_r("as.integer(as.character(fit$labels))"))
    np.testing.assert_array_equal(labels, expected.labels)
    for part in ("memberships", "embedding"):
        values = np.array(in_r(f"fit${part}"))
        np.testing.assert_array_equal(values.astype(np.float32), getattr(expected, part))


def test_batches_of_a_container_give_the_same(in_r, cellhashing, expected):
    import rpy2.robjects as robjects

    batch = np.array(["b", "a", "b"])[np.arange(cellhashing.n_obs) % 3]
    told = reference.fit_of(cellhashing, 4, batch=batch, **QUICK)
    robjects.globalenv["chip"] = robjects.StrVector(list(batch))
    in_r("""
        objects <- list(
            sce = SingleCellExperiment(
                list(counts = counts), colData = S4Vectors::DataFrame(chip = chip)
            ),
            seurat = suppressWarnings(CreateSeuratObject(
                counts, meta.data = data.frame(chip = chip, row.names = colnames(counts))
            ))
        )
        fits <- lapply(objects, function(x) scinnoFit(fit_of(x, "process", batch = "chip")))
    """)
    for kind in ("sce", "seurat"):
        labels = np.array(in_r(f"as.integer(as.character(fits${kind}$labels))"))
        np.testing.assert_array_equal(labels, told.labels)
        embedding = np.array(in_r(f"fits${kind}$embedding"))
        np.testing.assert_array_equal(embedding.astype(np.float32), told.embedding)
    again = np.array(in_r("as.integer(as.character(predict(fits$sce, counts, batch = chip)))"))
    np.testing.assert_array_equal(again, told.labels)
    assert (told.embedding != expected.embedding).any()


def test_a_model_made_in_python_predicts_in_r(in_r, expected, tmp_path):
    file = tmp_path / "fit.safetensors"
    expected.save(file)
    in_r(f"loaded <- loadSCINNO('{file}', cells = cells)")
    labels = np.array(in_r("as.integer(as.character(predict(loaded, counts)))"))
    np.testing.assert_array_equal(labels, expected.labels)


def test_a_model_made_in_r_predicts_in_python(in_r, cellhashing, expected, tmp_path):
    import scinno

    file = tmp_path / "fit.safetensors"
    in_r(f"saveSCINNO(fit_of(counts, 'process'), '{file}')")
    labels = scinno.load(file).predict(cellhashing.X, cellhashing.var_names)
    np.testing.assert_array_equal(labels, expected.labels)


@pytest.mark.parametrize("engine", ["inprocess", "process"])
def test_domains_are_those_of_python(in_r, expected, engine, tmp_path):
    import rpy2.robjects as robjects

    import scinno

    n = len(expected.labels)
    rng = np.random.default_rng(0)
    # Numbers with all their digits, in which each cluster has its place.
    places = rng.random((n, 2)) + np.c_[expected.labels, expected.labels % 2] / 3
    slices = np.array(["b", "a"])[np.arange(n) % 2]
    told = scinno.domains(expected, places, (2, 5), slices=slices, smoothing="auto", seed=3)
    rounds = scinno.domains(expected, places, 3, slices=slices, smoothing=2)

    file = tmp_path / "fit.safetensors"
    expected.save(file)
    env = robjects.globalenv
    env["places"] = robjects.r.matrix(robjects.FloatVector(places.ravel(order="F")), ncol=2)
    env["slices"] = robjects.StrVector(list(slices))
    in_r(f"fit <- loadSCINNO('{file}', cells = cells, engine = 'process')")
    code = f"""
        found <- lapply(list(list(c(2, 5), "auto", 3), list(3, 2, 0)), function(asked)
            scinnoDomains(
                fit, asked[[1]], coordinates = places, slices = slices,
                smoothing = asked[[2]], seed = asked[[3]], engine = '{engine}', verbose = FALSE
            ))
    """
    if engine == "process":
        in_r(code)
    else:
        # An R of its own, as above.
        in_r(f"save(fit, places, slices, file = '{tmp_path}/sent.rda')")
        code = f"library(scinno); load('{tmp_path}/sent.rda'); {code}"
        code += f"saveRDS(found, '{tmp_path}/found.rds')"
        subprocess.run(["Rscript", "-e", code], check=True)
        in_r(f"found <- readRDS('{tmp_path}/found.rds')")
    for place, domains in enumerate([told, rounds], start=1):
        in_r(f"one <- found[[{place}]]")
        labels = np.array(in_r("as.integer(as.character(one$labels))"))
        np.testing.assert_array_equal(labels, domains.labels)
        for part in ("memberships", "embedding", "confidence"):
            values = np.array(in_r(f"one${part}"))
            np.testing.assert_array_equal(values.astype(np.float32), getattr(domains, part))
        assert in_r("one$smoothing")[0] == domains.smoothing
        assert list(in_r("one$warnings")) == list(domains.warnings)
    for table in ("smoothing_table", "k_evidence"):
        for name, column in getattr(told, table).items():
            values = np.array(in_r(f"as.numeric(found[[1]]${table}${name})"))
            np.testing.assert_array_equal(values, column.to_numpy(np.float64), err_msg=name)


def test_digests_of_real_sets_are_those_the_r_suite_compared_with():
    """testthat compares R's labels with this file; here is Python's side of it, computed anew."""
    file = os.environ.get("SCINNO_DIGESTS")
    if not file:  # one language alone, outside run.sh, has nothing to compare with
        pytest.skip("SCINNO_DIGESTS is not set: tests/r-worlds/run.sh makes that file")
    known = json.loads(Path(file).read_text())
    assert set(reference.SHIPPED) <= set(known)
    smallest = "mixology_dropseq_3cl"
    fit = reference.fit_of(reference.read(smallest), reference.SETS[smallest])
    digest = hashlib.md5(fit.labels.astype("<i4").tobytes()).hexdigest()
    assert digest == known[smallest]["labels"]
