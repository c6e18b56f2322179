# /// scinno-bench
# name = "CellTree"
# group = "peer"
# k = ["given", "unknown"]
# r_packages = ["cellTree", "maptpx", "slam", "Matrix"]
# get = """\
#   install.packages('maptpx') and BiocManager::install('cellTree') in R 4.2; Bioconductor dropped \
#   it after 3.16, so in a newer R install.packages(c('maptpx', 'topicmodels')), \
#   BiocManager::install('topGO') and remotes::install_github('bioc/cellTree')"""
# notes = """\
#   A topic model by maptpx with its defaults (2 to 15 topics) or K topics; a cell's cluster is \
#   its likeliest topic. The package itself makes trees, not clusters."""
# ///

source(file.path(Sys.getenv("SCINNO_BENCH_METHODS"), "job.R"))
suppressPackageStartupMessages(library(cellTree))

job <- read_job()
set.seed(job$seed)
x <- as.matrix(job$matrix)
topics <- if (is.null(job$k)) 2:15 else job$k
model <- compute.lda(x, k.topics = topics, log.scale = !job$log)
finish(job, max.col(model$omega, ties.method = "first"), "cellTree")
