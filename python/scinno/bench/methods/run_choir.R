# /// scinno-bench
# name = "CHOIR"
# group = "peer"
# k = ["unknown"]
# r_packages = ["CHOIR", "Seurat", "Matrix"]
# get = """\
#   remotes::install_github('corceslab/CHOIR', repos = BiocManager::repositories(), \
#   INSTALL_opts = '--no-configure') in R; its configure script reports the address of the machine \
#   to a server, and installs nothing"""
# notes = """\
#   CHOIR() with its defaults (alpha 0.05, Bonferroni, 100 permutations) on one core, after its \
#   vignette's genes in at least 5 cells and log-normalization; no cell is left out."""
# ///

source(file.path(Sys.getenv("SCINNO_BENCH_METHODS"), "job.R"))
suppressPackageStartupMessages(library(Seurat))
suppressPackageStartupMessages(library(CHOIR))

job <- read_job()
set.seed(job$seed)
quiet <- function(x) suppressWarnings(suppressMessages(x))
found_in <- Matrix::rowSums(job$matrix > 0)
# where fewer than 50 genes are left, all stay: a panel of markers is no transcriptome
x <- if (sum(found_in >= 5) < 50) job$matrix else job$matrix[found_in >= 5, ]
object <- quiet(CreateSeuratObject(x))
if (job$log) {
  # the argument is called "layer" from Seurat 5 on
  where <- if (utils::packageVersion("SeuratObject") >= "5.0.0") "layer" else "slot"
  given <- stats::setNames(list(object, "data", x), c("object", where, "new.data"))
  object <- quiet(do.call(SetAssayData, given))
} else {
  object <- quiet(NormalizeData(object, verbose = FALSE))
}
object <- CHOIR(object, n_cores = 1, random_seed = job$seed + 1, verbose = FALSE)
finish(job, object@meta.data[["CHOIR_clusters_0.05"]], "CHOIR")
