# The cells of the example as those of a tissue, for the tests of domains.

# Three strips, in each of which most cells are of one cluster.
tissue_strips <- function() {
    set.seed(1)
    strip <- as.integer(example_fit()$labels)
    moved <- sample(120, 20)
    strip[moved] <- sample(3, 20, replace = TRUE)
    places <- cbind(x = strip + stats::runif(120), y = 3 * stats::runif(120))
    rownames(places) <- colnames(example_counts())
    places
}

# Objects with these cells and the fit of the example, as RunSCINNO() leaves it.
tissue_seurat <- function(cells = colnames(example_counts())) {
    needs_packages("Seurat", "SeuratObject")
    object <- suppressWarnings(SeuratObject::CreateSeuratObject(example_counts()[, cells]))
    object@misc$scinno <- short_fit(example_fit())
    object
}

tissue_sce <- function(cells = colnames(example_counts()), ...) {
    needs_packages("SingleCellExperiment", "SummarizedExperiment", "S4Vectors")
    counts <- list(counts = example_counts()[, cells])
    object <- SingleCellExperiment::SingleCellExperiment(counts, ...)
    S4Vectors::metadata(object)$scinno <- short_fit(example_fit())
    object
}

# An image of Seurat with the centers of these cells.
tissue_image <- function(cells, key) {
    table <- data.frame(tissue_strips()[cells, ], cell = cells)
    SeuratObject::CreateFOV(table, type = "centroids", assay = "RNA", key = key)
}
