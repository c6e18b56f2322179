# The interface to Python: errors, warnings, start, memory.

counts <- example_counts()

test_that("Python's errors arrive as one sentence, by both engines", {
    needs_python()
    for (engine in c("inprocess", "process")) {
        error <- tryCatch(
            RunSCINNO(counts, n_clusters = 500, engine = engine, verbose = FALSE),
            error = identity
        )
        expect_s3_class(error, "scinno_error")
        expect_match(conditionMessage(error), "500 is more than the 120 cells", fixed = TRUE)
        expect_false(grepl("Traceback|\n", conditionMessage(error)))
    }
})

test_that("Python's warnings arrive as warnings, its notes as messages", {
    needs_python()
    for (engine in c("inprocess", "process")) {
        expect_warning(run_quick(counts / 2, engine = engine), "taken as log-normalized")
    }
    expect_message(run_quick(counts, verbose = TRUE), "taken as counts")
    expect_silent(run_quick(counts))
    withr_knitr <- options(knitr.in.progress = TRUE)
    on.exit(options(withr_knitr))
    expect_silent(run_quick(counts, verbose = TRUE))
})

test_that("cells in rows are noticed", {
    needs_python()
    flipped <- Matrix::t(counts)
    barcodes <- vapply(
        seq_len(ncol(counts)), function(i) paste0(c("A", "C", "G", "T")[1 + bitwAnd(
            bitwShiftR(i, 2 * (0:7)), 3
        )], collapse = ""), ""
    )
    rownames(flipped) <- paste0(barcodes, "-1")
    expect_scinno_error(RunSCINNO(flipped, verbose = FALSE), "pass t(object)")
})

test_that("library(scinno) does not start Python", {
    out <- in_new_session(quote({
        library(scinno)
        print(readRDS(system.file("extdata", "example_fit.rds", package = "scinno")))
        try(RunSCINNO("a"))
        cat("started:", reticulate::py_available())
    }))
    expect_match(out$stdout, "started: FALSE", fixed = TRUE)
})

test_that("where reticulate has py_require(), all requirements are declared", {
    skip_if_not(has_py_require(), "reticulate before 1.41; the modern R world runs this")
    out <- in_new_session(quote({
        library(scinno)
        needs <- reticulate::py_require()
        cat("packages:", needs$packages, "\npython:", needs$python_version, "\n")
        cat("started:", reticulate::py_available())
    }), env = c(RETICULATE_PYTHON = "managed"))
    for (need in python_needs()) expect_match(out$stdout, need, fixed = TRUE)
    expect_match(out$stdout, "python: >=3.11", fixed = TRUE)
    expect_match(out$stdout, "started: FALSE", fixed = TRUE)
})

test_that("a Python core of another version is refused", {
    expect_silent(check_api(api_version))
    expect_scinno_error(
        check_api(99), "another version of scinno loaded (interface 99, this package needs 2)"
    )
})

test_that("a Python without the required packages gives an error with the remedy", {
    empty <- Sys.which("python3")
    skip_if(!nzchar(empty), "there is no python3 besides the one in use")
    folder <- tempfile("venv")
    processx::run(empty, c("-m", "venv", "--without-pip", folder), error_on_status = FALSE)
    skip_if(!file.exists(file.path(folder, "bin", "python")), "python3 cannot make a venv")
    python <- file.path(folder, "bin", "python")
    out <- in_new_session(quote({
        library(scinno)
        counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
        show <- function(e) cat(class(e)[1:2], conditionMessage(e), "\n")
        tryCatch(RunSCINNO(counts, engine = "process"), error = show)
        tryCatch(RunSCINNO(counts, engine = "inprocess"), error = show)
        cat("ready:", scinnoReady(), "\n")
        scinnoDoctor()
    }), env = c(RETICULATE_PYTHON = python))
    expect_match(out$stdout, "scinno_no_python scinno_error Python at", fixed = TRUE)
    expect_match(out$stdout, "No module named '[a-z]+'\\): run scinnoDoctor\\(\\)")
    expect_match(out$stdout, "ready: FALSE", fixed = TRUE)
    expect_match(out$stdout, "torch (missing, required 2", fixed = TRUE)
    # One call that repairs it, not a line per package.
    expect_match(out$stdout, "run installSCINNO(), unset RETICULATE_PYTHON", fixed = TRUE)
    expect_identical(lengths(regmatches(out$stdout, gregexpr("Problem: ", out$stdout))), 1L)
})

