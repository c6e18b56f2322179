# Fits in several processes of R at once give the fit of this one.

counts <- example_counts()

test_that("forks give the same fit, by Python in a process of its own, and refuse any other", {
    needs_python()
    skip_on_os("windows") # has no forks
    expected <- quick_matrix_fit() # Python is loaded in the parent
    fits <- parallel::mclapply(1:2, function(seed) run_quick(counts), mc.cores = 2)
    for (fit in fits) expect_same_fit(fit, expected)
    refused <- parallel::mccollect(parallel::mcparallel(
        tryCatch(run_quick(counts, engine = "inprocess"), error = identity)
    ))[[1L]]
    expect_scinno_error(stop(refused), "cannot be used in a fork of R")
})

test_that("sessions of the package future give the same fit", {
    needs_python()
    needs_packages("future")
    old <- future::plan(future::multisession, workers = 2)
    on.exit(future::plan(old))
    settings <- quick
    libraries <- .libPaths()
    made <- future::value(future::future(
        {
            .libPaths(libraries)
            do.call(scinno::RunSCINNO, c(list(counts), settings, verbose = FALSE))
        },
        seed = TRUE, packages = character(), globals = c("counts", "settings", "libraries")
    ))
    expect_same_fit(made, quick_matrix_fit())
})
