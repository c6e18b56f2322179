# Which Python is found, why none is, and the environment that installSCINNO() makes.

# A session of its own, with the folders of R before those of a Python.
in_r <- function(code, ...) in_new_session(code, env = c(...))

test_that("what is wrong with the chosen Python is said, not that there is none", {
    out <- in_r(quote({
        library(scinno)
        show <- function(e) cat(conditionMessage(e), "\n")
        tryCatch(scinno:::python_path(), error = show)
        Sys.setenv(RETICULATE_PYTHON = "/bin/false")
        tryCatch(scinno:::python_path(), error = show)
    }), RETICULATE_PYTHON = "/nonexistent/python")
    expect_match(out$stdout, "RETICULATE_PYTHON is '/nonexistent/python', which does not exist")
    expect_match(out$stdout, "RETICULATE_PYTHON is '/bin/false', which does not run (status 1)",
        fixed = TRUE
    )
    expect_match(out$stdout, "run installSCINNO()", fixed = TRUE)
})

test_that("reticulate's own reason is passed on, and asked for once", {
    out <- in_r(quote({
        library(scinno)
        tries <- 0
        search <- function(...) {
            tries <<- tries + 1
            stop("uv has no network\nand more")
        }
        assignInNamespace("py_discover_config", search, "reticulate")
        for (i in 1:2) {
            tryCatch(scinno:::python_path(), error = function(e) cat(conditionMessage(e), "\n"))
        }
        cat("tries:", tries, "\n")
    }), RETICULATE_PYTHON = "")
    expect_match(out$stdout, "no Python was found (reticulate: uv has no network): ", fixed = TRUE)
    expect_match(out$stdout, "tries: 1 ", fixed = TRUE)
})

test_that("a Python is started without the library folders that R puts first", {
    usual <- Sys.getenv("LD_LIBRARY_PATH")
    on.exit(Sys.setenv(LD_LIBRARY_PATH = usual))
    mine <- "/opt/cuda/lib64"
    Sys.setenv(LD_LIBRARY_PATH = paste(
        file.path(R.home(), "lib"), "/usr/lib/x86_64-linux-gnu", mine, sep = ":"
    ))
    expect_identical(python_environment()[["LD_LIBRARY_PATH"]], mine)
    skip_on_os("windows")
    out <- run_process("sh", c("-c", "echo \"<$LD_LIBRARY_PATH>\""))
    expect_identical(trimws(out$stdout), paste0("<", mine, ">"))
})

test_that("the build of torch follows the machine, and is said first", {
    local_mocked <- function(nvidia, linux) {
        session$has_nvidia <- nvidia
        on.exit(session$has_nvidia <- NULL)
        installSCINNO(python = "py", dry_run = TRUE)
    }
    skip_if_not(cuda_by_default(), "elsewhere pip's build of torch is for CPUs")
    expect_match(local_mocked(FALSE), cpu_index, fixed = TRUE, all = FALSE)
    expect_false(any(grepl("index-url", local_mocked(TRUE))))
    expect_match(install_plan("default", "/env"), "CUDA, about 6.2 GB", fixed = TRUE)
    expect_match(install_plan("cpu", "/env"), "for CPUs.*about [0-9.]+ GB")
})

test_that("all packages may come from a folder of wheels", {
    steps <- installSCINNO(index = tempdir(), python = "py", envname = "/env", dry_run = TRUE)
    expect_length(steps, 3)
    expect_true(all(grepl("--no-index['\"] ['\"]--find-links", steps[2:3])))
})

test_that("a Python that cannot make an environment is refused before anything is made", {
    folder <- tempfile("env")
    expect_scinno_error(
        installSCINNO(python = "/nonexistent", envname = folder),
        "python is '/nonexistent', which does not exist: give the path"
    )
    expect_false(file.exists(folder))
})

test_that("an environment of another name is used at once, and the line for later is printed", {
    skip_on_os("windows")
    needs_python() # one that reticulate can load
    python <- python_path()
    out <- in_r(bquote({
        Sys.unsetenv("RETICULATE_PYTHON")
        library(scinno)
        folder <- file.path(tempfile(), "foo")
        dir.create(file.path(folder, "bin"), recursive = TRUE)
        file.symlink(.(python), file.path(folder, "bin", "python"))
        scinno:::announce(folder, "foo")
        cat("used:", startsWith(scinno:::python_path(), normalizePath(folder)), "\n")
    }))
    expect_match(out$stdout, "RETICULATE_PYTHON=/.*/foo/bin/python")
    expect_match(gsub("\\s+", " ", out$stdout), "write this line to ~/.Renviron", fixed = TRUE)
    expect_match(out$stdout, "used: TRUE", fixed = TRUE)
})

test_that("an environment that was not finished is removed", {
    python <- python_to_start_from()
    skip_if_not(is.null(why_not(python, c("venv", "ensurepip", "ssl"))), "no Python with venv")
    folder <- tempfile("env")
    empty <- tempfile("wheels")
    dir.create(empty)
    suppressMessages(capture.output(expect_scinno_error(
        installSCINNO(index = empty, python = python, envname = folder),
        "the unfinished environment was removed"
    )))
    expect_false(file.exists(folder))
})