test_that("a Python without its shared library runs beside R", {
    skip_on_os("windows")
    real <- python_path()
    expect_true(has_shared_library(real))
    python <- tempfile("python")
    writeLines(c(
        "#!/bin/sh",
        paste0("exec '", real, "' -c \"import sys, sysconfig"),
        "sysconfig.get_config_vars().update(LIBDIR='/nowhere', LIBPL='/nowhere')",
        "sys.base_prefix = '/nowhere'; exec(sys.argv[1])\" \"$2\""
    ), python)
    Sys.chmod(python)
    expect_false(has_shared_library(python))
    if (Sys.info()[["sysname"]] == "Linux") { # on macOS there is another reason before
        expect_match(why_process(python), "its Python has no shared library")
        expect_null(why_process(real))
    }
})

test_that("scinnoDoctor finds nothing wrong with the Python of the tests", {
    needs_python()
    text <- capture.output(found <- scinnoDoctor())
    expect_length(found$problems, 0)
    expect_match(text, "torch build: ", all = FALSE)
    expect_identical(text[length(text)], "No problems found.")
    # Names and versions of packages stand in columns.
    expect_match(text, "^  scikit-network +[0-9.]+ \\(requires ", all = FALSE)
})

test_that("the doctor's last line is what to type", {
    usual <- Sys.getenv("RETICULATE_PYTHON", NA)
    on.exit(if (!is.na(usual)) Sys.setenv(RETICULATE_PYTHON = usual))
    Sys.unsetenv("RETICULATE_PYTHON")
    expect_identical(last_line("torch is missing"), "To repair it type: installSCINNO()")
    out <- in_new_session(
        quote({ library(scinno); scinnoDoctor() }), env = c(RETICULATE_PYTHON = "/nonexistent")
    )
    printed <- strsplit(trimws(out$stdout), "\n")[[1]]
    line <- printed[length(printed)]
    expect_identical(
        line, "To repair it type: Sys.unsetenv(\"RETICULATE_PYTHON\"); installSCINNO()"
    )
})

test_that("problems are named with their repair", {
    report <- list(
        python = "3.9.1", openmp = list(),
        packages = list(list(name = "torch", floor = "2.2", version = "1.9", good = FALSE)),
        torch = list(error = "no torch")
    )
    problems <- problems_of(report, "py")
    expect_match(problems[1], "Python 3.9.1 is older than 3.11: run installSCINNO()", fixed = TRUE)
    expect_match(problems[2], "torch (1.9, required 2.2): run installSCINNO()", fixed = TRUE)
    report$environment <- TRUE
    expect_match(
        problems_of(report, "py")[2], "run 'py -m pip install \"torch>=2.2\"' or installSCINNO()",
        fixed = TRUE
    )
    expect_match(problems_of(NULL, "py"), "'py' does not run")
})

test_that("installSCINNO names its commands", {
    steps <- installSCINNO("default", python = "py", envname = "/env", dry_run = TRUE)
    expect_match(steps[1], "'py' '-m' 'venv' '/env'", fixed = TRUE)
    expect_match(steps[3], "'torch>=", fixed = TRUE)
    expect_no_match <- function(text, part) expect_false(grepl(part, text, fixed = TRUE))
    expect_no_match(steps[4], "'torch>=")
    gpu <- installSCINNO("cuda", index = "where", python = "py", dry_run = TRUE)
    expect_match(gpu[3], "'--index-url' 'where' 'torch>=", fixed = TRUE)
    expect_scinno_error(installSCINNO("cuda", dry_run = TRUE), "requires index")
    expect_scinno_error(installSCINNO("tpu"), "torch must be 'auto', 'default', 'cpu'")
})

test_that("the call that starts Python says so, others do not", {
    usual <- session$module
    on.exit(session$module <- usual)
    session$module <- NULL
    expect_message(announce_start("inprocess", TRUE), "Starting Python: some seconds, once")
    expect_message(announce_start("process", TRUE), "Starting Python beside R")
    expect_silent(announce_start("process", FALSE))
    session$module <- "loaded"
    expect_silent(announce_start("inprocess", TRUE))
})

test_that("the doctor says why Python runs beside R", {
    usual <- session$engine
    on.exit(session$engine <- usual)
    needs_python()
    session$engine <- list(engine = "process", why = "a reason")
    local <- examine()
    expect_identical(c(local$engine, local$why_engine), c("process", "a reason"))
})

test_that("missing packages are named with the command that installs them", {
    expect_scinno_error(need_package("notThere"), "run BiocManager::install(\"notThere\")")
})
