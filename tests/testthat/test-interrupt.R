# A signal to a running R session, as Ctrl-C sends it.

start_session <- function(engine) {
    script <- tempfile(fileext = ".R")
    code <- bquote({
        .libPaths(.(.libPaths()))
        library(scinno)
        counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
        options(warn = 1)
        answer <- tryCatch(
            RunSCINNO(
                counts, 3,
                pretrain_epochs = 100000, joint_epochs = 1, engine = .(engine), verbose = TRUE
            ),
            error = identity, interrupt = identity
        )
        cat("\nclass:", class(answer)[1], "\n")
        if (inherits(answer, "error")) cat(conditionMessage(answer), "\n")
        if (inherits(answer, "scinno_fit")) cat("cells:", length(answer$labels), "\n")
    })
    writeLines(deparse(code), script)
    processx::process$new(
        file.path(R.home("bin"), "Rscript"), c("--vanilla", script),
        stdout = "|", stderr = "2>&1",
        env = c("current", R_CLI_DYNAMIC = "true", R_PROGRESSR_ENABLE = "true")
    )
}

# Reads until `pattern` has appeared in the output or time is up; gives all the output.
output_until <- function(process, pattern, seconds) {
    text <- ""
    end <- Sys.time() + seconds
    while (!grepl(pattern, text) && Sys.time() < end) {
        process$poll_io(200)
        text <- paste0(text, process$read_output())
        if (!process$is_alive() && !process$is_incomplete_output()) break
    }
    text
}

for (engine in c("inprocess", "process")) {
    test_that(paste("an interrupt ends training with the clusters found so far:", engine), {
        needs_python()
        r <- start_session(engine)
        on.exit(r$kill())
        shown <- output_until(r, "loss", 90)
        expect_match(shown, "pretrain, loss")
        r$interrupt()
        rest <- output_until(r, "cells: [0-9]+", 60)
        expect_match(rest, "Warning: interrupted after [0-9]+ of 100001 epochs")
        expect_match(rest, "class: scinno_fit")
        expect_match(rest, "cells: 120")
    })
}

test_that("Python ends when R does", {
    needs_python()
    skip_if_not(file.exists("/proc/self/cmdline"), "only Linux lists processes this way")
    r <- start_session("process")
    on.exit(r$kill())
    output_until(r, "loss", 90)
    n_running <- function() {
        lines <- vapply(
            Sys.glob("/proc/[0-9]*/cmdline"),
            function(file) tryCatch(
                paste(suppressWarnings(readLines(file, skipNul = TRUE)), collapse = " "),
                error = function(e) ""
            ), ""
        )
        sum(grepl("-m *scinno._r", lines))
    }
    running <- n_running()
    expect_gte(running, 1)
    # SIGKILL: R cannot run any code of its own.
    tools::pskill(r$get_pid(), tools::SIGKILL)
    for (wait in 1:50) {
        if (n_running() < running) break
        Sys.sleep(0.2)
    }
    expect_lt(n_running(), running)
})

# A session that gets an interrupt `seconds` after its first call began, and calls twice more.
interrupted_start <- function(engine, seconds) {
    code <- bquote({
        library(scinno)
        counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
        fit <- function() {
            tryCatch(
                RunSCINNO(
                    counts, 3,
                    pretrain_epochs = 1, joint_epochs = 1, steps_per_epoch = 2,
                    engine = .(engine), verbose = FALSE
                ),
                error = identity, interrupt = identity
            )
        }
        signal <- sprintf("sleep %g && kill -INT %d", .(seconds), Sys.getpid())
        system(signal, wait = FALSE)
        first <- fit()
        cat("first:", class(first)[1], if (inherits(first, "error")) conditionMessage(first), "\n")
        for (i in 1:2) {
            fitted <- tryCatch(fit(), interrupt = identity)
            cat("next:", class(fitted)[1], "\n")
        }
        cat("ended\n")
    })
    in_new_session(code)
}

for (engine in c("inprocess", "process")) {
    test_that(paste("an interrupt while Python loads leaves a session that works:", engine), {
        needs_python()
        skip_on_os("windows") # no kill -INT
        for (seconds in c(0.3, 0.7, 1, 1.5, 2.5)) {
            out <- interrupted_start(engine, seconds)
            text <- paste(out$stdout, "after", seconds, "s")
            expect_match(text, "next: scinno_fit \nnext: scinno_fit \nended")
            expect_identical(out$status, 0L, label = text)
            # On a fast machine a late one falls into training, which then ends early.
            expect_match(
                text,
                paste0(
                    "first: (scinno_interrupted interrupted before there were clusters|scinno_fit)"
                )
            )
        }
    })
}
