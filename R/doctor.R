#' Check the Python installation
#'
#' Prints which Python is used and why, versions of packages and the required versions, the build
#' of torch, CUDA devices and OpenMP runtimes, for each problem what repairs it, and last what to
#' type.
#' Python is examined in a process of its own, so that even a broken one cannot harm this session.
#'
#' @return `scinnoDoctor()` returns its findings as a list, invisibly; the element `problems` is
#'   empty if there are none. `scinnoReady()` is `TRUE` if Python can run scinno; it prints nothing.
#' @examples
#' scinnoDoctor()
#' scinnoReady()
#' @export
scinnoDoctor <- function() {
    forget_python() # what was wrong may have been repaired since
    found <- examine()
    lines <- c(
        paste0("R ", getRversion(), ", reticulate ", utils::packageVersion("reticulate")),
        paste0("Python: ", found$python, " (", found$why, ")"),
        if (!is.null(found$report)) report_lines(found$report),
        paste0("Engine: ", found$engine, if (!is.null(found$why_engine)) {
            paste0(" (", found$why_engine, ")")
        })
    )
    cat(lines, sep = "\n")
    for (problem in found$problems) cat("Problem: ", problem, "\n", sep = "")
    cat(last_line(found$problems), "\n", sep = "")
    invisible(found)
}

# What to type. RETICULATE_PYTHON, also an empty one, would hide what installSCINNO() makes.
last_line <- function(problems) {
    if (!length(problems)) {
        return("No problems found.")
    }
    selected <- !is.na(Sys.getenv("RETICULATE_PYTHON", NA))
    paste0(
        "To repair it type: ", if (selected) "Sys.unsetenv(\"RETICULATE_PYTHON\"); ",
        "installSCINNO()"
    )
}

#' @rdname scinnoDoctor
#' @export
scinnoReady <- function() {
    if (is.null(session$ready)) {
        session$ready <- !length(examine()$problems)
    }
    session$ready
}

examine <- function() {
    python <- tryCatch(python_path(), scinno_error = function(e) e)
    if (inherits(python, "error")) {
        return(list(
            python = "none", why = "reticulate found no Python", engine = "none",
            problems = conditionMessage(python)
        ))
    }
    found <- list(python = python, why = why_this_python(python))
    found$report <- report_of(python)
    found$problems <- problems_of(found$report, python)
    found$engine <- if (length(found$problems)) "none" else best_engine()
    found$why_engine <- if (!length(found$problems)) engine_choice()$why
    found
}

report_of <- function(python) {
    script <- file.path(core_folder(), c("doctor.py", "requirements.txt"))
    out <- tryCatch(
        run_process(python, script)$stdout,
        error = function(e) ""
    )
    tryCatch(from_json(out), error = function(e) NULL)
}

why_this_python <- function(python) {
    within <- function(name) {
        home <- Sys.getenv(name)
        nzchar(home) && startsWith(python, sub("/+$", "", home))
    }
    for (name in c("RETICULATE_PYTHON", "RETICULATE_PYTHON_ENV", "VIRTUAL_ENV", "CONDA_PREFIX")) {
        if (within(name)) {
            return(paste("set by", name))
        }
    }
    if (grepl(own_environment, python, fixed = TRUE)) {
        "made by installSCINNO()"
    } else if (startsWith(python, getwd())) {
        "an environment in the working directory"
    } else if (has_py_require() && grepl("uv", python, fixed = TRUE)) {
        "made for py_require()"
    } else {
        "reticulate's choice"
    }
}

problems_of <- function(report, python) {
    if (is.null(report)) {
        return(paste0("'", python, "' does not run: ", repair_environment()))
    }
    floor <- sub(">=", "", python_floor(), fixed = TRUE)
    c(
        if (numeric_version(report$python) < floor) {
            paste0("Python ", report$python, " is older than ", floor, ": ", repair_environment())
        },
        wrong_packages(report, python),
        if (!is.null(report$torch$error) && good_packages(report)[package_names(report) == "torch"]) {
            paste0("torch does not load (", report$torch$error, "): ", repair_environment())
        }
    )
}

# One sentence, with one call that repairs all of it. pip is for environments: it refuses, or harms,
# the system's Python.
wrong_packages <- function(report, python) {
    wrong <- report$packages[!good_packages(report)]
    if (!length(wrong)) {
        return(NULL)
    }
    named <- vapply(wrong, function(package) {
        version <- if (is.null(package$version)) "missing" else package$version
        paste0(package$name, " (", version, ", required ", package$floor, ")")
    }, "")
    needs <- vapply(wrong, function(package) {
        paste0("\"", package$name, ">=", package$floor, "\"")
    }, "")
    paste0(
        length(wrong), " of ", length(report$packages), " Python packages are missing or too old, ",
        paste(named, collapse = ", "), ": ",
        if (isTRUE(report$environment) && length(wrong) <= 3L) {
            paste0("run '", python, " -m pip install ", paste(needs, collapse = " "), "' or ")
        } else {
            "run "
        },
        "installSCINNO()",
        if (nzchar(Sys.getenv("RETICULATE_PYTHON"))) ", unset RETICULATE_PYTHON, and restart R"
    )
}

good_packages <- function(report) {
    vapply(report$packages, function(package) isTRUE(package$good), TRUE)
}

package_names <- function(report) vapply(report$packages, function(package) package$name, "")

repair_environment <- function() "run installSCINNO(), unset RETICULATE_PYTHON, and restart R"

report_lines <- function(report) {
    width <- max(nchar(package_names(report)))
    packages <- vapply(report$packages, function(package) {
        paste0(
            "  ", format(package$name, width = width), " ",
            if (is.null(package$version)) "missing" else package$version,
            " (requires ", package$floor, ")"
        )
    }, "")
    torch <- report$torch
    c(
        paste0("Python ", report$python, " (requires ", sub(">=", "", python_floor()), ")"),
        packages,
        if (is.null(torch$error)) {
            paste0(
                "torch build: ", torch$build, ", CUDA ",
                if (is.null(torch$cuda_build)) "not built in" else torch$cuda_build, ", ",
                torch$cuda_devices, " CUDA device(s), ", torch$threads, " thread(s)"
            )
        },
        paste0("OpenMP runtimes: ", length(report$openmp), openmp_note(report$openmp)),
        paste0("  ", unlist(report$openmp))
    )
}

openmp_note <- function(runtimes) {
    if (length(runtimes) > 1L && Sys.info()[["sysname"]] == "Darwin") {
        ", which ends R on macOS: use engine = \"process\""
    } else {
        ""
    }
}
