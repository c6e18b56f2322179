# Batches of cells: as a vector, as columns or layers of objects, and what a fit tells of them.

counts <- example_counts()
# Numbers and text sort differently; levels have an order of their own.
donor <- rep(c("d10", "d2", "d1"), 40)
chip <- rep(c(1, 2), each = 5, length.out = 120)

batch_fit <- local({
    fit <- NULL
    function() {
        if (is.null(fit)) fit <<- run_quick(counts, batch = donor)
        fit
    }
})

saved <- function(fit) {
    file <- tempfile(fileext = ".safetensors")
    saveSCINNO(fit, file)
    file
}

test_that("a fit knows its batches, in both engines", {
    needs_python()
    fit <- batch_fit()
    expect_same_fit(run_quick(counts, batch = donor, engine = "process"), fit)
    expect_false(identical(fit$embedding, quick_matrix_fit()$embedding))
    expect_null(quick_matrix_fit()$batches)
    expect_identical(fit$batches$batch, c("d1", "d10", "d2"))
    expect_identical(fit$batches$n_cells, rep(40L, 3))
    expect_true(all(fit$batches$kept_neighbors > 0.3 & fit$batches$kept_neighbors <= 1))
    expect_identical(scinnoBatches(fit), fit$batches)
    mix <- scinnoBatchMix(fit)
    expect_named(
        mix, c("cluster", "n_cells", "mixing_before", "mixing_after", "d1", "d10", "d2")
    )
    shares <- prop.table(table(fit$labels, donor), 1)
    expect_equal(as.matrix(mix[colnames(shares)]), unclass(shares), ignore_attr = TRUE)
    expect_identical(summary(fit)$mixing_after, mix$mixing_after)
    expect_output(print(fit), "3 batches: mixing [0-9.]+ before, [0-9.]+ after .*kept neighbors")
    expect_scinno_error(scinnoBatches(quick_matrix_fit()), "the fit has no batches")
})

test_that("batches have the order and names that Python gives the same column", {
    needs_python()
    fit <- batch_fit()
    levels <- run_quick(counts, batch = factor(donor, levels = c("d2", "d1", "d10", "none")))
    expect_identical(levels$batches$batch, c("d2", "d1", "d10"))
    numbers <- run_quick(counts, batch = as.integer(sub("d", "", donor)))
    expect_identical(numbers$batches$batch, c("1", "2", "10"))
    expect_same_fit(run_quick(counts, batch = as.numeric(sub("d", "", donor))), numbers)
    large <- run_quick(counts, batch = chip * 1e5)
    expect_identical(large$batches$batch, c("100000", "200000"))
    expect_identical(
        predict(large, counts[, chip == 1], batch = 1e5), large$labels[chip == 1]
    )
    halves <- run_quick(counts, batch = chip / 2)
    expect_identical(halves$batches$batch, c("0.5", "1.0"))
    dates <- run_quick(counts, batch = as.Date("2026-01-01") + chip)
    expect_identical(dates$batches$batch, c("2026-01-02", "2026-01-03"))
    flags <- run_quick(counts, batch = chip == 1)
    expect_identical(flags$batches$batch, c("False", "True"))
    odd <- run_quick(counts, batch = c("a b", "\u00e9 1")[chip])
    expect_identical(names(odd$batch_mix)[5:6], c("a b", "\u00e9 1"))
    expect_identical(names(loadSCINNO(saved(odd))$batch_mix)[5:6], c("a b", "\u00e9 1"))
})

test_that("several columns make a batch of each combination", {
    needs_python()
    both <- run_quick(counts, batch = data.frame(donor, chip))
    expect_identical(both$batches$batch[1:3], c("d1 / 1", "d1 / 2", "d10 / 1"))
    expect_identical(nrow(both$batches), 6L)
    expect_same_fit(run_quick(counts, batch = list(donor, chip)), both)
})

test_that("Python gives the same fit for the same batches", {
    needs_python()
    code <- paste(
        "import sys, numpy as np, pandas as pd, scipy.io, scinno;",
        "x = scipy.io.mmread(sys.argv[1]).T.tocsr();",
        "t = pd.read_csv(sys.argv[2]);",
        "g = [str(i) for i in range(x.shape[1])];",
        "q = dict(seed=1, pretrain_epochs=2, joint_epochs=2, steps_per_epoch=5);",
        "fit = scinno.fit(x, 3, genes=g, batch=t, **q);",
        "fit.save(sys.argv[3])"
    )
    files <- c(tempfile(fileext = ".mtx"), tempfile(fileext = ".csv"), tempfile())
    Matrix::writeMM(counts, files[1])
    utils::write.csv(data.frame(donor, chip), files[2], row.names = FALSE)
    processx::run(
        python_path(), c("-c", code, files), env = c("current", PYTHONPATH = core_folder())
    )
    fit <- run_quick(counts, batch = list(donor, chip))
    expect_same_fit(loadSCINNO(files[3], cells = colnames(counts)), fit)
    expect_identical(loadSCINNO(files[3])$batches, fit$batches)
})

