# Which Python is used, and one call to it. reticulate is used here, in install.R and in
# zero-copy.R alone.

# Must equal API_VERSION of the Python core.
api_version <- 2L

# What is known of Python in this R session; filled by the first call that needs it.
session <- new.env(parent = emptyenv())

core_folder <- function() system.file("python", package = "scinno", mustWork = TRUE)

python_needs <- function() readLines(file.path(core_folder(), "requirements.txt"))

python_floor <- function() ">=3.11"

# Sends one request ("fit", "choose_k", "predict", "load", "report" or "defaults") to Python and
# returns its reply (a list) and arrays (numbers, matrices, raw). `counts` is a dgCMatrix of genes x
# cells, `model` raw bytes.
call_python <- function(what, request, counts = NULL, model = NULL, engine = "auto",
                        verbose = TRUE, progress = NULL) {
    check_one_of(engine, c("auto", "inprocess", "process"), "engine")
    engine <- engine_here(engine)
    call_engine <- if (engine == "process") call_process else call_inprocess
    answer <- call_engine(what, request, counts, model, progress)
    if (!is.null(progress)) {
        progress(NULL)
    }
    if (!is.null(answer$reply$error)) {
        scinno_stop(answer$reply$error)
    }
    check_api(answer$reply$api_version)
    for (text in answer$reply$messages$warnings) {
        warning(text, call. = FALSE)
    }
    if (verbose && !silent()) {
        for (text in answer$reply$messages$notes) cli::cli_alert_info("{text}")
    }
    answer
}

check_api <- function(found) {
    if (!identical(as.integer(found), api_version)) {
        scinno_stop(
            "Python has another version of scinno loaded (interface ", found, ", this package ",
            "needs ", api_version, "): restart R, or use engine = \"process\""
        )
    }
}

# In JSON, names are always a list, even a single one, and options an object, even if empty.
as_names <- function(x) if (!is.null(x)) I(x)

as_object <- function(x) if (length(x)) x else stats::setNames(list(), character())

as_json <- function(x) {
    json <- jsonlite::toJSON(
        x, auto_unbox = TRUE, null = "null", digits = NA, json_verbatim = TRUE
    )
    as.character(json)
}

from_json <- function(text) jsonlite::fromJSON(text, simplifyVector = FALSE)

call_inprocess <- function(what, request, counts, model, progress) {
    module <- python_module()
    arrays <- list()
    if (!is.null(counts)) {
        arrays$counts <- counts_for_python(counts)
    }
    if (!is.null(model)) {
        arrays$model <- reticulate::r_to_py(model)
    }
    arrays <- do.call(reticulate::dict, arrays)
    # R would handle an interrupt by a jump over Python's frames, which ends the session. It is held
    # back until the next row of the history.
    answer <- suspendInterrupts({
        given <- module$call(what, as_json(request), arrays, progress_callback(progress))
        if (what %in% c("fit", "choose_k")) {
            interrupted() # clears an interrupt that Python answered with a fit that ended early
        }
        given
    })
    list(reply = from_json(answer$reply), arrays = lapply(answer$arrays, plain_array))
}

# Python calls this with each row of the history, and stops if it returns TRUE.
progress_callback <- function(progress) {
    function(row) interrupted(if (!is.null(progress)) progress(row))
}

# Evaluates `expr` unless an interrupt is pending; returns whether one was or came meanwhile.
interrupted <- function(expr = NULL) {
    tryCatch(
        {
            allowInterrupts({
                Sys.sleep(0) # R checks for interrupts here
                expr
            })
            FALSE
        },
        interrupt = function(e) TRUE
    )
}

# reticulate converts a one-dimensional array to a vector with a dim.
plain_array <- function(x) if (length(dim(x)) == 1L) as.vector(x) else x

