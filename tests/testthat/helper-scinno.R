# In CI and in tests/r-worlds/run.sh, which install all requirements, no test may be skipped.
must_run <- function() nzchar(Sys.getenv("SCINNO_R_WORLD")) || nzchar(Sys.getenv("CI"))

unless <- function(good, why) {
    if (!good && must_run()) stop(why, call. = FALSE)
    testthat::skip_if_not(good, why)
}

needs_python <- function() unless(scinnoReady(), "Python cannot run scinno: see scinnoDoctor()")

needs_packages <- function(...) {
    for (package in c(...)) {
        unless(requireNamespace(package, quietly = TRUE), paste(package, "is not installed"))
    }
}

example_counts <- function() {
    readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
}

example_fit <- function() {
    readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
}

# Small enough for every test that is not about quality.
quick <- list(n_clusters = 3, seed = 1, pretrain_epochs = 2, joint_epochs = 2, steps_per_epoch = 5)

run_quick <- function(object, ..., verbose = FALSE) {
    do.call(RunSCINNO, c(list(object), utils::modifyList(quick, list(...)), verbose = verbose))
}

quick_matrix_fit <- local({
    fit <- NULL
    function() {
        if (is.null(fit)) fit <<- run_quick(example_counts())
        fit
    }
})

# All that must be identical in two fits of the same counts; the seconds in the history differ.
expect_same_fit <- function(one, other) {
    for (part in c("labels", "memberships", "embedding", "centers", "settings", "seed")) {
        testthat::expect_identical(one[[part]], other[[part]], label = part)
    }
}

# Draws a ggplot to a null device and returns its data.
drawn <- function(picture) {
    grDevices::pdf(NULL)
    on.exit(grDevices::dev.off())
    testthat::expect_s3_class(picture, "ggplot")
    testthat::expect_no_error(print(picture))
    picture$data
}

expect_scinno_error <- function(code, text) {
    testthat::expect_error(code, text, class = "scinno_error", fixed = TRUE)
}

# Evaluates an expression in a new R session; returns what it printed, errors included.
in_new_session <- function(code, env = character()) {
    script <- tempfile(fileext = ".R")
    libraries <- paste0(".libPaths(", paste(deparse(.libPaths()), collapse = ""), ")")
    writeLines(c(libraries, deparse(code)), script)
    rscript <- file.path(R.home("bin"), "Rscript")
    processx::run(
        rscript, c("--vanilla", script),
        env = if (length(env)) c("current", env), error_on_status = FALSE, stderr_to_stdout = TRUE
    )
}

data_file <- function(name) {
    # Those that the source tree ships come first: some have fewer genes than elsewhere.
    folders <- c(
        file.path("..", "data"), Sys.getenv("SCINNO_DATA"),
        file.path("..", "..", "..", "shared", "data")
    )
    files <- file.path(folders[nzchar(folders)], paste0(name, ".h5ad"))
    found <- files[file.exists(files)]
    unless(length(found) > 0, paste0(name, ".h5ad is not here: set SCINNO_DATA to its folder"))
    found[1L]
}

# Genes x cells. The file holds cells x genes by rows, which is the same in memory.
real_counts <- function(name) {
    needs_packages("rhdf5")
    file <- data_file(name)
    read <- function(path) rhdf5::h5read(file, path)
    index <- function(group) {
        as.character(read(paste0(group, "/", rhdf5::h5readAttributes(file, group)[["_index"]])))
    }
    cells <- index("obs")
    genes <- index("var")
    methods::new(
        "dgCMatrix",
        x = as.numeric(read("X/data")), i = as.integer(read("X/indices")),
        p = as.integer(read("X/indptr")), Dim = c(length(genes), length(cells)),
        Dimnames = list(genes, cells)
    )
}

labels_digest <- function(labels) {
    file <- tempfile()
    on.exit(unlink(file))
    writeBin(as.integer(as.character(labels)), file, endian = "little")
    unname(tools::md5sum(file))
}
