# The tree of a fit and other levels of it: the same as in Python, and usable by base R.

test_that("the tree is an hclust that base R cuts into the fit's clusters", {
    needs_python()
    fit <- quick_matrix_fit()
    tree <- scinnoTree(fit)
    expect_s3_class(tree, c("scinno_tree", "hclust"), exact = TRUE)
    expect_identical(tree$n_clusters, 3L)
    expect_identical(names(tree$leaf), names(fit$labels))
    expect_false(is.unsorted(tree$height))
    expect_identical(sort(tree$order), seq_along(tree$labels))
    of_leaf <- stats::cutree(tree, k = 3)
    of_cell <- of_leaf[as.character(tree$leaf)]
    # Each of cutree's groups is one cluster, and the other way round.
    expect_identical(nrow(unique(data.frame(of_cell, fit$labels))), 3L)
    expect_s3_class(stats::as.dendrogram(tree), "dendrogram")
    expect_output(print(tree), "scinno_tree: .* cells, 3 clusters, up to ")
})

test_that("the picture has the clusters of a level, their cells and the splits above them", {
    needs_python()
    fit <- quick_matrix_fit()
    tree <- scinnoTree(fit)
    grDevices::pdf(NULL)
    on.exit(grDevices::dev.off())
    own <- plot(tree)
    expect_s3_class(own, "hclust", exact = TRUE)
    expect_setequal(own$labels, paste0(levels(fit$labels), " (", table(fit$labels), ")"))
    expect_identical(own$height, sqrt(utils::tail(tree$height, 2)))
    most <- length(tree$labels)
    for (k in unique(c(2L, 4L, most))) {
        drawn <- plot(tree, n_clusters = k, main = "Levels")
        # The same groups of leaves as base R makes, under the names of the splits.
        groups <- stats::cutree(tree, k = k)[as.character(tree$leaf)]
        expect_setequal(
            as.integer(sub(".*\\((.*)\\)", "\\1", drawn$labels)), as.integer(table(groups))
        )
        sizes <- as.integer(sub(".*\\((.*)\\)", "\\1", drawn$labels))
        expect_identical(sum(sizes), length(fit$labels))
        expect_identical(sort(drawn$order), seq_len(k))
        expect_false(is.unsorted(drawn$height))
        # The last merge is the first split, of these two sides.
        sides <- lapply(drawn$merge[k - 1L, ], function(node) {
            inside <- node
            while (any(inside > 0)) {
                inside <- c(inside[inside < 0], drawn$merge[inside[inside > 0], ])
            }
            sum(sizes[-inside])
        })
        expect_setequal(unlist(sides), unlist(tree$splits[1L, c("n_left", "n_right")]))
    }
    expect_scinno_error(plot(tree, n_clusters = 1), "n_clusters must be from 2 to ")
    expect_scinno_error(plot(tree, n_clusters = most + 1), paste0("got ", most + 1))
})

test_that("splits have their evidence, the first from one group to two", {
    needs_python()
    splits <- scinnoTree(quick_matrix_fit())$splits
    expect_identical(splits$n_clusters, seq_len(nrow(splits)) + 1L)
    expect_identical(splits$node[1L], "0+1+2")
    expect_true(all(splits$support >= 0 & splits$support <= 1))
    expect_true(all(splits$n_left >= splits$n_right))
})

test_that("a cut is a fit that predicts, and at the fit's own level the fit", {
    needs_python()
    fit <- quick_matrix_fit()
    expect_same_fit(cutSCINNO(fit, n_clusters = 3), fit)
    expect_same_fit(cutSCINNO(fit, resolution = 1), fit)
    two <- cutSCINNO(fit, n_clusters = 2, engine = "process")
    expect_identical(two$n_clusters, 2L)
    expect_identical(levels(two$labels), c("0", "1"))
    expect_identical(predict(two, example_counts()), two$labels)
})

test_that("a level that does not exist is refused with the reason", {
    needs_python()
    fit <- quick_matrix_fit()
    expect_scinno_error(cutSCINNO(fit), "give either n_clusters or resolution")
    expect_scinno_error(cutSCINNO(fit, n_clusters = 2:3), "n_clusters must be one number or NULL")
    expect_scinno_error(cutSCINNO(fit, n_clusters = 5000), "n_clusters must be from 1 to ")
    expect_scinno_error(cutSCINNO(fit, resolution = -1), "resolution must be a positive number")
})
