# Layers of a Seurat 5 assay as batches, and Seurat's own way to integrate them.

counts <- example_counts()
donor <- rep(c("d10", "d2", "d1"), 40)

seurat_of_donors <- function() {
    needs_packages("Seurat", "SeuratObject")
    object <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    object$donor <- donor
    object
}

needs_layers <- function() {
    needs_packages("SeuratObject")
    skip_if(
        utils::packageVersion("SeuratObject") < "5.0.0",
        "Seurat 4 has no layers; the modern R world runs this"
    )
}

split_object <- function() {
    object <- seurat_of_donors()
    object[["RNA"]] <- split(object[["RNA"]], f = donor)
    object
}

test_that("each layer of a split assay is a batch", {
    needs_python()
    needs_layers()
    by_vector <- run_quick(counts, batch = donor)
    object <- run_quick(split_object(), batch = "layers")
    expect_same_fit(scinnoFit(object), by_vector)
    expect_identical(scinnoBatches(object), by_vector$batches)
    expect_same_fit(scinnoFit(run_quick(split_object(), batch = "donor")), by_vector)
    some <- subset(split_object(), cells = colnames(counts)[1:9])
    expect_identical(predict(by_vector, some, batch = "layers"), by_vector$labels[1:9])
    object <- split_object()
    object$layers <- donor
    expect_scinno_error(RunSCINNO(object, batch = "layers"), "may be the metadata column 'layers'")
})

test_that("layers that are whole are refused, but a column of that name is taken", {
    object <- seurat_of_donors()
    expect_scinno_error(RunSCINNO(object, batch = "layers"), "but layer 'counts' is whole")
    needs_python()
    object$layers <- donor
    expect_same_fit(
        scinnoFit(run_quick(object, batch = "layers")), run_quick(counts, batch = donor)
    )
})

test_that("IntegrateLayers takes SCINNOIntegration and gives its embedding", {
    needs_python()
    needs_layers()
    expect_identical(attr(SCINNOIntegration, "Seurat.method"), "integration")
    fit <- run_quick(counts, batch = donor)
    object <- Seurat::NormalizeData(split_object(), verbose = FALSE)
    object <- Seurat::FindVariableFeatures(object, verbose = FALSE)
    integrate <- function(object, ...) {
        do.call(Seurat::IntegrateLayers, c(
            list(object, method = SCINNOIntegration, verbose = FALSE, ...), quick
        ))
    }
    # Seurat warns that there are no scaled values, which are not needed.
    bare <- suppressWarnings(integrate(object, orig.reduction = NULL))
    expect_identical(SeuratObject::Reductions(bare), "integrated.scinno")
    reduction <- bare[["integrated.scinno"]]
    expect_identical(unname(SeuratObject::Embeddings(reduction)), unname(fit$embedding))
    expect_identical(rownames(reduction), colnames(counts))
    expect_identical(SeuratObject::Key(reduction), "integratedscinno_")
    expect_same_fit(scinnoFit(bare, "integrated.scinno"), fit)
    expect_identical(scinnoBatches(bare, "integrated.scinno"), fit$batches)
    expect_true(methods::validObject(bare))
    # As Seurat's pages do it, with scaled values and PCA first.
    object <- Seurat::ScaleData(object, verbose = FALSE)
    object <- suppressWarnings(Seurat::RunPCA(object, npcs = 5, verbose = FALSE))
    object <- integrate(object, new.reduction = "deep")
    expect_identical(SeuratObject::Embeddings(object, "deep")[, 1], bare[["integrated.scinno"]][[, 1]],
        ignore_attr = TRUE
    )
    object <- suppressWarnings(
        Seurat::FindNeighbors(object, reduction = "deep", dims = 1:5, verbose = FALSE)
    )
    expect_no_error(Seurat::FindClusters(object, verbose = FALSE))
})

test_that("what Seurat refuses before our code runs has the cure that its page says", {
    needs_python()
    needs_layers()
    integrate <- function(object, ...) {
        suppressWarnings(do.call(Seurat::IntegrateLayers, c(
            list(object, method = SCINNOIntegration, verbose = FALSE, ...), quick
        )))
    }
    raw <- split_object()
    genes <- rownames(raw)
    expect_error(integrate(raw, features = genes), "is not a dimensional reduction")
    expect_error(integrate(raw, orig.reduction = NULL), "None of the features provided are found")
    done <- integrate(raw, orig.reduction = NULL, features = genes)
    expect_identical(SeuratObject::Reductions(done), "integrated.scinno")
    # An object with a reduction of ours, which may be named, and replaced.
    object <- run_quick(raw, batch = "layers")
    again <- integrate(
        object, orig.reduction = "SCINNO", new.reduction = "SCINNO", features = genes
    )
    expect_same_fit(scinnoFit(again, "SCINNO"), scinnoFit(object))
    expect_scinno_error(
        integrate(seurat_of_donors(), orig.reduction = NULL, features = genes),
        "layer 'counts' is whole: split it"
    )
    old <- seurat_of_donors()
    old[["RNA"]] <- SeuratObject::CreateAssayObject(counts)
    expect_error(integrate(old, orig.reduction = NULL, features = genes), "v5 or SCT assay")
    old[["RNA"]] <- methods::as(old[["RNA"]], "Assay5")
    old[["RNA"]] <- split(old[["RNA"]], f = donor)
    old <- integrate(old, orig.reduction = NULL, features = genes)
    expect_same_fit(scinnoFit(old, "integrated.scinno"), scinnoFit(object))
})

test_that("some of the layers can be integrated, and bad requests are refused", {
    needs_layers()
    assay <- split_object()[["RNA"]]
    expect_identical(wanted_layers(assay, "counts", NULL), paste0("counts.", c("d10", "d2", "d1")))
    expect_identical(
        wanted_layers(assay, "counts", c("data.d1", "data.d2")), c("counts.d2", "counts.d1")
    )
    expect_identical(
        wanted_layers(assay, "counts", "data"), wanted_layers(assay, "counts", NULL)
    )
    expect_scinno_error(SCINNOIntegration(assay, layers = "data.d1"), "at least two batches")
    expect_scinno_error(
        SCINNOIntegration(seurat_of_donors()[["RNA"]]), "split by cells, as counts.1 and counts.2"
    )
    expect_scinno_error(SCINNOIntegration(seurat_of_donors()), "must be an assay of Seurat 5")
    expect_scinno_error(SCINNOIntegration(assay, new.reduction = ""), "must be one name")
    needs_python()
    expect_scinno_error(
        SCINNOIntegration(assay, n_clusterz = 3, verbose = FALSE), "did you mean 'n_clusters'?"
    )
})

test_that("Seurat 4 is told what it lacks", {
    needs_packages("SeuratObject")
    skip_if(
        utils::packageVersion("SeuratObject") >= "5.0.0", "Seurat 5; the native R world runs this"
    )
    expect_scinno_error(SCINNOIntegration(seurat_of_donors()[["RNA"]]), "requires Seurat 5, got")
})