test_that("names of cells decide the order of a batch", {
    needs_python()
    named <- stats::setNames(donor, colnames(counts))
    expect_same_fit(run_quick(counts, batch = rev(named)), batch_fit())
    table <- data.frame(donor, row.names = colnames(counts))[120:1, , drop = FALSE]
    expect_same_fit(run_quick(counts, batch = table), batch_fit())
    expect_scinno_error(
        run_quick(counts, batch = stats::setNames(donor, paste0("x", 1:120))),
        "batch is named by other cells than those of object (first: 'x1'): use unname(batch)"
    )
    bare <- run_quick(unname(counts), batch = named)
    expect_identical(unname(bare$embedding), unname(batch_fit()$embedding))
})

test_that("metadata columns of Seurat and SingleCellExperiment name batches", {
    needs_python()
    needs_packages("Seurat", "SeuratObject", "SingleCellExperiment", "S4Vectors")
    both <- run_quick(counts, batch = list(donor, chip))
    seurat <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    seurat$donor <- donor
    seurat$chip <- chip
    object <- run_quick(seurat, batch = "donor")
    expect_same_fit(scinnoFit(object), batch_fit())
    expect_identical(scinnoBatches(object), batch_fit()$batches)
    expect_same_fit(scinnoFit(run_quick(seurat, batch = c("donor", "chip"))), both)
    expect_same_fit(scinnoFit(run_quick(seurat, batch = seurat$donor)), batch_fit())
    sce <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
    sce$donor <- S4Vectors::Rle(donor)
    sce$chip <- chip
    expect_same_fit(scinnoFit(run_quick(sce, batch = "donor")), batch_fit())
    expect_same_fit(scinnoFit(run_quick(sce, batch = c("donor", "chip"))), both)
    expect_identical(scinnoBatchMix(run_quick(sce, batch = "donor")), batch_fit()$batch_mix)
})

test_that("the number of clusters is chosen with batches", {
    needs_python()
    needs_packages("SingleCellExperiment")
    short <- list(pretrain_epochs = 2, steps_per_epoch = 5, seed = 1, verbose = FALSE)
    sce <- SingleCellExperiment::SingleCellExperiment(list(umi = counts))
    sce$donor <- donor
    choice <- do.call(scinnoChooseK, c(list(counts, batch = donor), short))
    named <- do.call(scinnoChooseK, c(list(sce, assay = "umi", batch = "donor"), short))
    expect_equal(named, choice)
    fit <- run_quick(counts, n_clusters = NULL, batch = donor)
    expect_equal(choice$k_evidence, fit$k_evidence)
    expect_scinno_error(scinnoChooseK(sce, assay = "umi", batch = "dono"), "'dono' is not a")
})

test_that("bad batches are refused before Python is asked", {
    refused <- function(batch, text, object = counts) {
        expect_scinno_error(RunSCINNO(object, 3, batch = batch, engine = "none"), text)
    }
    refused(donor[-1], "batch must have one value for each of 120 cells, got 119")
    refused(1:3, "batch must have one value for each of 120 cells, got 3")
    refused("donor", "and a matrix has no metadata columns")
    refused(rep("only", 120), "at least two batches, got 'only' for all 120 cells: leave it out")
    refused(data.frame(rep("a", 120), 1e5), "got 'a / 100000' for all 120 cells")
    refused(replace(donor, c(3, 9), NA), "but 2 have NA (first: cell 'a_cell003'): name their")
    refused(replace(donor, 3, NA), "(first: cell 3)", unname(counts))
    refused(list(), "batch must be NULL or have at least one column, got list()")
    refused(data.frame(donor)[0], "at least one column")
    refused(list(as.list(donor)), "batch must be a vector or factor, or name columns, got list")
    refused(mean, "batch must be a vector or factor, or name columns, got function")
    # What passes is refused by the engine's check, the last before Python.
    refused(donor, "engine must be")
})

test_that("columns that do not exist are refused with those that do", {
    needs_packages("Seurat", "SeuratObject", "SingleCellExperiment")
    seurat <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    expect_scinno_error(
        RunSCINNO(seurat, batch = "donr"),
        "batch 'donr' is not a metadata column of object, which has: 'orig.ident', 'nCount_RNA'"
    )
    expect_scinno_error(RunSCINNO(seurat, batch = c("orig.ident", "x")), "batch 'x' is not a")
    expect_scinno_error(RunSCINNO(seurat, batch = donor[-1]), "each of 120 cells, got 119")
    expect_scinno_error(
        RunSCINNO(seurat, batch = c("orig.ident", "orig.ident")), "one or more different columns"
    )
    expect_scinno_error(RunSCINNO(seurat, batch = character()), "one or more different columns")
    sce <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
    expect_scinno_error(RunSCINNO(sce, batch = "donor"), "which has: none")
})

