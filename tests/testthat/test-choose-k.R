# The number of clusters: the same as in a fit, with its evidence, from any object.

short <- list(pretrain_epochs = 2, steps_per_epoch = 5, seed = 1, verbose = FALSE)

choose <- function(object, ...) do.call(scinnoChooseK, c(list(object, ...), short))

test_that("scinnoChooseK chooses what RunSCINNO chooses", {
    needs_python()
    choice <- choose(example_counts())
    fit <- run_quick(example_counts(), n_clusters = NULL)
    expect_identical(choice$n_clusters, fit$n_clusters)
    expect_equal(choice$k_evidence, fit$k_evidence)
    expect_true(all(c("stability", "silhouette", "in_range") %in% names(choice$k_evidence)))
    expect_identical(choice$k_evidence$n_clusters[choice$k_evidence$chosen], choice$n_clusters)
    expect_identical(choice$k_evidence$n_clusters[choice$k_evidence$runner_up], choice$runner_up)
    expect_null(choice$within)
    expect_output(print(choice), paste0("scinno_k: ", choice$n_clusters, " clusters \\(runner-up "))
    expect_output(print(choice), "and K is the median")
})

test_that("a range holds, and its warnings are kept and printed", {
    needs_python()
    choice <- choose(example_counts(), within = c(8, 10))
    expect_identical(choice$within, c(8L, 10L))
    expect_true(choice$n_clusters %in% 8:10)
    fit <- run_quick(example_counts(), n_clusters = c(8, 10))
    expect_identical(fit$n_clusters, choice$n_clusters)
    expect_gt(length(fit$warnings), 0L)
    expect_output(print(fit), paste("warning:", fit$warnings[1L]), fixed = TRUE)
    expect_scinno_error(choose(example_counts(), within = 5), "within must be two numbers, as in")
    expect_scinno_error(choose(example_counts(), within = c(9, 4)), "must go up, as in c(4, 9)")
    expect_scinno_error(choose(example_counts(), n_clusters = 3), "give within = c(5, 12)")
    expect_scinno_error(
        RunSCINNO(example_counts(), n_clusters = c(2, 3, 7)), "n_clusters must be two numbers"
    )
})

test_that("objects and both engines give the same choice", {
    needs_python()
    needs_packages("SingleCellExperiment")
    counts <- example_counts()
    sce <- SingleCellExperiment::SingleCellExperiment(list(umi = counts))
    first <- choose(counts, engine = "process")
    expect_equal(choose(sce, assay = "umi"), first)
})

test_that("the evidence of a choice is drawn, also outside its range", {
    needs_packages("ggplot2")
    evidence <- data.frame(
        n_clusters = 2:5, mean_purity = c(1, 1, 0.7, 0.5), min_purity = c(1, 1, 0.2, 0.1),
        votes = c(2, 8, 2, 0), stability = c(1, 1, 0.8, NA),
        silhouette = c(0.3, 0.5, 0.2, 0),
        in_range = c(FALSE, TRUE, TRUE, TRUE), chosen = c(FALSE, TRUE, FALSE, FALSE),
        runner_up = c(FALSE, FALSE, TRUE, FALSE)
    )
    choice <- structure(list(n_clusters = 3L, k_evidence = evidence), class = "scinno_k")
    picture <- plotSCINNO(choice)
    expect_identical(nlevels(picture$data$score), 4L)
    expect_identical(sum(!picture$data$in_range), 4L)
    expect_identical(picture$labels$x, "clusters (chosen: 3, runner-up: 4)")
    file <- tempfile(fileext = ".png")
    suppressWarnings(ggplot2::ggsave(file, picture, width = 5, height = 6))
    expect_gt(file.size(file), 1000)
})

test_that("a choice made by 0.1.0 is still printed and drawn", {
    needs_packages("ggplot2")
    evidence <- data.frame(
        n_clusters = 2:4, mean_share = c(1, 1, 0.7), least_share = c(1, 1, 0.2),
        good_clusters = c(2, 3, 2), stability = c(1, 1, 0.8), silhouette = c(0.3, 0.5, 0.2),
        allowed = c(FALSE, TRUE, TRUE), chosen = c(FALSE, TRUE, FALSE),
        runner_up = c(FALSE, FALSE, TRUE)
    )
    old <- structure(list(k = 3L, runner_up = 4L, k_evidence = evidence), class = "scinno_k")
    expect_output(print(old), "scinno_k: 3 clusters (runner-up 4, 3 candidates)", fixed = TRUE)
    picture <- plotSCINNO(old)
    expect_identical(nlevels(drawn(picture)$score), 4L)
    expect_identical(sum(!picture$data$in_range), 4L)
})
