# bluster's clusterRows(), and what is built on it.

counts <- example_counts()
quick_param <- function(...) {
    needs_packages("bluster")
    do.call(SCINNOParam, utils::modifyList(quick, list(...)))
}

test_that("clusterRows() gives the clusters of RunSCINNO() in the order of the rows", {
    needs_python()
    param <- quick_param()
    expect_true(methods::is(param, "BlusterParam"))
    fit <- quick_matrix_fit()
    rows <- Matrix::t(counts)
    expect_identical(bluster::clusterRows(rows, param), unname(fit$labels))
    needs_packages("DelayedArray")
    on_disk <- DelayedArray::DelayedArray(rows)
    expect_identical(bluster::clusterRows(on_disk, param), unname(fit$labels))
    full <- bluster::clusterRows(as.matrix(rows), param, full = TRUE)
    expect_identical(names(full), c("clusters", "objects"))
    expect_identical(full$clusters, unname(fit$labels))
    expect_same_fit(full$objects$fit, fit)
})

test_that("functions of other packages that take parameters of bluster take these", {
    needs_python()
    needs_packages("SingleCellExperiment")
    swept <- bluster::clusterSweep(Matrix::t(counts), quick_param(), n_clusters = c(2L, 3L))
    expect_identical(nlevels(swept$clusters[[1L]]), 2L)
    expect_identical(swept$clusters[[2L]], unname(quick_matrix_fit()$labels))
    # scran is not among the packages of the R worlds.
    if (nzchar(system.file(package = "scran"))) {
        sce <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
        cluster_cells <- getExportedValue("scran", "clusterCells")
        found <- cluster_cells(sce, assay.type = "counts", BLUSPARAM = quick_param())
        expect_identical(found, unname(quick_matrix_fit()$labels))
    }
})

test_that("log values and batches pass", {
    needs_python()
    batch <- rep(c("a", "b"), 60)
    param <- quick_param(batch = batch)
    found <- bluster::clusterRows(Matrix::t(counts), param, full = TRUE)
    expect_identical(as.character(found$objects$fit$batches$batch), c("a", "b"))
    logs <- log1p(Matrix::t(counts) / 3)
    expect_warning(found <- bluster::clusterRows(logs, quick_param()), "log-normalized")
    expect_length(found, ncol(counts))
})

test_that("principal components are refused with what to give instead", {
    components <- stats::prcomp(as.matrix(Matrix::t(counts)), rank. = 5L)$x
    expect_scinno_error(
        bluster::clusterRows(components, quick_param()),
        "assay.type = \"counts\", BLUSPARAM = SCINNOParam())"
    )
    expect_scinno_error(bluster::clusterRows(1:3, quick_param()), "a row per cell, got integer")
})

test_that("parameters are shown, read and changed, and wrong ones refused early", {
    param <- quick_param()
    expect_output(print(param), "class: SCINNOParam\nn_clusters: 3\nseed: 1\n", fixed = TRUE)
    expect_output(print(SCINNOParam()), "n_clusters: estimated")
    param[["n_clusters"]] <- 4L
    expect_identical(param[["n_clusters"]], 4L)
    expect_scinno_error(SCINNOParam(3, 5), "must be named")
    expect_scinno_error(SCINNOParam(engine = "warp"), "engine must be")
    expect_scinno_error(SCINNOParam(verbose = 1), "verbose must be TRUE or FALSE")
})

test_that("the order in which both packages are loaded does not matter", {
    needs_packages("bluster")
    for (first in c("scinno", "bluster")) {
        out <- in_new_session(bquote({
            loadNamespace(.(first))
            loadNamespace("bluster")
            cat(methods::is(scinno::SCINNOParam(3), "BlusterParam"))
        }))
        expect_match(out$stdout, "TRUE", fixed = TRUE)
    }
    bare <- in_new_session(quote({
        loadNamespace("scinno")
        cat("bluster" %in% loadedNamespaces())
    }))
    expect_identical(bare$stdout, "FALSE")
})
