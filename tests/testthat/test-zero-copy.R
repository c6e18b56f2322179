# Counts reach Python by copy or by address; the result must be the same.

counts <- example_counts()

# Evaluates `code` with another limit of zero_copy_limit().
with_limit <- function(limit, code) {
    session$zero_copy_limit <- limit
    on.exit(session$zero_copy_limit <- NULL)
    code
}

test_that("small counts are copied, large ones are passed by address", {
    needs_python()
    # Another process shares no memory, so there is no address to pass; the modern world runs this.
    skip_if_not(best_engine() == "inprocess", "the engine here is a process of its own")
    python_module()
    expect_lt(vector_bytes(counts), zero_copy_limit())
    is_dict <- function(x) inherits(x, "python.builtin.dict")
    expect_false(is_dict(counts_for_python(counts)))
    expect_true(is_dict(counts_for_python(counts, limit = 0)))
    expect_identical(vector_bytes(counts), 12 * length(counts@x) + 4 * length(counts@p))
})

test_that("both ways give the same fit, choice and prediction, and leave the counts unchanged", {
    needs_python()
    # Another process shares no memory, so there is no address to pass; the modern world runs this.
    skip_if_not(best_engine() == "inprocess", "the engine here is a process of its own")
    before <- unserialize(serialize(counts, NULL)) # shares no memory with `counts`
    copied <- with_limit(Inf, run_quick(counts, engine = "inprocess"))
    by_address <- with_limit(0, run_quick(counts, engine = "inprocess"))
    expect_same_fit(copied, by_address)
    expect_identical(
        with_limit(Inf, predict(copied, counts, "memberships", engine = "inprocess")),
        with_limit(0, predict(copied, counts, "memberships", engine = "inprocess"))
    )
    expect_identical(counts, before)
})

test_that("counts without any value pass both ways", {
    needs_python()
    # Another process shares no memory, so there is no address to pass; the modern world runs this.
    skip_if_not(best_engine() == "inprocess", "the engine here is a process of its own")
    module <- reticulate::import("scinno._r.call", convert = FALSE)
    python_module()
    empty <- Matrix::drop0(counts * 0)
    for (limit in c(Inf, 0)) {
        arrays <- reticulate::dict(counts = counts_for_python(empty, limit = limit))
        rows <- module$`_cells_by_genes`(arrays)
        expect_identical(unlist(reticulate::py_to_r(rows$shape)), rev(dim(counts)))
        expect_identical(as.integer(reticulate::py_to_r(rows$nnz)), 0L)
    }
})

test_that("large counts are neither copied nor writable in Python", {
    needs_python()
    # Another process shares no memory, so there is no address to pass; the modern world runs this.
    skip_if_not(best_engine() == "inprocess", "the engine here is a process of its own")
    # The peak is reset and read through /proc; macOS and Windows have no such file.
    skip_if_not(file.exists("/proc/self/clear_refs"), "only Linux shows peak memory this way")
    # In a new session: the peak of this one is long past.
    out <- in_new_session(quote({
        library(scinno)
        n <- 2e7
        big <- methods::new(
            methods::getClass("dgCMatrix", where = asNamespace("Matrix")),
            x = rep(1, n), i = rep(0:1999, 1e4), p = seq(0L, 2e7L, 2000L), Dim = c(2000L, 10000L)
        )
        module <- scinno:::python_module()
        reticulate::import("scipy.sparse")
        memory <- function(what) {
            line <- grep(what, readLines("/proc/self/status"), value = TRUE)
            as.numeric(gsub("[^0-9]", "", line)) * 1024
        }
        invisible(gc())
        writeLines("5", "/proc/self/clear_refs")
        start <- memory("VmRSS")
        shared <- scinno:::counts_for_python(big)
        arrays <- reticulate::dict(counts = shared)
        rows <- reticulate::import("scinno._r.call", convert = FALSE)$`_cells_by_genes`(arrays)
        rise <- (memory("VmHWM") - start) / as.numeric(object.size(big))
        cat("shape:", unlist(reticulate::py_to_r(rows$shape)), "\n")
        cat("writeable:", reticulate::py_to_r(rows$data$flags$writeable), "\n")
        cat("rise:", rise, "\n")
    }))
    expect_match(out$stdout, "shape: 10000 2000", fixed = TRUE)
    expect_match(out$stdout, "writeable: FALSE", fixed = TRUE)
    rise <- as.numeric(sub(".*rise: ([0-9.e-]+).*", "\\1", out$stdout))
    expect_lt(rise, 0.1)
})
