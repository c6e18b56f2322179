#' Pictures of a clustering with ggplot2
#'
#' @param object The result of [RunSCINNO()]: a [scinno_fit], Seurat object, SingleCellExperiment or
#'   SummarizedExperiment; or that of [scinnoChooseK()], of which `"k_evidence"` is drawn.
#' @param what `"cells"` (in two dimensions), `"memberships"` (of cells in their own cluster, by
#'   cluster), `"blend"` (mean membership of each cluster's cells in every cluster), `"history"`
#'   (the parts of the loss by epoch) or `"k_evidence"` (if K was estimated: the scores of each
#'   candidate).
#' @param color_by,colour_by For `"cells"`: `"cluster"`, `"confidence"`, or the name of a metadata column
#'   of `object`.
#' @param reduction For `"cells"`: name of a reduction of `object` to draw on, as in `"umap"`;
#'   `NULL` for the first two principal components of the embedding.
#' @param size Size of points.
#' @param name See [scinnoFit()].
#' @return A ggplot.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'     plotSCINNO(fit)
#'     plotSCINNO(fit, "memberships")
#' }
#' @export
plotSCINNO <- function(object, what = "cells", color_by = "cluster", reduction = NULL, size = 1,
                       name = "scinno", colour_by = color_by) {
    need_package("ggplot2")
    color_by <- colour_by
    if (inherits(object, "scinno_k")) {
        object <- upgrade_k(object)
        return(gg_k_evidence(object$k_evidence, object$n_clusters))
    }
    check_one_of(what, c("cells", "memberships", "blend", "history", "k_evidence"), "what")
    fit <- scinnoFit(object, name)
    switch(what,
        cells = gg_cells(object, fit, color_by, reduction, size),
        memberships = gg_memberships(fit),
        blend = gg_blend(fit),
        history = gg_history(fit),
        k_evidence = gg_k_evidence(fit$k_evidence, fit$n_clusters)
    )
}

gg_cells <- function(object, fit, color_by, reduction, size) {
    cells <- if (inherits(object, "scinno_fit")) names(fit$labels) else colnames(object)
    if (is.null(cells)) {
        at <- seq_along(fit$labels)
    } else {
        labels_of(fit, cells, "object")
        at <- match(cells, names(fit$labels))
    }
    points <- if (is.null(reduction)) {
        stats::prcomp(fit$embedding[at, , drop = FALSE], rank. = 2L)$x
    } else {
        reduction_of(object, reduction)
    }
    drawn <- data.frame(
        one = points[, 1L], two = points[, 2L],
        color = color_values(object, fit, color_by, at)
    )
    axes <- if (is.null(reduction)) c("PC 1", "PC 2") else paste(reduction, 1:2)
    picture <- ggplot2::ggplot(drawn, gg_at("one", "two", "color")) +
        ggplot2::geom_point(size = size) +
        ggplot2::labs(x = axes[1L], y = axes[2L], color = color_by) +
        ggplot2::theme_classic()
    if (is.numeric(drawn$color)) {
        return(picture + ggplot2::scale_color_viridis_c())
    }
    picture +
        ggplot2::scale_color_manual(
            values = colors_of(levels(drawn$color)), na.value = no_group
        ) +
        ggplot2::guides(color = ggplot2::guide_legend(override.aes = list(size = 3)))
}

# aes() by names of columns: bare names would be unknown variables to R CMD check.
gg_at <- function(x, y, color = NULL, ...) {
    names <- c(x = x, y = y, color = color, ...)
    do.call(ggplot2::aes, lapply(as.list(names), as.name))
}

color_values <- function(object, fit, color_by, at) {
    check_name(color_by, "color_by")
    if (color_by == "cluster") {
        return(unname(fit$labels)[at])
    }
    if (color_by == "confidence") {
        return(unname(confidence(fit))[at])
    }
    columns <- metadata_of(object)
    if (!color_by %in% names(columns)) {
        scinno_stop(
            "color_by must be 'cluster', 'confidence' or a metadata column of object, which has ",
            listed(names(columns)), "; got '", color_by, "'"
        )
    }
    values <- columns[[color_by]]
    if (is.numeric(values)) values else factor(values)
}

metadata_of <- function(object) {
    if (inherits(object, "Seurat")) {
        return(object[[]])
    }
    if (is(object, "SummarizedExperiment")) {
        need_package("SummarizedExperiment")
        return(as.data.frame(SummarizedExperiment::colData(object)))
    }
    data.frame()
}

reduction_of <- function(object, reduction) {
    check_name(reduction, "reduction")
    known <- if (inherits(object, "Seurat")) {
        SeuratObject::Reductions(object)
    } else if (is(object, "SingleCellExperiment")) {
        need_package("SingleCellExperiment")
        SingleCellExperiment::reducedDimNames(object)
    }
    if (!reduction %in% known) {
        scinno_stop("reduction '", reduction, "' is not in object, which holds: ", listed(known))
    }
    points <- if (inherits(object, "Seurat")) {
        SeuratObject::Embeddings(object, reduction)
    } else {
        SingleCellExperiment::reducedDim(object, reduction)
    }
    if (ncol(points) < 2L) {
        scinno_stop("reduction '", reduction, "' has one dimension, two are needed")
    }
    points
}

