# Words of other packages, and those of Python, as R's user reads them.

counts <- example_counts()

test_that("words of other packages are answered by what is meant", {
    refused <- function(...) run_quick(counts, ...)
    expect_scinno_error(refused(k = 3), "unknown argument 'k': it is 'n_clusters' here")
    expect_scinno_error(refused(slot = "counts"), "it is 'layer' here")
    expect_scinno_error(refused(exprs_values = "counts"), "it is 'assay' here")
    expect_scinno_error(refused(seed.use = 1), "it is 'seed' here")
    expect_scinno_error(refused(n_jobs = 2), "a fit takes the threads that it needs")
    expect_scinno_error(refused(gpu = TRUE), "device = \"cuda\"")
    expect_scinno_error(refused(n_neighbors = 10), "no graph of neighbors")
    expect_scinno_error(
        scinnoChooseK(counts, resolution = 0.8), "n_clusters sets how many clusters"
    )
    expect_scinno_error(
        subclusterSCINNO(example_fit(), "0", 2, counts = counts, batch = 1),
        "batches are given to RunSCINNO()"
    )
})

test_that("no word of other packages hides a setting", {
    needs_python()
    known <- rownames(scinnoDefaults())
    expect_length(intersect(c(names(foreign_words), names(foreign_answers)), known), 0)
    meant <- setdiff(foreign_words, c("layer", "assay", "features"))
    expect_length(setdiff(meant, known), 0)
})

test_that("a range may be written as 5:12", {
    expect_identical(ends_of(5:12), c(5L, 12L))
    expect_identical(ends_of(c(5, 12)), c(5, 12))
    expect_identical(ends_of(c(3, 5, 9)), c(3, 5, 9))
    needs_python()
    fit <- run_quick(counts, n_clusters = 2:4)
    expect_true(fit$n_clusters %in% 2:4)
    expect_scinno_error(run_quick(counts, n_clusters = c(2, 3, 7)), "must be two numbers")
})

test_that("the seed is an argument with Python's default", {
    for (method in c("default", "Seurat", "SummarizedExperiment")) {
        expect_identical(formals(getS3method("RunSCINNO", method))$seed, 0)
    }
    needs_python()
    expect_identical(as.numeric(scinnoDefaults()["seed", "default"][[1]]), 0)
})

test_that("Python's messages name R's objects, genes and cells", {
    needs_python()
    whole <- counts
    whole@x[1] <- whole@x[1] + 0.5
    gene <- rownames(counts)[counts@i[1] + 1]
    error <- tryCatch(run_quick(whole, input = "counts"), error = conditionMessage)
    expect_match(error, "object must hold whole counts", fixed = TRUE)
    expect_match(error, paste0("gene '", gene, "', cell '", colnames(counts)[1], "'"), fixed = TRUE)
    expect_match(error, "input = \"log\"", fixed = TRUE)
    error <- tryCatch(run_quick(unname(whole), input = "counts"), error = conditionMessage)
    expect_match(error, paste0("gene ", counts@i[1] + 1, ", cell 1"), fixed = TRUE)
    expect_scinno_error(run_quick(counts, pretrain_epochs = "x"), "must be a whole number, got 'x'")
    expect_scinno_error(run_quick(counts, contrastive = 1), "contrastive must be TRUE or FALSE, got")
    file <- tempfile()
    writeLines("nonsense, and enough of it", file)
    expect_scinno_error(loadSCINNO(file), "the file is not a scinno model")
})

test_that("numbers name clusters whatever options(scipen) is", {
    needs_python()
    usual <- options(scipen = -5)
    on.exit(options(usual))
    table <- suppressMessages(scinnoMarkers(example_fit(), clusters = 0, counts = counts))
    expect_gt(nrow(table), 0)
    expect_identical(unique(table$cluster), "0")
    expect_equal(getOption("scipen"), -5)
})

test_that("the list of arguments fits the console", {
    needs_python()
    usual <- options(width = 80)
    on.exit(options(usual))
    shown <- capture.output(print(scinnoDefaults()))
    expect_lte(max(nchar(shown)), 80)
    expect_match(shown, "^n_genes +[0-9]+ ", all = FALSE)
    expect_match(shown, "^input .*What object holds", all = FALSE)
    expect_false(any(grepl("`", shown, fixed = TRUE)))
    expect_s3_class(scinnoDefaults(), "data.frame")
})

test_that("color_by may be spelled as elsewhere", {
    needs_packages("ggplot2")
    expect_identical(
        drawn(plotSCINNO(example_fit(), colour_by = "confidence")),
        drawn(plotSCINNO(example_fit(), color_by = "confidence"))
    )
})
