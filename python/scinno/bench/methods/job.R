# What every R method begins and ends with; see _job.py.

suppressPackageStartupMessages(library(Matrix))

read_job <- function() {
  given <- commandArgs(trailingOnly = TRUE)
  inputs <- given[1]
  genes <- readLines(file.path(inputs, "genes.txt"), encoding = "UTF-8")
  part <- function(name, what, size) {
    path <- file.path(inputs, name)
    readBin(path, what, n = file.size(path) / size, size = size, endian = "little")
  }
  starts <- part("starts.i4", "integer", 4L)
  cells <- length(starts) - 1L
  # cells x genes in rows is genes x cells in columns
  matrix <- methods::new("dgCMatrix",
    i = part("genes.i4", "integer", 4L), p = starts, x = part("values.f8", "double", 8L),
    Dim = c(length(genes), cells),
    Dimnames = list(make.unique(genes), paste0("cell", seq_len(cells)))
  )
  k <- as.integer(given[3])
  # of the task "batches" only
  batch <- if (file.exists(file.path(inputs, "batches.i4"))) part("batches.i4", "integer", 4L)
  # of the task "domains" only: cells x axes, and numbers from 0
  places <- slices <- NULL
  if (file.exists(file.path(inputs, "coordinates.f8"))) {
    places <- base::matrix(part("coordinates.f8", "double", 8L), nrow = cells, byrow = TRUE)
    slices <- part("slices.i4", "integer", 4L)
  }
  list(
    matrix = matrix, out = given[2], k = if (k == 0L) NULL else k,
    seed = as.integer(given[4]), log = given[5] == "log", start = Sys.time(), batch = batch,
    coordinates = places, slices = slices
  )
}

# counts per 10,000, log(1 + x); log values as they are
log_values <- function(job) {
  if (job$log) return(job$matrix)
  scaled <- job$matrix
  scaled@x <- log1p(1e4 * scaled@x / rep(Matrix::colSums(job$matrix), diff(scaled@p)))
  scaled
}

# The embedding (cells x axes) is written in the task "batches" only.
finish <- function(job, labels, package, embedding = NULL) {
  labels <- as.character(labels)
  if (anyNA(labels)) stop(sum(is.na(labels)), " cell(s) got no label")
  seconds <- as.numeric(difftime(Sys.time(), job$start, units = "secs"))
  about <- c(seconds = format(seconds), version = as.character(utils::packageVersion(package)),
             R = as.character(getRversion()))
  writeLines(paste(names(about), about, sep = "\t"), file.path(job$out, "about.txt"))
  if (!is.null(job$batch) && !is.null(embedding)) {
    writeBin(
      as.double(t(embedding)), file.path(job$out, "embedding.f4"), size = 4L, endian = "little"
    )
  }
  writeLines(labels, file.path(job$out, "labels.txt"))
}

# Labels at the resolution, found by halving, whose number of clusters is nearest to k.
at_k <- function(cluster, k, low = 0.01, high = 5) {
  best <- NULL
  gap <- Inf
  for (step in 1:15) {
    middle <- (low + high) / 2
    labels <- cluster(middle)
    found <- length(unique(labels))
    if (abs(found - k) < gap) {
      best <- labels
      gap <- abs(found - k)
    }
    if (found == k) break
    if (found < k) low <- middle else high <- middle
  }
  best
}
