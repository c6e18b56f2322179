# Markers of clusters: the table of the Python core.

counts <- example_counts()

test_that("the best markers of a cluster are genes that it expresses more", {
    needs_python()
    fit <- example_fit()
    markers <- scinnoMarkers(fit, counts = counts)
    expect_named(markers, c(
        "cluster", "gene", "score", "log2_fold_change", "p_value", "p_adjusted", "fraction_in",
        "fraction_out"
    ))
    expect_identical(nrow(markers), 3L * nrow(counts))
    expect_false(anyDuplicated(markers[c("cluster", "gene")]) > 0)
    means <- function(cells, genes) Matrix::rowMeans(counts[genes, cells, drop = FALSE])
    for (cluster in levels(fit$labels)) {
        own <- fit$labels == cluster
        rows <- markers[markers$cluster == cluster, ]
        expect_false(is.unsorted(-rows$score))
        expect_gt(means(own, rows$gene[1]), 2 * means(!own, rows$gene[1]))
        # Which cells express a gene is counted here, not there.
        found <- counts[rows$gene, ] > 0
        expect_equal(rows$fraction_in, unname(Matrix::rowMeans(found[, own])))
        expect_equal(rows$fraction_out, unname(Matrix::rowMeans(found[, !own])))
        expect_equal(rows$p_adjusted, p.adjust(rows$p_value, "BH"))
    }
})

test_that("the table is that of Python alone", {
    needs_python()
    fit <- example_fit()
    folder <- tempfile()
    dir.create(folder)
    on.exit(unlink(folder, recursive = TRUE))
    utils::write.csv(as.matrix(Matrix::t(counts)), file.path(folder, "counts.csv"))
    writeLines(as.character(fit$labels), file.path(folder, "labels.txt"))
    code <- paste(
        "import sys, anndata, numpy, pandas, scinno;",
        "table = pandas.read_csv(sys.argv[1] + '/counts.csv', index_col=0);",
        "adata = anndata.AnnData(table.astype(numpy.float32));",
        "adata.obs['scinno'] = pandas.Categorical(open(sys.argv[1] + '/labels.txt').read().split());",
        "scinno.markers(adata).to_csv(sys.argv[1] + '/markers.csv', index=False)"
    )
    processx::run(
        python_path(), c("-c", code, folder), env = c("current", PYTHONPATH = core_folder())
    )
    python <- utils::read.csv(
        file.path(folder, "markers.csv"), colClasses = c(cluster = "character")
    )
    for (engine in c("auto", "process")) {
        markers <- scinnoMarkers(fit, counts = counts, engine = engine)
        expect_identical(markers[c("cluster", "gene")], python[c("cluster", "gene")])
        expect_equal(markers, python, tolerance = 1e-6)
    }
})

test_that("within batches scores are combined, and a fit with batches says so", {
    needs_python()
    needs_packages("SingleCellExperiment", "S4Vectors")
    fit <- example_fit()
    chip <- rep(c("a", "b"), length.out = ncol(counts))
    within <- scinnoMarkers(fit, clusters = "1", counts = counts, batch = chip)
    expect_identical(names(within)[9:10], c("batches", "batches_agree"))
    expect_true(all(within$batches == 2L & within$batches_agree %in% 1:2))
    # Stouffer's score, from the tests of both batches.
    parts <- lapply(c("a", "b"), function(name) {
        part <- fit
        part$labels <- fit$labels[chip == name]
        found <- scinnoMarkers(part, clusters = "1", counts = counts[, chip == name])
        found[match(within$gene, found$gene), ]
    })
    weights <- vapply(c("a", "b"), function(name) {
        n <- table(fit$labels[chip == name] == "1")
        prod(n) / sum(n)
    }, 0)
    share <- sqrt(weights / sum(weights))
    expect_equal(
        within$score, share[[1]] * parts[[1]]$score + share[[2]] * parts[[2]]$score,
        tolerance = 1e-3
    )
    sce <- SingleCellExperiment::SingleCellExperiment(
        list(counts = counts), colData = S4Vectors::DataFrame(chip = chip)
    )
    S4Vectors::metadata(sce)$scinno <- fit
    expect_identical(scinnoMarkers(sce, clusters = "1", batch = "chip"), within)
    expect_scinno_error(scinnoMarkers(sce, batch = "chop"), "'chop' is not a metadata column")
    fit$batches <- data.frame(batch = c("a", "b"))
    expect_message(scinnoMarkers(fit, counts = counts), "the fit has batches: give 'batch'")
})

