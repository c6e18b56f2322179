# /// scinno-bench
# name = "SCENA"
# group = "peer"
# k = ["given", "unknown"]
# r_packages = ["SCENA", "SNFtool", "apcluster", "Matrix"]
# get = """\
#   install.packages(c('SNFtool', 'apcluster')) and \
#   remotes::install_github('shaoqiangzhang/SCENA') in R (apcluster: also r-cran-apcluster)"""
# notes = """\
#   Its preprocessing and scena_cpu() with the parameters that it recommends for the size of the \
#   set; one worker, seeded, in place of its five. Log values go in as they are. K unknown: its own \
#   median over five views."""
# ///

source(file.path(Sys.getenv("SCINNO_BENCH_METHODS"), "job.R"))
suppressPackageStartupMessages(library(SCENA))

job <- read_job()
set.seed(job$seed)
# SCENA asks for five workers, whatever the machine, and gives them no seed. It finds this function
# first, because it imports nothing.
makeCluster <- function(...) {
  worker <- parallel::makeCluster(1)
  parallel::clusterSetRNGStream(worker, job$seed)
  worker
}
x <- datapreprocess(as.matrix(job$matrix), log = !job$log)
colnames(x) <- colnames(job$matrix)
if (nrow(x) < 250) {
  stop("SCENA takes up to 250 genes; its filter (above 1 in 5 to 95 % of the cells) leaves ", nrow(x))
}
found <- if (is.null(job$k)) scena_cpu(x) else scena_cpu(x, num = job$k)
finish(job, found, "SCENA")