python_module <- function() {
    if (is.null(session$module)) {
        python <- python_path()
        session$module <- tryCatch(
            {
                load_torch()
                reticulate::import_from_path("scinno._r.call", path = core_folder(), convert = TRUE)
            },
            error = function(e) {
                scinno_stop(
                    "Python at '", python, "' cannot run scinno (", first_line(e),
                    "): run scinnoDoctor()",
                    class = "scinno_no_python"
                )
            }
        )
    }
    session$module
}

# R loads its BLAS into the global scope, and on Linux torch would bind to those functions instead
# of its own: slower, and with other last digits than in Python alone. Deep binding makes torch use
# its own. For torch only: scikit-learn must share torch's OpenMP, as it does in Python alone.
load_torch <- function() {
    sys <- reticulate::import("sys")
    deepbind <- reticulate::import("os")$RTLD_DEEPBIND
    if (!is.null(deepbind)) {
        flags <- sys$getdlopenflags()
        sys$setdlopenflags(bitwOr(flags, deepbind))
        on.exit(sys$setdlopenflags(flags))
    }
    reticulate::import("torch", convert = FALSE)
}

# Whether another package of this session has already loaded torch, bound to R's BLAS.
torch_already_loaded <- function() {
    reticulate::py_available() && is.null(session$module) &&
        "torch" %in% names(reticulate::import("sys")$modules)
}

first_line <- function(condition) {
    lines <- strsplit(conditionMessage(condition), "\n", fixed = TRUE)[[1L]]
    sub("\\.$", "", lines[nzchar(lines)][1L])
}

# The Python to use, by reticulate's own rules: RETICULATE_PYTHON, the environment of
# installSCINNO(), the user's environments, and only then what py_require() makes.
python_path <- function() {
    if (reticulate::py_available()) {
        return(reticulate::py_config()$python)
    }
    # Used without a check, so that engine = "process" need not start Python in R as well.
    chosen <- Sys.getenv("RETICULATE_PYTHON")
    if (file.exists(chosen) && !dir.exists(chosen)) {
        return(chosen)
    }
    prefer_own_environment()
    config <- tryCatch(
        if (has_py_require()) reticulate::py_config() else reticulate::py_discover_config(),
        error = function(e) NULL
    )
    if (is.null(config$python)) {
        scinno_stop(
            "no Python was found: run installSCINNO(), or set RETICULATE_PYTHON to a Python with ",
            "the required packages, and restart R",
            class = "scinno_no_python"
        )
    }
    config$python
}

has_py_require <- function() utils::packageVersion("reticulate") >= "1.41"

prefer_own_environment <- function() {
    chosen <- Sys.getenv(c("RETICULATE_PYTHON", "RETICULATE_PYTHON_ENV", "VIRTUAL_ENV"))
    if (!any(nzchar(chosen)) && reticulate::virtualenv_exists(own_environment)) {
        reticulate::use_virtualenv(own_environment, required = FALSE)
    }
}

own_environment <- "r-scinno"

# "inprocess" starts faster, but: a second OpenMP runtime ends R on macOS; reticulate before 1.38
# cannot pass arrays to NumPy 2; a torch that was loaded earlier may be bound to R's BLAS; and
# reticulate does not hold Python's lock when R itself runs inside Python (rpy2).
best_engine <- function() {
    if (is.null(session$engine)) {
        clash <- Sys.info()[["sysname"]] == "Darwin" || commandArgs()[1L] == "rpy2" ||
            torch_already_loaded() ||
            (utils::packageVersion("reticulate") < "1.38" && numpy_major(python_path()) >= 2L)
        session$engine <- if (clash) "process" else "inprocess"
    }
    session$engine
}

numpy_major <- function(python) {
    code <- "import numpy; print(numpy.__version__.split('.')[0])"
    out <- processx::run(python, c("-c", code), error_on_status = FALSE)$stdout
    major <- suppressWarnings(as.integer(out))
    if (length(major) && !is.na(major)) major else 0L
}
