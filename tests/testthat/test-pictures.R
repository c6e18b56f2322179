# Pictures of every kind of result; none of this needs Python.

counts <- example_counts()

in_sce <- function(fit) {
    sce <- SingleCellExperiment::SingleCellExperiment(list(counts = counts))
    S4Vectors::metadata(sce)$scinno <- fit
    sce$batch <- rep(c("x", "y"), 60)
    sce$depth <- Matrix::colSums(counts)
    SingleCellExperiment::reducedDim(sce, "UMAP") <- fit$embedding[, 1:2]
    sce
}

in_seurat <- function(fit) {
    object <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    store_in_seurat(object, fit, "RNA", "SCINNO", "SCINNO_", "scinno")
}

test_that("plotSCINNO draws what is in a fit", {
    needs_packages("ggplot2")
    fit <- example_fit()
    cells <- drawn(plotSCINNO(fit))
    expect_identical(cells$color, unname(fit$labels))
    expect_identical(drawn(plotSCINNO(fit, color_by = "confidence"))$color, unname(confidence(fit)))
    expect_identical(nrow(drawn(plotSCINNO(fit, "memberships"))), 120L)
    blend <- drawn(plotSCINNO(fit, "blend"))
    rows <- tapply(blend$membership, blend$cells_of, sum)
    expect_equal(as.numeric(rows), c(1, 1, 1), tolerance = 1e-5)
    own <- blend$membership[blend$cells_of == blend$cluster]
    expect_equal(own, as.numeric(tapply(confidence(fit), fit$labels, mean)))
    parts <- unique(drawn(plotSCINNO(fit, "history"))$part)
    parts_of_loss <- c(
        "reconstruction", "contrastive", "mask_prediction", "scatter", "negative_entropy"
    )
    expect_setequal(parts, c("loss", parts_of_loss))
    expect_scinno_error(plotSCINNO(fit, "k_evidence"), "fit with n_clusters = NULL")
    expect_scinno_error(plotSCINNO(fit, "tsne"), "what must be 'cells'")
    expect_scinno_error(plotSCINNO(fit, color_by = "batch"), "which has none; got 'batch'")
    expect_scinno_error(plotSCINNO(1), "must be a result of RunSCINNO()")
})

# Colors of points, by what they are colored by.
colors_drawn <- function(picture) {
    found <- data.frame(
        color = ggplot2::layer_data(picture)$colour, group = as.character(picture$data$color)
    )
    found <- unique(found)
    stats::setNames(found$color, found$group)
}

test_that("a cluster has the color that it has in Python, wherever it is drawn", {
    source <- readLines(file.path(core_folder(), "scinno", "_drawing", "palette.py"))
    hex <- function(lines) unlist(regmatches(lines, gregexpr("#[0-9a-f]{6}", lines)))
    expect_identical(c(scinno_palette, no_group), hex(source))
    expect_identical(unname(colors_of(0:30)[c("0", "30")]), rep(scinno_palette[1], 2))
    needs_packages("ggplot2", "SingleCellExperiment")
    fit <- example_fit()
    drawn <- colors_drawn(plotSCINNO(fit))
    expect_identical(drawn[c("0", "1", "2")], colors_of(c("0", "1", "2")))
    some <- in_sce(fit)[, fit$labels != "0"]
    expect_identical(colors_drawn(plotSCINNO(some))[c("1", "2")], drawn[c("1", "2")])
})

test_that("plotSCINNO draws the evidence for K", {
    needs_packages("ggplot2")
    fit <- example_fit()
    fit$k_evidence <- data.frame(
        n_clusters = 2:4, mean_purity = c(1, 1, 0.7), min_purity = c(1, 1, 0.2),
        pure_clusters = c(2, 3, 2), chosen = c(FALSE, TRUE, FALSE)
    )
    picture <- plotSCINNO(fit, "k_evidence")
    expect_identical(drawn(picture)$n_clusters, c(2:4, 2:4))
    # Numbers of clusters are whole, on both axes.
    axes <- ggplot2::ggplot_build(picture)$layout$panel_params[[2]]
    for (axis in axes[c("x", "y")]) {
        breaks <- axis$breaks[!is.na(axis$breaks)]
        expect_identical(breaks, round(breaks))
        expect_gt(length(breaks), 1)
    }
})

test_that("plotSCINNO draws Seurat objects and SingleCellExperiments, on any reduction", {
    needs_packages("ggplot2", "SingleCellExperiment", "SeuratObject")
    fit <- example_fit()
    sce <- in_sce(fit)
    expect_identical(drawn(plotSCINNO(sce, color_by = "batch"))$color, factor(sce$batch))
    on_umap <- drawn(plotSCINNO(sce[, 5:20], color_by = "depth", reduction = "UMAP"))
    expect_identical(on_umap$one, unname(fit$embedding[5:20, 1]))
    expect_identical(on_umap$color, unname(sce$depth[5:20]))
    expect_scinno_error(plotSCINNO(sce, reduction = "TSNE"), "which holds: 'UMAP'")
    object <- in_seurat(fit)
    some <- drawn(plotSCINNO(object[, 120:100], reduction = "SCINNO"))
    expect_identical(some$color, unname(fit$labels[colnames(object[, 120:100])]))
    expect_scinno_error(plotSCINNO(object, color_by = "nix"), "'scinno'")
})
