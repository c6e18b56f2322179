#' Create a permanent Python environment
#'
#' With reticulate 1.41 or newer nothing needs to be installed by hand: reticulate creates an
#' environment when Python is first needed. `installSCINNO()` creates a permanent one instead, a
#' virtual environment named `r-scinno`, which scinno uses unless `RETICULATE_PYTHON` or an active
#' environment selects another.
#'
#' @param torch `"default"` installs pip's default build (with CUDA on Linux), `"cpu"` or `"cuda"`
#'   the build at `index`.
#' @param index Address of the wheels of a CPU or CUDA build, from PyTorch's installation page
#'   (`pip install --index-url`).
#' @param python Python 3.11 or newer that creates the environment; by default the one that
#'   reticulate finds.
#' @param envname Name or path of the virtual environment.
#' @param dry_run Whether to return the commands without running them.
#' @return The commands, one per element, invisibly unless `dry_run`.
#' @examples
#' installSCINNO(python = "python3", dry_run = TRUE)
#' @export
installSCINNO <- function(torch = "default", index = NULL, python = NULL,
                          envname = "r-scinno", dry_run = FALSE) {
    check_one_of(torch, c("default", "cpu", "cuda"), "torch")
    check_name(envname, "envname")
    check_flag(dry_run, "dry_run")
    if (torch != "default" && !is_name(index)) {
        scinno_stop(
            "torch = \"", torch, "\" requires index: the address of that build on PyTorch's ",
            "installation page"
        )
    }
    folder <- if (grepl("[/\\\\]", envname)) envname else file.path(environments_folder(), envname)
    windows <- .Platform$OS.type == "windows"
    own <- file.path(folder, if (windows) "Scripts/python.exe" else "bin/python")
    needs <- python_needs()
    is_torch <- startsWith(needs, "torch")
    pip <- c("-m", "pip", "install")
    steps <- list(
        c(python %||% python_to_start_from(), "-m", "venv", folder),
        c(own, pip, "--upgrade", "pip"),
        # torch first, so that the other packages do not install another build of it.
        c(own, pip, if (!is.null(index)) c("--index-url", index), needs[is_torch]),
        c(own, pip, needs[!is_torch])
    )
    commands <- vapply(steps, function(step) paste(shQuote(step), collapse = " "), "")
    if (dry_run) {
        return(commands)
    }
    for (step in steps) run_step(step)
    cli::cli_alert_success("Python environment at {.path {folder}}: restart R to use it")
    invisible(commands)
}

run_step <- function(step) {
    status <- processx::run(step[1L], step[-1L], echo = TRUE, error_on_status = FALSE)$status
    if (status != 0L) {
        command <- paste(shQuote(step), collapse = " ")
        scinno_stop("a command failed, with the output above: ", command)
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