test_that("what only Python knows comes through in R's words", {
    needs_python()
    apart <- rep(c("x", "y"), each = 60)
    expect_error(
        run_quick(counts, batch = apart), "nothing in common.*batch_force = TRUE$",
        class = "scinno_error"
    )
    expect_no_error(run_quick(counts, batch = apart, batch_force = TRUE))
    expect_scinno_error(run_quick(counts, batch = colnames(counts)), "as names of cells have")
    expect_warning(
        run_quick(counts, batch = rep(c("a", "b", "few"), c(55, 55, 10))[order(donor)]),
        "fewer than 20 cells"
    )
})

test_that("new cells are placed by their batch", {
    needs_python()
    fit <- batch_fit()
    expect_identical(predict(fit, counts, batch = donor), fit$labels)
    expect_identical(predict(fit, counts[, 4:5], batch = c("d10", "d2")), fit$labels[4:5])
    own <- which(donor == "d2")
    expect_identical(predict(fit, counts[, own], batch = "d2"), fit$labels[own])
    expect_equal(
        predict(fit, counts, "embedding", batch = factor(donor)), fit$embedding, tolerance = 1e-5
    )
    expect_false(isTRUE(all.equal(
        predict(fit, counts, "embedding", batch = "d1"), fit$embedding, tolerance = 1e-5
    )))
    expect_scinno_error(predict(fit, counts), "one of 'd1', 'd10', 'd2'; that of a batch that")
    expect_scinno_error(
        predict(fit, counts, batch = "d3"), "first, fit <- addBatchSCINNO(fit, newdata, 'd3')"
    )
    expect_scinno_error(predict(fit, counts, batch = donor[-1]), "each of 120 cells, got 119")
    expect_scinno_error(predict(fit, counts, batch = NA), "each of 120 cells, got 1")
    expect_scinno_error(predict(quick_matrix_fit(), counts, batch = "d1"), "was made without")
})

test_that("a fit that is cut has the mix of its new clusters", {
    needs_python()
    fewer <- cutSCINNO(batch_fit(), n_clusters = 2)
    expect_identical(scinnoBatches(fewer), batch_fit()$batches)
    expect_identical(scinnoBatchMix(fewer)$n_cells, as.integer(table(fewer$labels)))
    expect_identical(predict(fewer, counts, batch = donor), fewer$labels)
})

test_that("metadata of new cells names their batches, and takes the prediction", {
    needs_python()
    needs_packages("Seurat", "SeuratObject")
    fit <- batch_fit()
    new <- suppressWarnings(SeuratObject::CreateSeuratObject(counts[, 1:9]))
    new$donor <- donor[1:9]
    expect_identical(predict(fit, new, batch = "donor"), fit$labels[1:9])
    expect_identical(predict(fit, new, batch = "d1"), predict(fit, counts[, 1:9], batch = "d1"))
    new$d1 <- 1
    expect_scinno_error(
        predict(fit, new, batch = "d1"), "'d1' is a batch of the fit and a metadata column"
    )
    new <- SeuratObject::AddMetaData(new, predict(fit, new, "metadata", batch = "donor"))
    expect_identical(unname(new$predicted.id), as.character(fit$labels[1:9]))
    expect_equal(new$prediction.score.max, confidence(fit)[1:9], tolerance = 1e-5)
})

test_that("a fit learns a batch that it has not seen, without changing", {
    needs_python()
    fit <- batch_fit()
    shifted <- counts[, 1:60]
    shifted@x <- shifted@x + 1
    more <- addBatchSCINNO(fit, shifted, "new")
    expect_same_fit(more, fit)
    expect_identical(nrow(fit$batches), 3L)
    expect_identical(more$batches$batch, c("d1", "d10", "d2", "new"))
    expect_identical(more$batches$added, c(FALSE, FALSE, FALSE, TRUE))
    expect_identical(predict(more, counts, batch = donor), fit$labels)
    expect_identical(
        predict(more, shifted[, 3:4], batch = "new"), predict(more, shifted, batch = "new")[3:4]
    )
    beside <- addBatchSCINNO(fit, shifted, "new", engine = "process")
    expect_identical(
        predict(more, shifted, "embedding", batch = "new"),
        predict(beside, shifted, "embedding", batch = "new")
    )
    expect_output(print(more), "4 batches: mixing")
    expect_scinno_error(addBatchSCINNO(fit, shifted, "d2"), "is a batch of the fit already")
    expect_scinno_error(addBatchSCINNO(fit, shifted, 2), "name must be one name, got 2")
    expect_scinno_error(addBatchSCINNO(fit, shifted, "x", y = 1), "addBatchSCINNO() takes")
    expect_scinno_error(
        addBatchSCINNO(quick_matrix_fit(), shifted, "x"), "and this one was made without"
    )
})