gg_memberships <- function(fit) {
    drawn <- data.frame(cluster = unname(fit$labels), membership = unname(confidence(fit)))
    ggplot2::ggplot(drawn, gg_at("cluster", "membership")) +
        ggplot2::geom_violin(fill = "grey85", color = NA, scale = "width") +
        ggplot2::geom_boxplot(width = 0.15, outlier.size = 0.5) +
        ggplot2::ylim(0, 1) +
        ggplot2::labs(y = "membership in own cluster") +
        ggplot2::theme_classic()
}

gg_blend <- function(fit) {
    clusters <- levels(fit$labels)
    means <- rowsum(unname(fit$memberships), as.character(fit$labels))
    means <- means[match(clusters, rownames(means)), , drop = FALSE]
    means <- means / as.numeric(table(fit$labels))
    ordered <- function(x) factor(x, levels = clusters)
    drawn <- data.frame(
        cells_of = ordered(rep(clusters, length(clusters))),
        cluster = ordered(rep(clusters, each = length(clusters))),
        membership = as.numeric(means)
    )
    ggplot2::ggplot(drawn, gg_at("cluster", "cells_of", fill = "membership")) +
        ggplot2::geom_tile() +
        ggplot2::scale_fill_viridis_c(limits = c(0, 1), name = "mean\nmembership") +
        ggplot2::labs(x = "membership in cluster", y = "cells of cluster") +
        ggplot2::theme_classic()
}

gg_history <- function(fit) {
    parts <- setdiff(names(fit$history), c("epoch", "n_epochs", "phase", "label_change", "seconds"))
    long <- do.call(rbind, lapply(parts, function(part) {
        data.frame(
            epoch = fit$history$epoch, value = as.numeric(fit$history[[part]]),
            phase = fit$history$phase, part = part
        )
    }))
    ggplot2::ggplot(long[!is.na(long$value), ], gg_at("epoch", "value", "phase")) +
        ggplot2::geom_line() +
        ggplot2::geom_point(size = 0.8) +
        ggplot2::facet_wrap("part", scales = "free_y") +
        ggplot2::scale_color_manual(values = colors_of(unique(long$phase))) +
        ggplot2::labs(y = NULL) +
        ggplot2::theme_classic()
}

# Numbers of clusters are whole.
whole_breaks <- function(limits) unique(round(pretty(limits, 5L)))

# The scores of each candidate. Those outside the requested range are gray.
gg_k_evidence <- function(evidence, k) {
    if (is.null(evidence)) {
        scinno_stop("k_evidence exists only where K was estimated: fit with n_clusters = NULL")
    }
    titles <- c(
        votes = "votes: partitions into so many communities",
        mean_purity = "neighbor purity, mean over clusters",
        pure_clusters = "clusters with a neighbor purity of at least 0.82",
        stability = "stability: ARI between subsamples",
        silhouette = "silhouette"
    )
    # Evidence of earlier versions has pure clusters in place of votes, and may lack the stability,
    # the silhouette and the range.
    titles <- titles[names(titles) %in% names(evidence)]
    in_range <- if (is.null(evidence$in_range)) TRUE else evidence$in_range
    long <- do.call(rbind, lapply(names(titles), function(name) {
        data.frame(
            n_clusters = evidence$n_clusters, value = evidence[[name]],
            score = factor(titles[[name]], levels = titles), in_range = in_range
        )
    }))
    second <- evidence$n_clusters[as.logical(evidence$runner_up)]
    title <- paste0("clusters (chosen: ", k)
    if (length(second)) title <- paste0(title, ", runner-up: ", second)
    ggplot2::ggplot(long, gg_at("n_clusters", "value")) +
        ggplot2::geom_vline(xintercept = k, linetype = "dashed") +
        ggplot2::geom_vline(xintercept = second, linetype = "dotted") +
        ggplot2::geom_line() +
        ggplot2::geom_point(color = ifelse(long$in_range, "black", "grey70"), size = 1) +
        ggplot2::facet_wrap("score", scales = "free_y", ncol = 1L) +
        ggplot2::scale_x_continuous(breaks = whole_breaks) +
        # All scores but the counts end at 1.
        ggplot2::scale_y_continuous(
            breaks = function(limits) {
                if (limits[2L] > 1.5) whole_breaks(limits) else pretty(limits, 3L)
            }
        ) +
        ggplot2::labs(x = paste0(title, ")"), y = NULL) +
        ggplot2::theme_classic() +
        ggplot2::theme(
            strip.background = ggplot2::element_blank(),
            strip.text = ggplot2::element_text(hjust = 0)
        )
}
