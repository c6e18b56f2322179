# Which Python is used, and how one is started in a process of its own.

own_environment <- "r-scinno"

has_py_require <- function() utils::packageVersion("reticulate") >= "1.41"

# The Python to use, by reticulate's own rules: RETICULATE_PYTHON, the environment of
# installSCINNO(), the user's environments, and only then what py_require() makes. Looked up once:
# without a network reticulate tries for minutes before it gives up.
python_path <- function() {
    if (reticulate::py_available()) {
        return(reticulate::py_config()$python)
    }
    chosen <- paste(Sys.getenv(choosing_variables), collapse = "|")
    if (is.null(session$python) || !identical(session$chosen, chosen)) {
        session$python <- tryCatch(found_python(), scinno_error = identity)
        session$chosen <- chosen
    }
    if (inherits(session$python, "error")) stop(session$python)
    session$python
}

# Forgets what was found, so that it is looked for anew.
forget_python <- function() {
    session$python <- session$engine <- session$ready <- NULL
}

choosing_variables <- c("RETICULATE_PYTHON", "RETICULATE_PYTHON_ENV", "VIRTUAL_ENV")

found_python <- function() {
    chosen <- Sys.getenv("RETICULATE_PYTHON")
    if (nzchar(chosen) && chosen != "managed" && !dir.exists(chosen)) {
        # Used without reticulate's search, so that engine = "process" need not start Python in R
        # as well, and so that a broken one is not replaced by another.
        reason <- why_not(chosen)
        if (!is.null(reason)) {
            no_python_stop("RETICULATE_PYTHON is '", chosen, "', ", reason)
        }
        return(chosen)
    }
    prefer_own_environment()
    # With py_require() this may download for minutes, which the user may end.
    discover <- function() {
        if (!has_py_require()) {
            return(reticulate::py_discover_config())
        }
        allowInterrupts(reticulate::py_discover_config())
    }
    config <- tryCatch(discover(), error = identity)
    if (inherits(config, "error")) {
        no_python_stop("no Python was found (reticulate: ", one_line(config), ")")
    }
    if (is.null(config$python)) {
        no_python_stop("no Python was found")
    }
    config$python
}

no_python_stop <- function(...) {
    scinno_stop(
        ..., ": run installSCINNO(), or set RETICULATE_PYTHON to a Python with the required ",
        "packages, and restart R",
        class = "scinno_no_python"
    )
}

prefer_own_environment <- function() {
    if (!any(nzchar(Sys.getenv(choosing_variables))) &&
        reticulate::virtualenv_exists(own_environment)) {
        reticulate::use_virtualenv(own_environment, required = FALSE)
    }
}

# Why `python` cannot be used, or NULL. `modules`: what it must be able to import.
why_not <- function(python, modules = character()) {
    path <- Sys.which(python)
    if (!file.exists(python) && !nzchar(path)) {
        return("which does not exist")
    }
    code <- paste(c("import sys", sprintf("import %s", modules), "print(sys.version.split()[0])"),
        collapse = "; "
    )
    out <- tryCatch(run_process(python, c("-c", code)), error = identity)
    if (inherits(out, "error")) {
        return(paste0("which does not run (", one_line(out), ")"))
    }
    if (out$status != 0L) {
        lines <- strsplit(trimws(out$stderr), "\n", fixed = TRUE)[[1L]]
        last <- if (length(lines)) lines[length(lines)] else paste("status", out$status)
        return(paste0("which does not run (", last, ")"))
    }
    version <- sub("[^0-9.].*$", "", trimws(out$stdout))
    floor <- sub(">=", "", python_floor(), fixed = TRUE)
    if (!nzchar(version) || numeric_version(version) < floor) {
        return(paste0("which is version ", version, ", and ", floor, " or newer is required"))
    }
    NULL
}

# Runs a Python, or a program of one, and waits.
run_process <- function(command, args, ...) {
    processx::run(command, args, env = python_environment(), error_on_status = FALSE, ...)
}

# R puts folders of its own and of the system before those that a program finds by itself. A Python
# outside the system then loads the system's libpython, and some of its modules do not load.
python_environment <- function(...) {
    folders <- strsplit(Sys.getenv("LD_LIBRARY_PATH"), ":", fixed = TRUE)[[1L]]
    # The linker searches these anyway.
    default <- startsWith(folders, R.home()) | grepl("^/(usr/|usr/local/)?lib(64)?(/|$)", folders)
    c("current", LD_LIBRARY_PATH = paste(folders[!default], collapse = ":"), ...)
}

# The first sentence of an error, on one line.
one_line <- function(condition) {
    lines <- strsplit(conditionMessage(condition), "\n", fixed = TRUE)[[1L]]
    sub("\\.$", "", trimws(lines[nzchar(trimws(lines))][1L]))
}
