# /// scinno-bench
# name = "SIMLR"
# group = "peer"
# k = ["given", "unknown"]
# r_packages = ["SIMLR", "Matrix"]
# get = "BiocManager::install('SIMLR') in R"
# notes = """\
#   On log values of all genes with their largest standard deviations first (2500), as its authors \
#   normalize; above 2,000 cells its large-scale version. K unknown: the best of its first \
#   heuristic between 2 and 20."""
# ///

source(file.path(Sys.getenv("SCINNO_BENCH_METHODS"), "job.R"))
suppressPackageStartupMessages(library(SIMLR))

job <- read_job()
set.seed(job$seed)
x <- as.matrix(log_values(job))
x <- x[head(order(apply(x, 1, stats::sd), decreasing = TRUE), 2500), ]
if (is.null(job$k)) {
  tried <- 2:min(20, ncol(x) - 1)
  evidence <- SIMLR_Estimate_Number_of_Clusters(x, NUMC = tried, cores.ratio = 0)
  job$k <- tried[which.min(evidence$K1)]
}
if (ncol(x) > 2000) {
  found <- SIMLR_Large_Scale(X = x, c = job$k)
} else {
  found <- SIMLR(X = x, c = job$k, cores.ratio = 0)
}
finish(job, found$y$cluster, "SIMLR")
