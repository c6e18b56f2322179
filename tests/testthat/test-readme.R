# The R example of the README runs as it is written there.

test_that("the R example of the README runs as written", {
    needs_python()
    needs_packages("Seurat")
    readme <- file.path("..", "..", "README.md")
    skip_if_not(file.exists(readme), "the README is not beside the installed package")
    lines <- readLines(readme)
    start <- grep("^```r$", lines)
    expect_length(start, 1)
    end <- start + which(lines[-seq_len(start)] == "```")[1L]
    script <- tempfile(fileext = ".R")
    shown <- lines[(start + 1L):(end - 1L)]
    expect_lte(length(shown), 11)
    writeLines(c(
        paste0(".libPaths(", paste(deparse(.libPaths()), collapse = ""), ")"), "pdf(NULL)", shown,
        "cat('placed:', length(predict(fit, counts[, 1:5])), 'clusters:', nlevels(Idents(object)))"
    ), script)
    out <- processx::run(
        file.path(R.home("bin"), "Rscript"), c("--vanilla", script),
        error_on_status = FALSE, stderr_to_stdout = TRUE
    )
    expect_identical(out$status, 0L, info = out$stdout)
    expect_match(out$stdout, "placed: 5 clusters: 3", fixed = TRUE)
})
