# What users of Seurat are used to say.

counts <- example_counts()

seurat_of <- function(counts) {
    needs_packages("Seurat", "SeuratObject")
    suppressWarnings(SeuratObject::CreateSeuratObject(counts))
}

test_that("after SCTransform() the counts that it was made from are clustered, and it is said", {
    needs_python()
    object <- seurat_of(counts)
    object <- suppressMessages(suppressWarnings(
        Seurat::SCTransform(object, verbose = FALSE, variable.features.n = 100)
    ))
    expect_identical(SeuratObject::DefaultAssay(object), "SCT")
    expect_message(found <- run_quick(object, verbose = TRUE), "corrected by SCTransform()")
    expect_same_fit(scinnoFit(found), quick_matrix_fit())
    expect_identical(found[["SCINNO"]]@assay.used, "RNA")
    fit <- scinnoFit(found)
    expect_identical(predict(fit, found[, 5:3]), fit$labels[colnames(found[, 5:3])])
    corrected <- run_quick(object, assay = "SCT")
    expect_false(identical(scinnoFit(corrected)$embedding, fit$embedding))
})

test_that("after IntegrateData() the counts of RNA are clustered, and it is said", {
    needs_python()
    object <- seurat_of(counts)
    logs <- as(log1p(counts), "CsparseMatrix")
    object[["integrated"]] <- SeuratObject::CreateAssayObject(data = logs)
    SeuratObject::DefaultAssay(object) <- "integrated"
    expect_message(found <- run_quick(object, verbose = TRUE), "those of 'integrated' are empty")
    expect_same_fit(scinnoFit(found), quick_matrix_fit())
    expect_error(RunSCINNO(object, assay = "integrated"), "counts", class = "scinno_error")
    # Named, it is used as asked.
    named <- suppressWarnings(run_quick(object, layer = "data"))
    expect_identical(named[["SCINNO"]]@assay.used, "integrated")
})

test_that("arguments in Seurat's words are taken", {
    needs_python()
    object <- seurat_of(counts)
    object$donor <- rep(c("a", "b"), 60)
    expected <- run_quick(counts, batch = object$donor)
    expect_same_fit(scinnoFit(run_quick(object, group.by = "donor")), expected)
    seeded <- RunSCINNO(
        object, 3,
        seed.use = 1, pretrain_epochs = 2, joint_epochs = 2, steps_per_epoch = 5, verbose = FALSE
    )
    expect_same_fit(scinnoFit(seeded), quick_matrix_fit())
    object <- suppressWarnings(Seurat::FindVariableFeatures(
        Seurat::NormalizeData(object, verbose = FALSE),
        nfeatures = 120, verbose = FALSE
    ))
    wanted <- SeuratObject::VariableFeatures(object)
    found <- scinnoFit(run_quick(object, features = wanted))
    expect_same_fit(found, run_quick(counts, features = wanted))
    expect_scinno_error(RunSCINNO(object, dims = 1:10), "reads counts and no reduction")
    expect_scinno_error(RunSCINNO(object, seed.use = 1, seed = 2), "give one of them")
    expect_scinno_error(RunSCINNO(object, batch = "a", group.by = "b"), "give one of them")
    expect_scinno_error(RunSCINNO(object, set.ident = 1), "set.ident must be TRUE or FALSE")
})

test_that("identities are kept on request", {
    needs_python()
    object <- seurat_of(counts)
    SeuratObject::Idents(object) <- rep(c("mine", "yours"), 60)
    before <- SeuratObject::Idents(object)
    kept <- run_quick(object, set.ident = FALSE)
    expect_identical(SeuratObject::Idents(kept), before)
    expect_identical(kept$scinno, quick_matrix_fit()$labels)
})

test_that("a resolution cuts the tree of the fit", {
    needs_python()
    few <- list(seed = 1, pretrain_epochs = 2, joint_epochs = 2, steps_per_epoch = 5)
    run <- function(object, ..., verbose = FALSE) {
        do.call(RunSCINNO, c(list(object, ...), few, verbose = verbose))
    }
    plain <- run(counts)
    expect_same_fit(run(counts, resolution = 1), plain)
    expect_message(fine <- run(counts, resolution = 14, verbose = TRUE), "resolution = 14 gives")
    expect_gt(fine$n_clusters, plain$n_clusters)
    expect_same_fit(fine, cutSCINNO(plain, resolution = 14))
    expect_identical(scinnoFit(run(seurat_of(counts), resolution = 14))$labels, fine$labels)
    expect_scinno_error(RunSCINNO(counts, resolution = 0), "one number above 0, got 0")
    expect_scinno_error(RunSCINNO(counts, resolution = "a"), "one number above 0")
    expect_scinno_error(RunSCINNO(counts, 3, resolution = 1), "give one of them")
})

test_that("Seurat's FindSubCluster() divides a cluster on a graph of the embedding", {
    needs_python()
    object <- run_quick(seurat_of(counts))
    object <- suppressWarnings(Seurat::FindNeighbors(
        object,
        reduction = "SCINNO", dims = 1:10, verbose = FALSE
    ))
    object <- suppressWarnings(Seurat::FindSubCluster(
        object, "0",
        graph.name = "RNA_snn", resolution = 2
    ))
    outside <- object$scinno != "0"
    expect_identical(object$sub.cluster[outside], as.character(object$scinno)[outside],
        ignore_attr = TRUE)
    expect_true(all(startsWith(object$sub.cluster[!outside], "0_")))
})
