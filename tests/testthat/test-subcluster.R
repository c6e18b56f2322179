# One cluster divided by a fit of its own cells.

divide <- function(object, ..., verbose = FALSE) {
    settings <- list(seed = 1, pretrain_epochs = 2, joint_epochs = 2, steps_per_epoch = 5)
    arguments <- c(list(object, verbose = verbose), list(...))
    do.call(subclusterSCINNO, c(arguments, settings))
}

test_that("the parts are those of a fit of these cells alone", {
    needs_python()
    counts <- example_counts()
    fit <- quick_matrix_fit()
    inside <- fit$labels == "0"
    part <- divide(fit, "0", 2, counts = counts)
    expected <- run_quick(counts[, inside], n_clusters = 2)
    expect_same_fit(part, expected)
    expect_identical(levels(part$parts), c("0.1", "0.2", "1", "2"))
    expect_identical(names(part$parts), names(fit$labels))
    expect_identical(
        as.character(part$parts[inside]), paste0("0.", as.integer(expected$labels))
    )
    expect_identical(as.character(part$parts[!inside]), as.character(fit$labels[!inside]))
})

test_that("cells of counts in another order are found by name", {
    needs_python()
    counts <- example_counts()
    fit <- quick_matrix_fit()
    part <- divide(fit, 1, 2, counts = counts[, rev(colnames(counts))])
    expect_setequal(names(part$labels), names(fit$labels)[fit$labels == "1"])
    expect_identical(levels(part$parts), c("0", "1.1", "1.2", "2"))
    outside <- names(fit$labels)[fit$labels != "1"]
    expect_identical(as.character(part$parts[outside]), as.character(fit$labels[outside]))
})

test_that("objects get a column and the fit of the parts, and can be divided again", {
    needs_python()
    needs_packages("SeuratObject", "SingleCellExperiment", "SummarizedExperiment")
    counts <- example_counts()
    fit <- quick_matrix_fit()
    part <- divide(fit, "0", 2, counts = counts)
    seurat <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    sce <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
    for (before in list(run_quick(seurat), run_quick(sce))) {
        object <- divide(before, "0", 2)
        expect_identical(unname(object$scinno_sub), unname(part$parts))
        expect_identical(object$scinno, before$scinno)
        expect_same_fit(scinnoFit(object, "scinno_sub"), part)
        expect_same_fit(scinnoFit(object), fit)
        again <- divide(object, "0.1", 2, name = "scinno_sub", name_added = "deep")
        expect_identical(levels(again$deep), c("0.1.1", "0.1.2", "0.2", "1", "2"))
    }
})

test_that("what is wrong is said before anything is fitted", {
    fit <- example_fit()
    counts <- example_counts()
    expect_scinno_error(subclusterSCINNO(fit, "9", counts = counts), "cluster must be among '0'")
    expect_scinno_error(
        subclusterSCINNO(fit, c("0", "1"), counts = counts), "cluster must be one cluster"
    )
    expect_scinno_error(subclusterSCINNO(fit, "0"), "counts must be given with a scinno_fit")
    expect_scinno_error(subclusterSCINNO(counts, "0"), "object must be a result of RunSCINNO()")
    expect_scinno_error(subclusterSCINNO(fit, "0", name = 3), "name must be one name")
    small <- fit
    small$labels[] <- "1"
    small$labels[1:3] <- "0"
    expect_scinno_error(
        subclusterSCINNO(small, "0", counts = counts), "cluster '0' has 3 cell(s): too few"
    )
})
