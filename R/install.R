#' Create a permanent Python environment
#'
#' With reticulate 1.41 or newer nothing needs to be installed by hand: reticulate creates an
#' environment when Python is first needed. `installSCINNO()` creates a permanent one instead, a
#' virtual environment named `r-scinno`, which scinno uses unless `RETICULATE_PYTHON` or an active
#' environment selects another. It says first which build of PyTorch it takes and how large that is.
#' If a step fails, what was made is removed.
#'
#' @param torch Build of PyTorch: `"auto"` takes `"cpu"` on Linux without an NVIDIA GPU, whose
#'   default build has gigabytes of CUDA libraries, and `"default"` elsewhere. `"default"` is pip's
#'   own choice, `"cpu"` and `"cuda"` the build at `index`.
#' @param index Address of the wheels of a CPU or CUDA build, from PyTorch's installation page
#'   (`pip install --index-url`); by default PyTorch's own for `"cpu"`. Or a folder of wheels, which
#'   all packages are then installed from, without a network.
#' @param python Python 3.11 or newer that creates the environment; by default the one that
#'   reticulate finds.
#' @param envname Name or path of the virtual environment.
#' @param dry_run Whether to return the commands without running them.
#' @return The commands, one per element, invisibly unless `dry_run`.
#' @examples
#' installSCINNO(python = "python3", dry_run = TRUE)
#' @export
installSCINNO <- function(torch = "auto", index = NULL, python = NULL,
                          envname = "r-scinno", dry_run = FALSE) {
    check_one_of(torch, c("auto", "default", "cpu", "cuda"), "torch")
    check_name(envname, "envname")
    check_flag(dry_run, "dry_run")
    if (!is.null(index)) check_name(index, "index")
    if (torch == "auto") {
        torch <- if (cuda_by_default() && !has_nvidia()) "cpu" else "default"
    }
    if (torch == "cuda" && is.null(index)) {
        scinno_stop(
            "torch = \"cuda\" requires index: the address of that build on PyTorch's ",
            "installation page"
        )
    }
    folder <- if (grepl("[/\\\\]", envname)) envname else file.path(environments_folder(), envname)
    python <- python %||% python_to_start_from()
    steps <- install_steps(python, folder, torch, index)
    commands <- vapply(steps, function(step) paste(shQuote(step), collapse = " "), "")
    if (dry_run) {
        return(commands)
    }
    check_starter(python)
    cli::cli_alert_info("{install_plan(torch, folder)}")
    run_steps(steps, folder)
    announce(folder, envname)
    invisible(commands)
}

cpu_index <- "https://download.pytorch.org/whl/cpu"

install_steps <- function(python, folder, torch, index) {
    own <- python_in(folder)
    needs <- python_needs()
    is_torch <- startsWith(needs, "torch")
    pip <- c("-m", "pip", "install")
    offline <- !is.null(index) && dir.exists(index)
    if (is.null(index) && torch == "cpu") {
        index <- cpu_index
    }
    source <- if (offline) {
        c("--no-index", "--find-links", normalizePath(index))
    } else if (!is.null(index)) {
        c("--index-url", index)
    }
    steps <- list(
        c(python, "-m", "venv", folder),
        if (!offline) c(own, pip, "--upgrade", "pip"),
        # torch first, so that the other packages do not install another build of it.
        c(own, pip, source, needs[is_torch]),
        c(own, pip, if (offline) source, needs[!is_torch])
    )
    steps[lengths(steps) > 0L]
}

python_in <- function(folder) {
    file.path(folder, if (.Platform$OS.type == "windows") "Scripts/python.exe" else "bin/python")
}

# PyPI's build of torch has CUDA on Linux alone.
cuda_by_default <- function() {
    Sys.info()[["sysname"]] == "Linux" && R.version$arch == "x86_64"
}

has_nvidia <- function() {
    if (is.null(session$has_nvidia)) session$has_nvidia <- looks_like_nvidia()
    session$has_nvidia
}

looks_like_nvidia <- function() {
    if (file.exists("/proc/driver/nvidia/version")) {
        return(TRUE)
    }
    tool <- Sys.which("nvidia-smi")
    nzchar(tool) && tryCatch(run_process(tool, "-L")$status == 0L, error = function(e) FALSE)
}

# Sizes on disk, measured on Linux.
install_plan <- function(torch, folder) {
    with_cuda <- torch == "cuda" || (torch == "default" && cuda_by_default())
    what <- if (with_cuda) {
        paste(
            "PyTorch with CUDA, about 6.2 GB on disk, some minutes",
            "(torch = \"cpu\" takes the small build)"
        )
    } else {
        why <- if (torch == "cpu" && !has_nvidia()) " (there is no NVIDIA GPU)" else ""
        paste0("PyTorch for CPUs", why, ", about 1.8 GB on disk, some minutes")
    }
    paste0("Python environment ", folder, ": ", what)
}

check_starter <- function(python) {
    reason <- why_not(python, c("venv", "ensurepip", "ssl"))
    if (!is.null(reason)) {
        scinno_stop(
            "python is '", python, "', ", reason, ": give the path of a Python 3.11 or newer ",
            "that can make environments (on Debian: apt install python3-venv)",
            class = "scinno_no_python"
        )
    }
}

# A folder that was there before is not removed.
run_steps <- function(steps, folder) {
    new <- !dir.exists(folder)
    done <- FALSE
    on.exit(if (new && !done) unlink(folder, recursive = TRUE))
    for (at in seq_along(steps)) {
        cli::cli_alert_info("Step {at} of {length(steps)}")
        run_step(steps[[at]], new)
    }
    done <- TRUE
}

run_step <- function(step, new) {
    status <- run_process(step[1L], step[-1L], echo = TRUE)$status
    if (status != 0L) {
        command <- paste(shQuote(step), collapse = " ")
        scinno_stop(
            "a command failed, with the output above",
            if (new) ", and the unfinished environment was removed", ": ", command,
            if (cpu_index %in% step) {
                paste0(
                    " (where that address cannot be reached: index = another one or a folder of ",
                    "wheels, or torch = \"default\")"
                )
            }
        )
    }
}

# What is to be done to use it, now and later.
announce <- function(folder, envname) {
    forget_python()
    # Of the folder alone: the Python in it is a link to the one that made it.
    own <- python_in(normalizePath(folder))
    cli::cli_alert_success("Python environment at {.path {folder}}")
    if (envname != own_environment) {
        line <- paste0("RETICULATE_PYTHON=", own)
        cli::cli_alert_info("To use it, write this line to ~/.Renviron: {line}")
    }
    if (reticulate::py_available()) {
        cli::cli_alert_info("Python already runs in this session: restart R")
    } else if (envname != own_environment) {
        reticulate::use_python(own, required = TRUE)
    }
}

environments_folder <- function() path.expand(reticulate::virtualenv_root())

python_to_start_from <- function() {
    starter <- if (exists("virtualenv_starter", asNamespace("reticulate"))) {
        getExportedValue("reticulate", "virtualenv_starter")(python_floor())
    }
    found <- c(starter, Sys.which(c("python3", "python")))
    found <- found[nzchar(found)]
    if (!length(found)) {
        scinno_stop(
            "no Python was found to create the environment: install Python 3.11 or newer and ",
            "give its path as python",
            class = "scinno_no_python"
        )
    }
    found[[1L]]
}

`%||%` <- function(x, y) if (is.null(x)) y else x
