# A fit as tables and by the generics of other models.

fit <- example_fit()

test_that("a fit is a table of its cells", {
    table <- as.data.frame(fit)
    expect_named(table, c("cell", "cluster", "confidence"))
    expect_identical(table$cell, names(fit$labels))
    expect_identical(table$cluster, unname(fit$labels))
    expect_identical(table$confidence, unname(confidence(fit)))
})

test_that("broom's generics give clusters, cells and one row", {
    needs_packages("generics")
    expect_identical(generics::tidy(fit), summary(fit))
    row <- generics::glance(fit)
    expect_identical(nrow(row), 1L)
    expect_identical(row$n_cells, 120L)
    expect_identical(c(row$smallest, row$largest), c(20L, 60L))
    known <- data.frame(x = 120:1, row.names = rev(names(fit$labels)))
    expect_identical(generics::augment(fit, known)$.cluster, unname(rev(fit$labels)))
    expect_identical(generics::augment(fit)$cell, names(fit$labels))
    expect_scinno_error(generics::augment(fit, known[1:3, , drop = FALSE]), "got 3 rows")
    rownames(known)[2] <- "who"
    expect_scinno_error(generics::augment(fit, known), "named by other cells")
})

test_that("fitted() and nobs() answer as for kmeans()", {
    expect_identical(nobs(fit), 120L)
    expect_identical(fitted(fit, "classes"), fit$labels)
    centers <- fitted(fit)
    expect_identical(dim(centers), dim(fit$embedding))
    expect_equal(unname(centers[5, ]), unname(fit$centers[as.character(fit$labels[5]), ]))
})

test_that("predict() knows the names that other models use, and the cells of the fit", {
    expect_identical(predict(example_fit(), NULL), example_fit()$labels)
    expect_identical(predict(fit), fit$labels)
    expect_identical(predict(fit, type = "response"), fit$labels)
    expect_identical(predict(fit, type = "class"), fit$labels)
    expect_identical(predict(fit, type = "prob"), fit$memberships)
    expect_identical(predict(fit, type = "embedding"), fit$embedding)
    table <- predict(fit, type = "metadata")
    expect_identical(table$predicted.id, as.character(fit$labels))
    expect_identical(rownames(table), names(fit$labels))
    needs_python()
    few <- example_counts()[, 1:3]
    expect_identical(predict(fit, few, "prob"), predict(fit, few, "memberships"))
})
