# Fits inside objects, which share their embedding with the reduction beside them.

counts <- example_counts()

test_that("what a short fit lacks comes back from the bytes of its model", {
    fit <- example_fit()
    short <- short_fit(fit)
    expect_identical(setdiff(names(fit), names(short)), c("memberships", "embedding"))
    expect_identical(scinnoFit(short), fit)
    expect_identical(scinnoFit(fit), fit)
    expect_identical(summary(short), summary(fit))
    expect_identical(as.data.frame(short), as.data.frame(fit))
    expect_identical(predict(short, type = "embedding"), fit$embedding)
    expect_identical(scinnoMemberships(short), fit$memberships)
})

test_that("fits with and without names of cells are the same when they come back", {
    needs_python()
    for (values in list(counts, unname(counts))) {
        fit <- run_quick(values)
        expect_identical(scinnoFit(short_fit(fit)), fit)
    }
    batches <- run_quick(counts, batch = rep(c("a", "b"), 60), batch_force = TRUE)
    expect_identical(scinnoFit(short_fit(batches)), batches)
    expect_identical(scinnoFit(short_fit(cutSCINNO(batches, 2))), cutSCINNO(batches, 2))
})

test_that("objects hold the embedding once beside the model", {
    needs_python()
    needs_packages("Seurat", "SingleCellExperiment", "S4Vectors")
    fit <- quick_matrix_fit()
    object <- run_quick(suppressWarnings(SeuratObject::CreateSeuratObject(counts)))
    sce <- run_quick(SingleCellExperiment::SingleCellExperiment(list(counts = counts)))
    for (held in list(object@misc$scinno, S4Vectors::metadata(sce)$scinno)) {
        expect_s3_class(held, "scinno_fit")
        expect_lt(
            as.numeric(object.size(held)),
            as.numeric(object.size(fit)) - as.numeric(object.size(unname(fit$embedding)))
        )
    }
    expect_same_fit(scinnoFit(object), fit)
    expect_same_fit(scinnoFit(sce), fit)
    # Nothing of it depends on what became of the object.
    object[["SCINNO"]] <- NULL
    object[["SCINNO_memberships"]] <- NULL
    few <- object[, 7:3]
    expect_same_fit(scinnoFit(few), fit)
    expect_identical(scinnoMemberships(few), fit$memberships[colnames(few), ])
})

test_that("objects of earlier versions, whose fits are whole, are read", {
    needs_packages("SeuratObject", "SingleCellExperiment", "S4Vectors")
    fit <- example_fit()
    object <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    object@misc$scinno <- fit
    sce <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
    S4Vectors::metadata(sce)$scinno <- fit
    file <- tempfile(fileext = ".rds")
    on.exit(unlink(file))
    for (whole in list(object, sce)) {
        saveRDS(whole, file)
        expect_identical(scinnoFit(readRDS(file)), fit)
    }
})
