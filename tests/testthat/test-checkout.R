# A checkout whose symbolic links are text files, as git makes them on Windows.

test_that("bootstrap.R puts the Python code where a checkout has no link, and else does nothing", {
    root <- normalizePath(file.path("..", ".."))
    # R CMD check runs from the installed package; `make test-r` runs this.
    skip_if_not(file.exists(file.path(root, "bootstrap.R")), "only the source tree has bootstrap.R")
    place <- tempfile("checkout-")
    dir.create(file.path(place, "inst", "python"), recursive = TRUE)
    dir.create(file.path(place, "python", "scinno", "_r"), recursive = TRUE)
    on.exit(unlink(place, recursive = TRUE))
    file.copy(file.path(root, "bootstrap.R"), place)
    file.create(file.path(place, "python", "scinno", c("__init__.py", "_r/call.py")))
    link <- file.path(place, "inst", "python", "scinno")
    writeLines("../../python/scinno", link)
    bootstrap <- function() {
        processx::run(file.path(R.home("bin"), "Rscript"), "bootstrap.R", wd = place)
    }
    expect_scinno_error(check_core(dirname(link)), "run Rscript bootstrap.R")
    bootstrap()
    expect_setequal(list.files(link, recursive = TRUE), c("__init__.py", "_r/call.py"))
    expect_null(check_core(dirname(link)))
    file.create(file.path(place, "python", "scinno", "later.py"))
    bootstrap()
    expect_false(file.exists(file.path(link, "later.py")))
    # All other links of the tree are none that the package is built from.
    expect_identical(Sys.readlink(file.path(root, "inst", "python", "scinno")), "../../python/scinno")
})

test_that("builders of packages are told to run it, and it is not part of the package", {
    about <- file.path("..", "..", "DESCRIPTION")
    skip_if_not(file.exists(about), "only the source tree has DESCRIPTION")
    expect_identical(unname(read.dcf(about)[, "Config/build/bootstrap"]), "TRUE")
    expect_true("^bootstrap\\.R$" %in% readLines(file.path("..", "..", ".Rbuildignore")))
})
