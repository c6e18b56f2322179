# Results inside objects that were joined, and names that are taken.

counts <- example_counts()

in_seurat <- function(counts) {
    needs_packages("Seurat", "SeuratObject")
    suppressWarnings(SeuratObject::CreateSeuratObject(counts))
}

in_sce <- function(counts) {
    needs_packages("SingleCellExperiment", "SummarizedExperiment", "S4Vectors")
    SingleCellExperiment::SingleCellExperiment(list(counts = counts))
}

test_that("merge() of clustered Seurat objects says what is lost, and a new run works", {
    needs_python()
    joined <- suppressWarnings(merge(
        run_quick(in_seurat(counts[, 1:60])), run_quick(in_seurat(counts[, 61:120]))
    ))
    expect_scinno_error(scinnoFit(joined), "no fit of that name: merge() keeps columns, not fits")
    again <- run_quick(joined)
    expect_same_fit(scinnoFit(again), quick_matrix_fit())
})

test_that("cbind() of clustered SingleCellExperiments keeps the fit of each part", {
    needs_python()
    one <- run_quick(in_sce(counts[, 1:60]))
    other <- run_quick(in_sce(counts[, 61:120]))
    joined <- SingleCellExperiment::cbind(one, other)
    expect_scinno_error(scinnoFit(joined), "holds 2 fits named 'scinno', none with all")
    expect_same_fit(scinnoFit(joined[, 80:90]), scinnoFit(other))
    expect_identical(
        scinnoMemberships(joined[, 80:90]), scinnoMemberships(other[, 20:30])
    )
    again <- run_quick(joined)
    expect_same_fit(scinnoFit(again), quick_matrix_fit())
    expect_identical(sum(names(S4Vectors::metadata(again)) == "scinno"), 1L)
})

test_that("what is not a result of RunSCINNO() is not overwritten", {
    object <- in_seurat(counts)
    expect_scinno_error(
        RunSCINNO(object, cluster.name = "nCount_RNA"), "overwrite the column 'nCount_RNA'"
    )
    object[["pca"]] <- SeuratObject::CreateDimReducObject(
        matrix(0, 120, 2, dimnames = list(colnames(object), c("PC_1", "PC_2"))),
        key = "PC_", assay = "RNA"
    )
    expect_scinno_error(RunSCINNO(object, reduction.name = "pca"), "overwrite the reduction 'pca'")
    sce <- in_sce(counts)
    sce$depth <- 1
    SingleCellExperiment::reducedDim(sce, "UMAP") <- matrix(0, 120, 2)
    expect_scinno_error(RunSCINNO(sce, name = "depth"), "overwrite the column 'depth'")
    expect_scinno_error(RunSCINNO(sce, name = "umap"), "overwrite the reduction 'UMAP'")
})

test_that("a second run replaces the first, in part only with a warning", {
    needs_python()
    object <- run_quick(in_seurat(counts))
    expect_silent(again <- run_quick(object, seed = 2))
    expect_identical(scinnoFit(again)$seed, 2L)
    expect_warning(
        again <- run_quick(object, reduction.name = "deep"), "give cluster.name as well"
    )
    expect_silent(again <- run_quick(object, reduction.name = "deep", cluster.name = "kinds"))
    expect_same_fit(scinnoFit(again), scinnoFit(object))
    expect_identical(SeuratObject::Key(again[["deep"]]), "deep_")
    expect_named(SeuratObject::FetchData(again, c("deep_1", "SCINNO_1")), c("deep_1", "SCINNO_1"))
})

test_that("Seurat's own functions find columns and deviations of the reductions", {
    needs_python()
    object <- run_quick(in_seurat(counts), reduction.key = "DEEP_")
    expect_s3_class(Seurat::FeaturePlot(object, "DEEP_3", reduction = "SCINNO"), "ggplot")
    again <- object
    SeuratObject::Key(again[["SCINNO"]]) <- "NEW_"
    expect_s3_class(Seurat::FeaturePlot(again, "NEW_3", reduction = "SCINNO"), "ggplot")
    columns <- SeuratObject::FetchData(object, c("DEEP_3", "DEEPP_1"))
    expect_equal(columns$DEEP_3, unname(scinnoFit(object)$embedding[, 3]))
    expect_equal(
        SeuratObject::Stdev(object, "SCINNO"),
        unname(apply(scinnoFit(object)$embedding, 2, stats::sd))
    )
    expect_s3_class(Seurat::ElbowPlot(object, reduction = "SCINNO"), "ggplot")
})

test_that("as.Seurat() takes a clustered SingleCellExperiment", {
    needs_python()
    sce <- run_quick(in_sce(counts))
    needs_packages("Seurat")
    object <- suppressWarnings(SeuratObject::as.Seurat(sce, data = NULL))
    expect_identical(SeuratObject::Reductions(object), c("SCINNO", "SCINNO_memberships"))
    expect_identical(unname(object$scinno), sce$scinno)
})

test_that("a sketch is clustered and the others are placed, as the message says", {
    needs_python()
    object <- in_seurat(counts)
    skip_if(
        utils::packageVersion("SeuratObject") < "5.0.0",
        "Seurat 4 has no sketches; the modern R world runs this"
    )
    few <- seq(1, 120, by = 2)
    object[["sketch"]] <- SeuratObject::CreateAssay5Object(counts[, few])
    SeuratObject::DefaultAssay(object) <- "sketch"
    expect_scinno_error(run_quick(object), "cluster those that it has, as a sketch")
    part <- run_quick(subset(object, cells = SeuratObject::Cells(object[["sketch"]])))
    placed <- predict(scinnoFit(part), object, assay = "RNA")
    expect_identical(placed[few], scinnoFit(part)$labels)
    expect_length(placed, 120)
})
