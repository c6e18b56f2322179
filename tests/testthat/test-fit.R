counts <- example_counts()

test_that("a fit of a matrix is complete and named", {
    needs_python()
    fit <- quick_matrix_fit()
    expect_s3_class(fit, "scinno_fit")
    expect_identical(names(fit$labels), colnames(counts))
    expect_identical(levels(fit$labels), c("0", "1", "2"))
    expect_identical(dimnames(fit$memberships), list(colnames(counts), levels(fit$labels)))
    expect_equal(unname(rowSums(fit$memberships)), rep(1, ncol(counts)), tolerance = 1e-6)
    expect_identical(rownames(fit$embedding), colnames(counts))
    expect_identical(dim(fit$centers), c(3L, ncol(fit$embedding)))
    expect_true(all(fit$genes %in% rownames(counts)))
    expect_identical(nrow(fit$history), 4L)
    expect_identical(fit$settings$pretrain_epochs, 2L)
    expect_true(all(c("n_epochs", "label_change") %in% names(fit$history)))
    expect_identical(unique(fit$history$phase), c("pretrain", "joint"))
    expect_false(is.unsorted(-table(fit$labels)))
    expect_gt(mean(fit$labels == rep(0:2, c(60, 40, 20))), 0.9)
    expect_output(print(fit), "scinno_fit: 120 cells in 3 clusters", fixed = TRUE)
})

test_that("no part of a fit points into Python", {
    needs_python()
    pointers <- function(x) {
        if (is.list(x)) any(vapply(unclass(x), pointers, TRUE)) else
            is.environment(x) || inherits(x, "python.builtin.object") || typeof(x) == "externalptr"
    }
    expect_false(pointers(quick_matrix_fit()))
})

test_that("dense, sparse and unnamed counts give one answer", {
    needs_python()
    fit <- quick_matrix_fit()
    expect_same_fit(run_quick(as.matrix(counts)), fit)
    expect_same_fit(run_quick(as(counts, "TsparseMatrix")), fit)
    bare <- run_quick(unname(counts))
    expect_identical(unname(fit$embedding), unname(bare$embedding))
    expect_null(names(bare$labels))
})

test_that("both engines give one answer", {
    needs_python()
    inside <- run_quick(counts, engine = "inprocess")
    beside <- run_quick(counts, engine = "process")
    expect_same_fit(inside, beside)
    expect_identical(
        predict(inside, counts, "memberships", engine = "inprocess"),
        predict(inside, counts, "memberships", engine = "process")
    )
})

test_that("set.seed() governs when seed = NULL, and only then", {
    needs_python()
    drawn <- function(r_seed) {
        set.seed(r_seed)
        RunSCINNO(
            counts, 3, seed = NULL, pretrain_epochs = 1, joint_epochs = 1, steps_per_epoch = 2,
            verbose = FALSE
        )
    }
    one <- drawn(1)
    expect_same_fit(one, drawn(1))
    expect_false(one$seed == drawn(2)$seed)
    set.seed(3)
    before <- .Random.seed
    run_quick(counts)
    expect_identical(.Random.seed, before)
})

test_that("predict gives training cells their labels, and single cells too", {
    needs_python()
    fit <- quick_matrix_fit()
    expect_identical(predict(fit, counts), fit$labels)
    shuffled <- counts[sample(nrow(counts)), 120:1]
    expect_identical(predict(fit, shuffled), fit$labels[120:1])
    expect_identical(predict(fit, counts[, 5, drop = FALSE]), fit$labels[5])
    expect_equal(predict(fit, counts, "memberships"), fit$memberships, tolerance = 1e-5)
    expect_equal(predict(fit, counts, "embedding"), fit$embedding, tolerance = 1e-5)
})

test_that("predict refuses what it cannot predict", {
    needs_python()
    fit <- quick_matrix_fit()
    expect_scinno_error(predict(fit, counts, "colors"), "type must be 'labels'")
    expect_scinno_error(predict(fit, counts[1:20, ]), "rows of newdata must include at least 50%")
    expect_scinno_error(predict(fit, counts, cells = 3), "predict() takes")
    expect_warning(
        few <- predict(fit, counts[1:60, ], min_overlap = 0.2),
        "genes the fit uses are missing"
    )
    expect_length(few, 120)
})

test_that("a fit predicts in a new session after saveRDS", {
    needs_python()
    file <- tempfile(fileext = ".rds")
    saveRDS(quick_matrix_fit(), file)
    out <- in_new_session(bquote({
        fit <- readRDS(.(file))
        counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
        library(scinno)
        cat("same:", identical(predict(fit, counts), fit$labels))
    }))
    expect_match(out$stdout, "same: TRUE", fixed = TRUE)
})

test_that("a saved model comes back, from either language's file", {
    needs_python()
    fit <- quick_matrix_fit()
    file <- tempfile(fileext = ".safetensors")
    saveSCINNO(fit, file)
    expect_same_fit(loadSCINNO(file, cells = colnames(counts)), fit)
    expect_same_fit(loadSCINNO(file, cells = colnames(counts), engine = "process"), fit)
    code <- paste(
        "import scinno, sys; fit = scinno.load(sys.argv[1]); fit.save(sys.argv[2]);",
        "print(*fit.labels)"
    )
    again <- tempfile(fileext = ".safetensors")
    printed <- processx::run(
        python_path(), c("-c", code, file, again),
        env = c("current", PYTHONPATH = core_folder())
    )
    expect_identical(trimws(printed$stdout), paste(fit$labels, collapse = " "))
    expect_same_fit(loadSCINNO(again, cells = colnames(counts)), fit)
    expect_scinno_error(loadSCINNO(tempfile()), "file does not exist")
    writeLines("nonsense, and enough of it", file)
    expect_scinno_error(loadSCINNO(file), "is not a scinno model, or damaged")
})

test_that("the fit that the package ships is of this version", {
    needs_python()
    expect_identical(predict(example_fit(), counts), example_fit()$labels)
})

test_that("summary shows what is in the fit", {
    fit <- example_fit()
    table <- summary(fit)
    expect_named(table, c("cluster", "n_cells", "fraction", "mean_confidence"))
    expect_identical(table$n_cells, c(60L, 40L, 20L))
    expect_equal(sum(table$fraction), 1)
    expect_equal(table$mean_confidence[1], mean(confidence(fit)[fit$labels == "0"]))
})
