# Defaults are written once, in Python; the manual page is generated from them.

page_items <- function() {
    page <- file.path("..", "..", "man", "scinno_settings.Rd")
    lines <- if (file.exists(page)) {
        readLines(page)
    } else {
        rd <- utils::help("scinno_settings", package = "scinno")
        capture.output(print(utils:::.getHelpFile(rd)))
    }
    items <- grep("\\\\item +\\\\code\\{", lines, value = TRUE)
    pattern <- "^.*\\\\item +\\\\code\\{([a-z_]+)\\} \\((.*), \\\\code\\{(.*)\\}\\): .*$"
    data.frame(
        name = sub(pattern, "\\1", items), type = sub(pattern, "\\2", items),
        default = sub(pattern, "\\3", items)
    )
}

test_that("every documented argument exists and equals its Python default", {
    needs_python()
    items <- page_items()
    settings <- scinnoDefaults()
    expect_gt(nrow(items), 30)
    expect_identical(items$name, rownames(settings))
    expect_identical(items$default, vapply(settings$default, default_text, ""))
})

test_that("the manual page has Python's texts", {
    needs_python()
    page <- file.path("..", "..", "man", "scinno_settings.Rd")
    # R CMD check runs from the installed package, which has no man/; `make test-r` runs this.
    skip_if_not(file.exists(page), "only the source tree has man/")
    items <- grep("^\\\\item ", readLines(page, encoding = "UTF-8"), value = TRUE)
    plain <- function(text) gsub("\\\\(code|verb)|[\\\\{}`]", "", text)
    texts <- sub("^.*?\\}\\): ", "", items, perl = TRUE)
    expect_identical(plain(texts), plain(scinnoDefaults()$about))
})

test_that("both engines and presets give the defaults", {
    needs_python()
    expect_identical(scinnoDefaults(engine = "process"), scinnoDefaults(engine = "inprocess"))
    paper <- scinnoDefaults("paper")
    expect_identical(paper["preset", "default"][[1]], "paper")
    expect_identical(paper["batch_size", "default"][[1]], 128L)
    expect_scinno_error(scinnoDefaults("best"), "preset must be 'default' or 'paper'")
})

test_that("Python needs are those of the Python package", {
    project <- file.path("..", "..", "pyproject.toml")
    skip_if_not(file.exists(project), "only the source tree has pyproject.toml")
    lines <- trimws(readLines(project))
    for (need in python_needs()) {
        expect_true(paste0("\"", need, "\",") %in% lines, label = need)
    }
})

test_that("whole numbers pass in either form, and wrong ones are refused", {
    needs_python()
    counts <- example_counts()
    expect_same_fit(run_quick(counts, n_anchors = 20), run_quick(counts, n_anchors = 20L))
    expect_scinno_error(run_quick(counts, n_anchors = 20.5), "n_anchors must be a whole number, got 20.5")
    expect_scinno_error(run_quick(counts, scale = 1), "scale must be TRUE or FALSE")
    expect_scinno_error(run_quick(counts, temperature = -1), "temperature must be above 0")
})

test_that("numbers reach Python without losing a digit", {
    needs_python()
    third <- run_quick(example_counts(), temperature = 1 / 3, engine = "process")
    expect_identical(third$settings$temperature, 1 / 3)
})

test_that("unknown arguments get a suggestion, from R's names too", {
    needs_python()
    counts <- example_counts()
    expect_scinno_error(run_quick(counts, n_genez = 3), "did you mean 'n_genes'?")
    expect_scinno_error(run_quick(counts, devise = "cpu"), "did you mean 'device'?")
    expect_scinno_error(run_quick(counts, feature = "a"), "did you mean 'features'?")
    expect_scinno_error(run_quick(counts, qqqq = 1), "scinnoDefaults() lists all")
})

test_that("a name of an earlier version is accepted with a warning", {
    needs_python()
    counts <- example_counts()
    expect_warning(old <- run_quick(counts, gamma = 2, m = 2.5), "'m' is now called 'fuzzifier'")
    expect_same_fit(old, run_quick(counts, gamma = 2, fuzzifier = 2.5))
})
