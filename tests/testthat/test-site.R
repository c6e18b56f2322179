# The site of the R package, its news and its manual pages.

tags_within <- function(part) {
    if (is.list(part)) c(attr(part, "Rd_tag"), unlist(lapply(part, tags_within)))
}

test_that("the site's index has every exported page, and none that is not there", {
    file <- file.path("..", "..", "_pkgdown.yml")
    skip_if_not(file.exists(file), "only the source tree has _pkgdown.yml")
    needs_packages("rmarkdown") # brings yaml
    site <- getExportedValue("yaml", "read_yaml")(file)
    listed <- unlist(lapply(site$reference, function(part) part$contents))
    pages <- sub("\\.Rd$", "", list.files(file.path("..", "..", "man"), "\\.Rd$"))
    expect_setequal(listed, setdiff(pages, "scinno-package"))
    articles <- sub("\\.Rmd$", "", list.files(file.path("..", "..", "vignettes"), "\\.Rmd$"))
    expect_setequal(site$articles[[1L]]$contents, articles)
})

test_that("R's news() reads NEWS.md, with every version down to the first", {
    found <- utils::news(package = "scinno")
    expect_s3_class(found, "news_db")
    expect_true(all(attr(found, "bad") %in% FALSE))
    current <- as.character(utils::packageVersion("scinno"))
    expect_true(all(c(current, "0.99.1", "0.99.0") %in% found$Version))
    expect_true(all(nzchar(found$Text)))
})

test_that("most manual pages have examples that run, and each one says what it returns", {
    pages <- tools::Rd_db("scinno")
    has_part <- function(page, tag) any(vapply(page, attr, "", "Rd_tag") == tag)
    text_of <- function(page) paste(unlist(page), collapse = "")
    exported <- Filter(function(page) has_part(page, "\\usage"), pages)
    expect_gt(length(exported), 15)
    for (name in names(exported)) {
        expect_true(has_part(exported[[name]], "\\value"), label = paste("\\value of", name))
    }
    dont_run <- function(page) any(grepl("dontrun", unlist(lapply(page, tags_within))))
    runs <- vapply(exported, function(page) has_part(page, "\\examples") && !dont_run(page), TRUE)
    # SCINNOIntegration() requires Seurat 5.
    expect_identical(names(runs)[!runs], "SCINNOIntegration.Rd")
})
