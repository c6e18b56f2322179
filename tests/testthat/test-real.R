# The same labels in both languages, on real sets with the default settings. The digests are those
# of Python, written by tests/interop/reference.py in the same environment.

python_digests <- function() {
    file <- Sys.getenv("SCINNO_DIGESTS")
    unless(nzchar(file), "SCINNO_DIGESTS is not set: tests/r-worlds/run.sh makes that file")
    jsonlite::fromJSON(file)
}

fit_like <- function(reference, object, ...) {
    RunSCINNO(
        object,
        n_clusters = reference$n_clusters, seed = reference$seed, verbose = FALSE, ...
    )
}

test_that("labels of real sets are Python's", {
    needs_python()
    digests <- python_digests()
    # Two are in tests/data; CI has all.
    expect_gte(length(digests), if (nzchar(Sys.getenv("CI"))) 4 else 2)
    for (name in names(digests)) {
        fit <- fit_like(digests[[name]], real_counts(name))
        expect_identical(labels_digest(fit$labels), digests[[name]]$labels, label = name)
    }
})

test_that("Seurat and SingleCellExperiment give Python's labels on cellhashing_4lines", {
    needs_python()
    needs_packages("SeuratObject", "SingleCellExperiment")
    expected <- python_digests()$cellhashing_4lines
    counts <- real_counts("cellhashing_4lines")
    seurat <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    seurat <- fit_like(expected, seurat, engine = "inprocess")
    expect_identical(labels_digest(seurat$scinno), expected$labels)
    sce <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
    sce <- fit_like(expected, sce, engine = "process")
    expect_identical(labels_digest(sce$scinno), expected$labels)
    expect_same_fit(scinnoFit(seurat), scinnoFit(sce))
})
