# Fits that version 0.1.0 made and saveRDS() kept.

old_fit <- function() readRDS(test_path("fixtures", "fit-0.1.0.rds"))

test_that("the fixture has the names of 0.1.0", {
    old <- old_fit()
    expect_true("centres" %in% names(old))
    expect_true(all(c("epochs", "spotting", "changed") %in% names(old$history)))
    expect_true(all(c("hidden", "epochs") %in% names(old$settings)))
})

test_that("an old fit has the present names after scinnoFit()", {
    fit <- scinnoFit(old_fit())
    present <- example_fit()
    expect_identical(names(fit), names(present))
    expect_setequal(names(fit$history), names(present$history))
    expect_setequal(names(fit$settings), names(present$settings))
    expect_identical(unique(fit$history$phase), unique(present$history$phase))
    expect_identical(fit$centers, old_fit()$centres)
    expect_identical(fit$settings$pretrain_epochs, old_fit()$settings$epochs)
    expect_identical(scinnoFit(fit), fit)
    expect_identical(scinnoFit(present), present)
})

test_that("evidence for K is renamed as well", {
    old <- old_fit()
    old$k_evidence <- data.frame(n_clusters = 2L, mean_share = 1, least_share = 1, allowed = TRUE)
    expect_named(
        scinnoFit(old)$k_evidence, c("n_clusters", "mean_purity", "min_purity", "in_range")
    )
})

test_that("an old fit is printed, summarized, drawn and saved", {
    old <- old_fit()
    expect_output(print(old), "120 cells in 3 clusters", fixed = TRUE)
    expect_identical(sum(summary(old)$n_cells), 120L)
    expect_identical(scinnoMemberships(old), old$memberships)
    file <- tempfile()
    saveSCINNO(old, file)
    expect_identical(readBin(file, "raw", file.size(file)), old$model)
    needs_packages("ggplot2")
    expect_identical(drawn(plotSCINNO(old))$color, unname(old$labels))
    history <- drawn(plotSCINNO(old, "history"))
    expect_setequal(history$part, c(
        "loss", "reconstruction", "contrastive", "mask_prediction", "scatter", "negative_entropy"
    ))
    expect_setequal(history$phase, c("pretrain", "joint"))
})

test_that("an old fit predicts the labels of its cells", {
    needs_python()
    old <- old_fit()
    expect_identical(predict(old, example_counts()), old$labels)
})

test_that("old fits inside objects are found", {
    needs_packages("SeuratObject", "SingleCellExperiment", "S4Vectors")
    old <- old_fit()
    object <- suppressWarnings(SeuratObject::CreateSeuratObject(example_counts()))
    object@misc$scinno <- old
    expect_identical(scinnoFit(object), scinnoFit(old))
    sce <- SingleCellExperiment::SingleCellExperiment(list(counts = example_counts()))
    S4Vectors::metadata(sce)$scinno <- old
    expect_identical(scinnoFit(sce), scinnoFit(old))
})

test_that("an old Seurat object, whose reduction is named scinno, gives an error with the fix", {
    needs_packages("SeuratObject")
    object <- suppressWarnings(SeuratObject::CreateSeuratObject(example_counts()))
    old <- old_fit()
    object[["scinno"]] <- SeuratObject::CreateDimReducObject(
        old$embedding,
        key = "SCINNO_", assay = "RNA"
    )
    expect_scinno_error(RunSCINNO(object, 3), "object[['scinno']] <- NULL")
})

test_that("R and Python rename the same names", {
    needs_python()
    code <- paste(
        "import json; from scinno._result.legacy import COLUMNS, PHASES;",
        "from scinno._settings.renamed import RENAMED_SETTINGS;",
        "print(json.dumps([COLUMNS, PHASES, RENAMED_SETTINGS]))"
    )
    printed <- processx::run(
        python_path(), c("-c", code),
        env = c("current", PYTHONPATH = core_folder())
    )
    python <- lapply(from_json(printed$stdout), unlist)
    sorted <- function(x) x[order(names(x))]
    expect_identical(sorted(renamed_columns), sorted(python[[1]]))
    expect_identical(sorted(renamed_phases), sorted(python[[2]]))
    expect_identical(sorted(renamed_settings), sorted(python[[3]]))
})
