# /// scinno-bench
# name = "SC3"
# group = "peer"
# k = ["given", "unknown"]
# r_packages = ["SC3", "SingleCellExperiment", "Matrix"]
# get = "BiocManager::install('SC3') in R"
# notes = """\
#   Its vignette: gene filter on, consensus over distances and transformations. K unknown: its own \
#   estimate. From 5,000 cells on it trains an SVM on a part of the cells, as it does by default."""
# ///

source(file.path(Sys.getenv("SCINNO_BENCH_METHODS"), "job.R"))
suppressPackageStartupMessages(library(SingleCellExperiment))
suppressPackageStartupMessages(library(SC3))

job <- read_job()
set.seed(job$seed)
logs <- log_values(job)
counts <- if (job$log) expm1(as.matrix(job$matrix)) else as.matrix(job$matrix)
sce <- SingleCellExperiment(list(counts = counts, logcounts = as.matrix(logs)))
rowData(sce)$feature_symbol <- rownames(sce)
if (is.null(job$k)) {
  sce <- sc3_estimate_k(sce)
  job$k <- metadata(sce)$sc3$k_estimation
}
sce <- sc3(sce, ks = job$k, biology = FALSE, rand_seed = job$seed, n_cores = 1)
column <- paste0("sc3_", job$k, "_clusters")
if (anyNA(colData(sce)[[column]])) sce <- sc3_run_svm(sce, ks = job$k)
finish(job, colData(sce)[[column]], "SC3")
