# One call to Python. reticulate is used here, in find-python.R, install.R, interrupt.R and
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
    # Both engines ask for interrupts between rows of the history. At any other place R would leave
    # Python, or packages that it is loading, in a state that a later call cannot use.
    answer <- suspendInterrupts({
        engine <- engine_here(engine)
        announce_start(engine, verbose)
        call_engine <- if (engine == "process") call_process else call_inprocess
        call_engine(what, request, counts, model, progress)
    })
    if (!is.null(progress)) {
        progress(NULL)
    }
    if (isTRUE(answer$reply$interrupted)) {
        interrupted_stop()
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

# Seconds would pass in silence. Python starts once, or with each call of engine = "process".
announce_start <- function(engine, verbose) {
    if (!verbose || silent()) {
        return(invisible())
    }
    if (engine == "process") {
        cli::cli_alert_info("Starting Python beside R: some seconds")
    } else if (is.null(session$module)) {
        cli::cli_alert_info("Starting Python: some seconds, once in a session")
    }
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
    # An interrupt that R handles by a jump over Python's frames ends the session.
    answer <- tryCatch(
        {
            arrays <- list()
            if (!is.null(counts)) {
                arrays$counts <- counts_for_python(counts)
            }
            if (!is.null(model)) {
                arrays$model <- reticulate::r_to_py(model)
            }
            arrays <- do.call(reticulate::dict, arrays)
            module$call(what, as_json(request), arrays, progress_callback(progress))
        },
        error = function(e) if (is_interrupt(e)) interrupted_stop() else stop(e)
    )
    if (what %in% c("fit", "choose_k")) {
        interrupted() # clears an interrupt that Python answered with a fit that ended early
    }
    list(reply = from_json(answer$reply), arrays = lapply(answer$arrays, plain_array))
}

# reticulate converts a one-dimensional array to a vector with a dim.
plain_array <- function(x) if (length(dim(x)) == 1L) as.vector(x) else x

python_module <- function() {
    if (is.null(session$module)) {
        python <- python_path()
        session$module <- tryCatch(
            with_signal_held({
                load_torch()
                reticulate::import_from_path("scinno._r.call", path = core_folder(), convert = TRUE)
            }),
            error = function(e) {
                if (is_interrupt(e)) interrupted_stop()
                scinno_stop(
                    "Python at '", python, "' cannot run scinno (", one_line(e),
                    "): run scinnoDoctor()",
                    class = "scinno_no_python"
                )
            }
        )
        if (interrupt_came()) {
            interrupted_stop()
        }
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
