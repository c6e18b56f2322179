# /// scinno-bench
# name = "Seurat RPCA"
# group = "peer"
# k = ["given", "unknown"]
# r_packages = ["Seurat", "Matrix"]
# get = "install.packages('Seurat') in R, or apt-get install r-cran-seurat"
# tasks = ["batches"]
# notes = """\
#   Its tutorial on fast integration by RPCA: each batch log-normalized with 2000 variable genes, \
#   anchors in 30 components (fewer, and with fewer neighbors, where a batch has fewer cells), 100 \
#   weights or as many of 50, 25, 10 and 5 as there are anchors for, integrated values scaled, PCA, shared neighbors, Louvain. K unknown: resolution 0.8; \
#   K given: the resolution, found by halving, whose number of clusters is nearest to K."""
# ///

source(file.path(Sys.getenv("SCINNO_BENCH_METHODS"), "job.R"))
suppressPackageStartupMessages(library(Seurat))
# Anchors are of assays of version 3; Seurat 5 would split a layer.
options(Seurat.object.assay.version = "v3")

job <- read_job()
quiet <- function(x) suppressWarnings(suppressMessages(x))
smallest <- min(table(job$batch))
axes <- max(2, min(30, smallest - 2))
parts <- lapply(split(colnames(job$matrix), job$batch), function(cells) {
  own <- quiet(CreateSeuratObject(job$matrix[, cells]))
  if (job$log) {
    # the argument is called "layer" from SeuratObject 5 on
    where <- if (utils::packageVersion("SeuratObject") >= "5.0.0") "layer" else "slot"
    given <- stats::setNames(
      list(own, "data", job$matrix[, cells]), c("object", where, "new.data")
    )
    own <- quiet(do.call(SetAssayData, given))
    # the default way to choose genes needs counts
    return(quiet(FindVariableFeatures(own, selection.method = "dispersion", verbose = FALSE)))
  }
  quiet(FindVariableFeatures(NormalizeData(own, verbose = FALSE), verbose = FALSE))
})
genes <- quiet(SelectIntegrationFeatures(parts, verbose = FALSE))
parts <- lapply(parts, function(own) {
  own <- quiet(ScaleData(own, features = genes, verbose = FALSE))
  quiet(RunPCA(own, features = genes, npcs = axes, verbose = FALSE, seed.use = job$seed))
})
anchors <- quiet(FindIntegrationAnchors(
  parts, anchor.features = genes, reduction = "rpca", dims = 1:axes,
  k.filter = min(200, smallest - 1), k.score = min(30, smallest - 1), verbose = FALSE
))
# Fewer anchors than weights is an error, and how many there are is not known before.
object <- NULL
for (weights in c(100, 50, 25, 10, 5)) {
  object <- tryCatch(
    quiet(IntegrateData(anchors, dims = 1:axes, k.weight = weights, verbose = FALSE)),
    error = function(e) if (weights == 5) stop(e) else NULL
  )
  if (!is.null(object)) break
}
DefaultAssay(object) <- "integrated"
object <- quiet(ScaleData(object, verbose = FALSE))
axes <- min(30, ncol(object) - 1, length(VariableFeatures(object)) - 1)
object <- quiet(RunPCA(object, npcs = axes, verbose = FALSE, seed.use = job$seed))
object <- quiet(FindNeighbors(object, dims = 1:axes, verbose = FALSE))
cluster <- function(resolution) {
  found <- quiet(FindClusters(
    object, resolution = resolution, random.seed = job$seed, verbose = FALSE
  ))
  as.character(Idents(found)[colnames(job$matrix)])
}
labels <- if (is.null(job$k)) cluster(0.8) else at_k(cluster, job$k)
finish(job, labels, "Seurat", Embeddings(object, "pca")[colnames(job$matrix), , drop = FALSE])
