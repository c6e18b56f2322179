# /// scinno-bench
# name = "Seurat"
# group = "peer"
# k = ["given", "unknown"]
# r_packages = ["Seurat", "Matrix"]
# get = "install.packages('Seurat') in R, or apt-get install r-cran-seurat"
# notes = """\
#   Its guided tutorial: log-normalization, 2000 variable genes, scaling, PCA, shared neighbors \
#   on 10 components, Louvain. K unknown: resolution 0.8, its default; K given: the resolution, \
#   found by halving, whose number of clusters is nearest to K."""
# ///

source(file.path(Sys.getenv("SCINNO_BENCH_METHODS"), "job.R"))
suppressPackageStartupMessages(library(Seurat))

job <- read_job()
quiet <- function(x) suppressWarnings(suppressMessages(x))
object <- quiet(CreateSeuratObject(job$matrix))
if (job$log) {
  # the argument is called "layer" from Seurat 5 on
  where <- if (utils::packageVersion("SeuratObject") >= "5.0.0") "layer" else "slot"
  given <- stats::setNames(list(object, "data", job$matrix), c("object", where, "new.data"))
  object <- quiet(do.call(SetAssayData, given))
  # the default way to choose genes needs counts
  object <- quiet(FindVariableFeatures(object, selection.method = "dispersion", verbose = FALSE))
} else {
  object <- quiet(NormalizeData(object, verbose = FALSE))
  object <- quiet(FindVariableFeatures(object, verbose = FALSE))
}
object <- quiet(ScaleData(object, verbose = FALSE))
axes <- min(50, ncol(object) - 1, length(VariableFeatures(object)) - 1)
object <- quiet(RunPCA(object, npcs = axes, verbose = FALSE, seed.use = job$seed))
object <- quiet(FindNeighbors(object, dims = 1:min(10, axes), verbose = FALSE))
cluster <- function(resolution) {
  found <- quiet(FindClusters(
    object, resolution = resolution, random.seed = job$seed, verbose = FALSE
  ))
  as.character(Idents(found))
}
labels <- if (is.null(job$k)) cluster(0.8) else at_k(cluster, job$k)
finish(job, labels, "Seurat")
