counts <- example_counts()

sce_of <- function(...) {
    needs_packages("SingleCellExperiment", "SummarizedExperiment", "S4Vectors")
    SingleCellExperiment::SingleCellExperiment(list(...))
}

test_that("a SingleCellExperiment gets everything", {
    needs_python()
    before <- sce_of(counts = counts)
    untouched <- before
    object <- run_quick(before)
    expect_identical(before, untouched)
    fit <- quick_matrix_fit()
    expect_same_fit(S4Vectors::metadata(object)$scinno, fit)
    expect_identical(object$scinno, unname(fit$labels))
    expect_identical(object$scinno_confidence, unname(confidence(fit)))
    expect_identical(SingleCellExperiment::reducedDim(object, "SCINNO"), fit$embedding)
    memberships <- SingleCellExperiment::reducedDim(object, "SCINNO_memberships")
    expect_identical(unname(memberships), unname(fit$memberships))
    # as.Seurat() requires such names.
    expect_identical(colnames(memberships), paste0("SCINNOP_", 1:3))
    expect_identical(scinnoMemberships(object[, 5:3]), fit$memberships[5:3, ])
    expect_identical(predict(fit, object[, 5:3]), fit$labels[5:3])
})

test_that("assay and name are the user's to choose", {
    needs_python()
    object <- run_quick(sce_of(raw = counts), assay = "raw", name = "deep")
    expect_identical(SingleCellExperiment::reducedDimNames(object), c("DEEP", "DEEP_memberships"))
    expect_same_fit(scinnoFit(object, "deep"), quick_matrix_fit())
})

test_that("a SummarizedExperiment keeps labels and fit", {
    needs_python()
    needs_packages("SummarizedExperiment")
    object <- SummarizedExperiment::SummarizedExperiment(list(counts = as.matrix(counts)))
    object <- run_quick(object)
    expect_identical(object$scinno, unname(quick_matrix_fit()$labels))
    expect_same_fit(scinnoFit(object), quick_matrix_fit())
})

test_that("counts on disk stay there, and give the same fit", {
    needs_python()
    needs_packages("HDF5Array")
    on_disk <- HDF5Array::writeHDF5Array(as.matrix(counts), with.dimnames = TRUE)
    object <- run_quick(sce_of(counts = on_disk))
    expect_s4_class(SummarizedExperiment::assay(object), "HDF5Matrix")
    expect_same_fit(scinnoFit(object), quick_matrix_fit())
})

test_that("scater's plots work on the result", {
    needs_python()
    needs_packages("scater")
    object <- run_quick(sce_of(counts = counts))
    picture <- scater::plotReducedDim(object, "SCINNO", colour_by = "scinno")
    expect_s3_class(picture, "ggplot")
    grDevices::pdf(NULL)
    on.exit(grDevices::dev.off())
    expect_no_error(print(picture))
})

test_that("wrong names are refused with those that exist", {
    object <- sce_of(counts = counts)
    expect_scinno_error(RunSCINNO(object, assay = "logcounts"), "which holds: 'counts'")
    expect_scinno_error(RunSCINNO(object, name = 1), "name must be one name, got 1")
    expect_scinno_error(RunSCINNO(sce_of(), assay = "counts"), "which holds: none")
})
