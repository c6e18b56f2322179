# One version of both packages.

test_that("the R package and its Python core have the same version", {
    lines <- readLines(file.path(core_folder(), "scinno", "_version.py"))
    line <- grep("^__version__ *=", lines, value = TRUE)
    expect_length(line, 1)
    python <- sub("^__version__ *= *\"(.*)\"$", "\\1", line)
    expect_identical(python, as.character(utils::packageVersion("scinno")))
})

test_that("the R package and its Python core have the same interface", {
    lines <- readLines(file.path(core_folder(), "scinno", "_version.py"))
    line <- grep("^API_VERSION *=", lines, value = TRUE)
    expect_identical(line, paste("API_VERSION =", api_version))
})