test_that("markers are the same for every kind of object, in any order of cells", {
    needs_python()
    needs_packages("Seurat", "SingleCellExperiment", "S4Vectors")
    fit <- example_fit()
    plain <- scinnoMarkers(fit, "2", counts = counts)
    sce <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
    S4Vectors::metadata(sce)$scinno <- fit
    expect_identical(scinnoMarkers(sce, "2"), plain)
    # Sums over cells in another order have other last digits.
    expect_equal(scinnoMarkers(sce[, 120:1], "2"), plain, tolerance = 1e-5)
    object <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    object@misc$scinno <- fit
    expect_identical(scinnoMarkers(object, "2"), plain)
})

test_that("two clusters are compared, and the table is cut on request", {
    needs_python()
    fit <- example_fit()
    pair <- scinnoMarkers(fit, "0", against = "2", counts = counts, method = "t-test")
    other <- scinnoMarkers(fit, "2", against = "0", counts = counts, method = "t-test")
    expect_equal(pair$score, -rev(other$score), tolerance = 1e-6)
    best <- scinnoMarkers(fit, c("2", "0"), counts = counts, only.pos = TRUE, n_genes = 4)
    expect_true(all(best$log2_fold_change > 0))
    expect_identical(best$cluster, rep(c("2", "0"), each = 4))
    expect_identical(rownames(best), as.character(1:8))
})

test_that("log values are not transformed once more", {
    needs_python()
    fit <- example_fit()
    logs <- counts
    logs@x <- log1p(logs@x * 1e4 / rep(Matrix::colSums(counts), diff(counts@p)))
    expect_equal(
        scinnoMarkers(fit, "1", counts = logs, input = "log"),
        scinnoMarkers(fit, "1", counts = counts),
        tolerance = 1e-4
    )
})

test_that("scinnoMarkers refuses what it cannot test", {
    fit <- example_fit()
    expect_scinno_error(scinnoMarkers(fit), "counts must be given with a scinno_fit")
    expect_scinno_error(scinnoMarkers(fit, "7", counts = counts), "among '0', '1', '2', got '7'")
    expect_scinno_error(scinnoMarkers(fit, "0", "0", counts), "against must not be among clusters")
    expect_scinno_error(scinnoMarkers(fit, counts = counts[, 1:9]), "hold the 120 cells of the fit")
    expect_scinno_error(scinnoMarkers(fit, counts = counts, method = "roc"), "'wilcoxon'")
    expect_scinno_error(scinnoMarkers(fit, counts = counts, n_genes = 0), "n_genes must be 1 or")
    tiny <- fit
    tiny$labels[which(tiny$labels == "2")[-(1:2)]] <- "0"
    expect_scinno_error(scinnoMarkers(tiny, "2", counts = counts), "fewer than 3 cells to test")
    needs_python()
    expect_warning(scinnoMarkers(tiny, counts = counts), "not tested: cluster '2'")
})

test_that("arguments of Seurat::FindMarkers() are answered with what to use", {
    fit <- example_fit()
    expect_scinno_error(scinnoMarkers(fit, counts = counts, min.pct = 0.1), "filter the table")
    expect_scinno_error(scinnoMarkers(fit, counts = counts, test.use = "roc"), "is 'method' here")
    expect_scinno_error(scinnoMarkers(fit, counts = counts, ident.1 = 0), "is 'clusters' here")
    expect_scinno_error(
        scinnoMarkers(fit, counts = counts, nonsense = 1), "Seurat::FindMarkers(object, ident.1"
    )
})
