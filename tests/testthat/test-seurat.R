counts <- example_counts()

seurat_of <- function(counts) {
    needs_packages("Seurat", "SeuratObject")
    suppressWarnings(SeuratObject::CreateSeuratObject(counts))
}

test_that("a Seurat object gets everything, by valid names", {
    needs_python()
    before <- seurat_of(counts)
    untouched <- before
    object <- run_quick(before)
    expect_identical(before, untouched)
    fit <- quick_matrix_fit()
    expect_same_fit(scinnoFit(object), fit)
    expect_identical(object$scinno, fit$labels)
    expect_identical(SeuratObject::Idents(object), fit$labels)
    expect_identical(object$scinno_confidence, confidence(fit))
    reduction <- object[["SCINNO"]]
    expect_identical(SeuratObject::Key(reduction), "SCINNO_")
    expect_identical(SeuratObject::Embeddings(reduction), fit$embedding)
    shares <- SeuratObject::FetchData(object, paste0("SCINNOP_", 1:3))
    expect_equal(unname(as.matrix(shares)), unname(fit$memberships))
    expect_identical(scinnoMemberships(object), fit$memberships)
    expect_identical(names(object@commands), "RunSCINNO.RNA")
    expect_identical(object@commands[[1]]@params$reduction.name, "SCINNO")
    expect_true(methods::validObject(object))
})

test_that("names are the user's to choose", {
    needs_python()
    object <- run_quick(
        seurat_of(counts),
        reduction.name = "deep", reduction.key = "DEEP_", cluster.name = "kinds"
    )
    expect_identical(SeuratObject::Reductions(object), c("deep", "deep_memberships"))
    expect_identical(colnames(object[["deep"]])[1:2], c("DEEP_1", "DEEP_2"))
    expect_identical(levels(object$kinds), c("0", "1", "2"))
    expect_same_fit(scinnoFit(object, "kinds"), quick_matrix_fit())
    expect_scinno_error(scinnoFit(object), "no fit named 'scinno'")
})

test_that("Seurat's own functions work on the result", {
    needs_python()
    object <- Seurat::NormalizeData(run_quick(seurat_of(counts)), verbose = FALSE)
    picture <- Seurat::DimPlot(object, reduction = "SCINNO", group.by = "scinno")
    expect_s3_class(picture, "ggplot")
    grDevices::pdf(NULL)
    on.exit(grDevices::dev.off())
    expect_no_error(print(picture))
    expect_no_error(print(Seurat::FeaturePlot(object, "SCINNOP_1", reduction = "SCINNO")))
    object <- suppressMessages(suppressWarnings(
        Seurat::RunUMAP(object, reduction = "SCINNO", dims = 1:5, verbose = FALSE)
    ))
    expect_identical(dim(SeuratObject::Embeddings(object, "umap")), c(120L, 2L))
    markers <- suppressMessages(suppressWarnings(
        Seurat::FindMarkers(object, ident.1 = "2", verbose = FALSE)
    ))
    expect_gt(nrow(markers), 0)
    expect_lt(min(markers$p_val_adj), 1e-6)
})

test_that("clusters of new cells are predicted, and a subset has its memberships", {
    needs_python()
    object <- run_quick(seurat_of(counts))
    fit <- scinnoFit(object)
    some <- subset(object, cells = colnames(object)[c(4, 70, 110)])
    expect_identical(predict(fit, some), fit$labels[c(4, 70, 110)])
    expect_identical(scinnoMemberships(some), fit$memberships[c(4, 70, 110), ])
    renamed <- SeuratObject::RenameCells(some, new.names = c("a", "b", "c"))
    expect_scinno_error(scinnoMemberships(renamed), "3 cell(s) of object are not in the fit")
})

test_that("old assays and layers split by sample give the same fit", {
    needs_python()
    needs_packages("SeuratObject")
    skip_if(
        utils::packageVersion("SeuratObject") < "5.0.0",
        "Seurat 4 has no layers; the modern R world runs this"
    )
    old <- SeuratObject::CreateSeuratObject(SeuratObject::CreateAssayObject(counts))
    expect_s4_class(old[["RNA"]], "Assay")
    expect_same_fit(scinnoFit(run_quick(old)), quick_matrix_fit())
    whole <- seurat_of(counts)
    parts <- split(whole[["RNA"]], f = rep(c("x", "y"), 60))
    expect_setequal(SeuratObject::Layers(parts), c("counts.x", "counts.y"))
    whole[["RNA"]] <- parts
    expect_same_fit(scinnoFit(run_quick(whole)), quick_matrix_fit())
})

test_that("layers with different genes are joined with zeros", {
    one <- counts[1:150, 1:70]
    other <- counts[51:200, 71:120]
    joined <- bind_cells(list(one, other))
    expect_identical(dim(joined), c(200L, 120L))
    expect_identical(joined[rownames(one), 1:70], one)
    expect_identical(as.matrix(joined[rownames(other), 71:120]), as.matrix(other))
    expect_identical(sum(joined[151:200, 1:70]), 0)
})

test_that("wrong names are refused with those that exist", {
    object <- seurat_of(counts)
    untouched <- object
    expect_scinno_error(RunSCINNO(object, assay = "ADT"), "is not in object, which holds: 'RNA'")
    expect_scinno_error(RunSCINNO(object, assay = 3), "assay must be one name, got 3")
    expect_error(RunSCINNO(object, layer = "rough"), "layer", class = "scinno_error")
    expect_scinno_error(RunSCINNO(object, reduction.key = "SC-1"), "that end in '_'")
    expect_scinno_error(RunSCINNO(object, reduction.name = "RNA"), "the name of an assay")
    # Seurat allows a name for a metadata column, an assay or a reduction only.
    expect_scinno_error(RunSCINNO(object, reduction.name = "scinno"), "a metadata column 'scinno'")
    expect_scinno_error(RunSCINNO(object, cluster.name = "RNA"), "object[['RNA']] <- NULL")
    expect_scinno_error(RunSCINNO(object, reduction.name = "nCount_RNA"), "or metadata column")
    expect_scinno_error(RunSCINNO(object, cluster.name = ""), "cluster.name must be one name")
    expect_scinno_error(RunSCINNO(object, features = "nix"), "first: 'nix'")
    expect_scinno_error(scinnoFit(object), "run RunSCINNO(object) first")
    expect_identical(object, untouched)
})

test_that("an assay without counts is refused", {
    needs_packages("SeuratObject")
    object <- SeuratObject::CreateSeuratObject(SeuratObject::CreateAssayObject(data = counts))
    expect_error(RunSCINNO(object), "layer 'counts'", class = "scinno_error")
})
