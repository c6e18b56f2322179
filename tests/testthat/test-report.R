# The page itself is tested in Python and in a browser; here, that it shows what R's objects hold.

counts <- example_counts()

page_text <- function(file) paste(readLines(file, encoding = "UTF-8", warn = FALSE), collapse = "\n")

test_that("every kind of result becomes a page, by both engines", {
    needs_python()
    needs_packages("SingleCellExperiment", "Seurat")
    fit <- example_fit()
    file <- tempfile(fileext = ".html")
    for (engine in c("inprocess", "process")) {
        expect_identical(
            scinnoReport(
                fit, file,
                counts = counts, title = "Three <kinds>", overwrite = TRUE, engine = engine,
                verbose = FALSE
            ),
            file
        )
        page <- page_text(file)
        expect_match(page, "Three &lt;kinds&gt;", fixed = TRUE)
        expect_false(grepl("Three <kinds>", page, fixed = TRUE))
    }
    object <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    object$batch_of_mine <- rep(c("x", NA), 60)
    object$known_type <- substr(colnames(counts), 1, 1)
    object <- store_in_seurat(object, fit, "RNA", "SCINNO", "SCINNO_", "scinno")
    scinnoReport(
        object[, 120:1], file,
        label = "known_type", batch = "batch_of_mine", overwrite = TRUE, verbose = FALSE
    )
    page <- page_text(file)
    expect_match(page, "batch_of_mine", fixed = TRUE)
    expect_match(page, "known_type", fixed = TRUE)
})

test_that("what cannot become a page is refused, and nothing is overwritten", {
    fit <- example_fit()
    file <- tempfile(fileext = ".html")
    expect_scinno_error(scinnoReport(fit, file), "counts must be given with a scinno_fit")
    expect_scinno_error(scinnoReport(fit, file, label = "x", counts = counts), "which has none")
    expect_scinno_error(
        scinnoReport(fit, file.path(file, "page.html"), counts = counts), "folder of file does not"
    )
    renamed <- counts
    colnames(renamed)[3] <- "other"
    expect_scinno_error(scinnoReport(fit, file, counts = renamed), "1 cell(s) of the fit are not")
    expect_false(file.exists(file))
    writeLines("mine", file)
    expect_scinno_error(scinnoReport(fit, file, counts = counts), "add overwrite = TRUE")
    expect_identical(readLines(file), "mine")
})
