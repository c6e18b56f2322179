# /// scinno-bench
# name = "SHARP"
# group = "peer"
# k = ["given", "unknown"]
# r_packages = ["SHARP", "Matrix"]
# get = """\
#   install.packages(c('clusterCrit', 'flashClust')), remotes::install_version('clues') (archived) \
#   and remotes::install_github('shibiaowan/SHARP') in R"""
# notes = """\
#   Its defaults, with counts declared as UMI so that it makes counts per million of them, and one \
#   core; log values are taken back first. Given K, it clusters two random halves of the cells and \
#   joins them, as it does by default. K unknown: its own choice."""
# ///

source(file.path(Sys.getenv("SCINNO_BENCH_METHODS"), "job.R"))
suppressPackageStartupMessages(library(SHARP))

job <- read_job()
set.seed(job$seed)
x <- as.matrix(job$matrix)
if (job$log) x <- expm1(x)
given <- list(x, n.cores = 1, forview = FALSE, rN.seed = job$seed)
given$exp.type <- if (job$log) "CPM" else "UMI"
if (!is.null(job$k)) given$N.cluster <- job$k
found <- do.call(SHARP, given)
finish(job, found$pred_clusters, "SHARP")
