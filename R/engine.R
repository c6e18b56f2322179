# Whether Python runs inside R or beside it.

# "inprocess" starts faster, but there are reasons against it, which engine_choice() names.
best_engine <- function() engine_choice()$engine

# The engine, and for "process" why (NULL for "inprocess").
engine_choice <- function() {
    if (is.null(session$engine)) {
        why <- why_process()
        session$engine <- list(engine = if (is.null(why)) "inprocess" else "process", why = why)
    }
    session$engine
}

why_process <- function(python = python_path()) {
    reticulate <- utils::packageVersion("reticulate")
    if (Sys.info()[["sysname"]] == "Darwin") {
        "a second OpenMP runtime ends R on macOS"
    } else if (commandArgs()[1L] == "rpy2") {
        # reticulate does not hold Python's lock then.
        "R itself runs inside Python"
    } else if (torch_already_loaded()) {
        "torch was loaded by something else before, and may be bound to R's BLAS"
    } else if (reticulate < "1.38" && numpy_major(python) >= 2L) {
        paste0("reticulate ", reticulate, " cannot pass arrays to NumPy 2, 1.38 or newer can")
    } else if (!has_shared_library(python)) {
        paste0(
            "its Python has no shared library, which Debian and Ubuntu have in a package of its ",
            "own, as libpython3.13"
        )
    }
}

# reticulate loads Python's shared library into R. On Windows it is always there.
has_shared_library <- function(python) {
    code <- paste(
        "import os, sys, sysconfig; get = sysconfig.get_config_var;",
        "names = {get('LDLIBRARY'), get('INSTSONAME')};",
        "places = {get('LIBDIR'), get('LIBPL'), sys.base_prefix + '/lib'};",
        "places |= {os.path.join(p, get('MULTIARCH') or '') for p in places if p};",
        "found = [n for n in names for p in places if n and p and '.so' in n",
        "and os.path.exists(os.path.join(p, n))];",
        "print(os.name == 'nt' or bool(found))"
    )
    !identical(trimws(run_process(python, c("-c", code))$stdout), "False")
}

# Whether another package of this session has already loaded torch, bound to R's BLAS.
torch_already_loaded <- function() {
    reticulate::py_available() && is.null(session$module) &&
        "torch" %in% names(reticulate::import("sys")$modules)
}

numpy_major <- function(python) {
    code <- "import numpy; print(numpy.__version__.split('.')[0])"
    major <- suppressWarnings(as.integer(run_process(python, c("-c", code))$stdout))
    if (length(major) && !is.na(major)) major else 0L
}
