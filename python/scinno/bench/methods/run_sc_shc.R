# /// scinno-bench
# name = "sc-SHC"
# group = "peer"
# k = ["unknown"]
# r_packages = ["scSHC", "Matrix"]
# get = """\
#   remotes::install_github('igrabski/sc-SHC', repos = BiocManager::repositories()) in R"""
# log_values = false
# notes = """\
#   scSHC() with its defaults (2500 genes by deviance, 30 components, family-wise error rate 0.05) \
#   on one core. A split needs more than 20 cells on either side, so small sets stay whole."""
# ///

source(file.path(Sys.getenv("SCINNO_BENCH_METHODS"), "job.R"))
suppressPackageStartupMessages(library(scSHC))

job <- read_job()
set.seed(job$seed)
# A tree of thousands of cells is deeper than R's functions may call each other by default.
options(expressions = 5e5)
x <- job$matrix[Matrix::rowSums(job$matrix) > 0, ]
found <- scSHC(x, num_features = min(2500, nrow(x)), parallel = FALSE)
finish(job, found[[1]], "scSHC")
