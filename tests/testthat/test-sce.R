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
    expect_same_fit(scinnoFit(object), fit)
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

test_that("scran takes the clusters as its page says, and its default labels are left alone", {
    needs_python()
    object <- run_quick(sce_of(counts = counts))
    expect_null(SingleCellExperiment::colLabels(object))
    labels <- getExportedValue("SingleCellExperiment", "colLabels<-")
    object <- labels(object, value = object$scinno)
    expect_identical(SingleCellExperiment::colLabels(object), object$scinno)
    # scran is not among the packages of the R worlds.
    if (nzchar(system.file(package = "scran"))) {
        find_markers <- getExportedValue("scran", "findMarkers")
        logs <- as.matrix(log1p(counts))
        expect_named(find_markers(logs, groups = object$scinno), levels(object$scinno))
    }
})

test_that("an alternative experiment is clustered, and the results are the object's", {
    needs_python()
    object <- sce_of(counts = counts[1:20, ])
    SingleCellExperiment::altExp(object, "all") <- sce_of(counts = counts)
    object <- run_quick(object, altexp = "all")
    expect_same_fit(scinnoFit(object), quick_matrix_fit())
    expect_identical(object$scinno, unname(quick_matrix_fit()$labels))
    expect_identical(
        predict(scinnoFit(object), object[, 5:3], altexp = "all"), quick_matrix_fit()$labels[5:3]
    )
    expect_scinno_error(RunSCINNO(object, altexp = "ADT"), "of object, which has: 'all'")
    bare <- SummarizedExperiment::SummarizedExperiment(list(counts = counts))
    expect_scinno_error(RunSCINNO(bare, altexp = "ADT"), "which has: none")
})

test_that("assay.type and subset.row are what scran means by them", {
    needs_python()
    object <- sce_of(raw = counts)
    wanted <- rownames(counts)[1:150]
    expected <- run_quick(counts, features = wanted)
    as_logical <- rownames(counts) %in% wanted
    for (rows in list(wanted, 1:150, as_logical)) {
        found <- run_quick(object, assay.type = "raw", subset.row = rows)
        expect_same_fit(scinnoFit(found), expected)
    }
    refused <- function(...) RunSCINNO(object, assay = "raw", ...)
    expect_scinno_error(refused(subset.row = 201), "TRUE or FALSE for each of 200, got 201")
    expect_scinno_error(refused(subset.row = c(TRUE, FALSE)), "got c(TRUE, FALSE)")
    expect_scinno_error(refused(subset.row = "nix"), "first: 'nix'")
    expect_scinno_error(refused(subset.row = 1, features = "a"), "give one of them")
})

test_that("size factors of the object are used on request", {
    needs_python()
    object <- sce_of(counts = counts)
    library <- Matrix::colSums(counts)
    plain <- quick_matrix_fit()
    # These are what the method itself divides by.
    SingleCellExperiment::sizeFactors(object) <- library / stats::median(library)
    same <- scinnoFit(run_quick(object, size.factors = TRUE))
    expect_identical(same$labels, plain$labels)
    expect_equal(same$memberships, plain$memberships, tolerance = 1e-3)
    expect_same_fit(scinnoFit(run_quick(object)), plain)
    expect_message(
        run_quick(object, verbose = TRUE), "sizeFactors(object) are not used", fixed = TRUE
    )
    uneven <- rep(c(0.1, 10), 60)
    SingleCellExperiment::sizeFactors(object) <- uneven
    other <- scinnoFit(run_quick(object, size.factors = TRUE))
    expect_gt(max(abs(other$memberships - plain$memberships)), 0.1)
    expect_same_fit(scinnoFit(run_quick(sce_of(counts = counts), size.factors = uneven)), other)
    expect_identical(predict(other, object[, 9:7], size.factors = TRUE), other$labels[9:7])
    chosen <- scinnoChooseK(object, size.factors = TRUE, pretrain_epochs = 2, verbose = FALSE)
    expect_s3_class(chosen, "scinno_k")
    refused <- function(...) RunSCINNO(sce_of(counts = counts), ...)
    expect_scinno_error(refused(size.factors = TRUE), "but sizeFactors(object) is NULL")
    expect_scinno_error(refused(size.factors = c(1, 2)), "each of 120 cells, got c(1, 2)")
    expect_scinno_error(refused(size.factors = 0 * uneven), "a number above 0")
    expect_scinno_error(
        RunSCINNO(object, size.factors = TRUE, input = "log"), "leave them out with input"
    )
})

test_that("log values, or an AnnData's X, are taken where there are no counts, and it is said", {
    needs_python()
    logs <- log1p(counts / 3)
    logs_fit <- suppressWarnings(run_quick(logs))
    expect_message(
        object <- suppressWarnings(run_quick(sce_of(logcounts = logs), verbose = TRUE)),
        "no assay 'counts': 'logcounts' is used"
    )
    expect_same_fit(scinnoFit(object), logs_fit)
    expect_identical(predict(logs_fit, object[, 9:7]), logs_fit$labels[9:7])
    from_python <- run_quick(sce_of(X = counts))
    expect_same_fit(scinnoFit(from_python), quick_matrix_fit())
    expect_same_fit(scinnoFit(run_quick(sce_of(counts = counts, logcounts = logs))),
        quick_matrix_fit())
    expect_scinno_error(RunSCINNO(sce_of(raw = counts)), "name one, as in assay = \"raw\"")
})

test_that("a MultiAssayExperiment is answered with the line to type", {
    methods::setClass("MultiAssayExperiment", representation(ExperimentList = "list"))
    on.exit(methods::removeClass("MultiAssayExperiment"))
    object <- methods::new("MultiAssayExperiment", ExperimentList = list(RNA = 1, ADT = 2))
    expect_scinno_error(
        RunSCINNO(object), "('RNA', 'ADT'), as in object[[\"RNA\"]] <- RunSCINNO(object[[\"RNA\"]])"
    )
})

test_that("wrong names are refused with those that exist", {
    object <- sce_of(counts = counts)
    expect_scinno_error(RunSCINNO(object, assay = "logcounts"), "which holds: 'counts'")
    expect_scinno_error(RunSCINNO(object, name = 1), "name must be one name, got 1")
    expect_scinno_error(RunSCINNO(sce_of(), assay = "counts"), "which holds: none")
})
