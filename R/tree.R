#' The tree of a clustering
#'
#' Which clusters merge first, up to two groups, and how each would divide further, with evidence
#' for each split. Nothing is trained again.
#'
#' Clusters keep their names at every level: `"3"` is cluster 3 of the fit, `"3.1"` and `"3.2"` are
#' its halves, the larger first, and `"0+3"` is what 0 and 3 are merged to.
#'
#' @param fit A [scinno_fit]; of a Seurat object or SingleCellExperiment, `scinnoFit(object)`.
#' @param n_clusters Number of clusters, from 2 to the leaves of the tree, or `NULL`. Of `plot()`:
#'   how many leaves are drawn.
#' @param resolution Instead of `n_clusters`: 1 gives the fit's own clusters, more gives more.
#' @param engine See [RunSCINNO()].
#' @param x A `scinno_tree`.
#' @param ... Of `plot()`: passed on to the method for [stats::hclust()], as in `cex`. Of `print()`:
#'   ignored.
#' @return `scinnoTree()` returns a `scinno_tree`, which is an [stats::hclust], so that `plot()`,
#'   [stats::cutree()] and [stats::as.dendrogram()] take it. Its leaves are small groups of cells,
#'   named as above; `leaf` is a factor with the leaf of each cell, and `splits` a data frame with a
#'   row per split, the first from one group to two: `n_clusters` after it; `node`, `left` and
#'   `right`, names, of which `left` is the larger; `n_left`, `n_right`, cells; `height`, 1 and more
#'   between clusters of the fit; `support`, the share of cells' nearest neighbors that are on their
#'   own side, 0.5 by chance; `stability`, the adjusted Rand index with what half of the cells says
#'   of the other half; `separation`, the distance of the centers in units of both spreads;
#'   `n_genes`, genes whose denoised expression differs at least twofold; `genes_left`,
#'   `genes_right`, up to five of them.
#'
#'   `plot()` draws the tree down to a number of clusters, with the support of each split, and returns
#'   what it drew, an `hclust`, invisibly. Heights are square roots, or the lower ones could not be
#'   seen.
#'
#'   `cutSCINNO()` returns a [scinno_fit] with the clusters of that level, for `predict()` and all
#'   else: the centers are the means of the tree's groups, and each cell belongs to the nearest one.
#'   At the fit's own number of clusters it is the fit itself. A new fit with that number of
#'   clusters is not the same.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     tree <- scinnoTree(fit)
#'     tree
#'     head(tree$splits)
#'     plot(tree)
#'     cutSCINNO(fit, n_clusters = 2)
#' }
#' @export
scinnoTree <- function(fit, engine = "auto") {
    fit <- check_fit(fit)
    answer <- call_python(
        "tree", as_object(list()),
        model = fit$model, engine = engine, verbose = FALSE
    )
    merges <- answer$arrays$merges
    nodes <- as.character(unlist(answer$reply$nodes))
    n <- nrow(merges) + 1L
    # Python counts nodes from 0, leaves first; R has leaves below 0 and merges above.
    merge <- merges[, 1:2, drop = FALSE]
    merge <- ifelse(merge < n, -merge - 1, merge - n + 1)
    leaf <- factor(nodes[answer$arrays$leaf_of_cell + 1L], levels = nodes[seq_len(n)])
    tree <- list(
        merge = matrix(as.integer(merge), ncol = 2L),
        height = as.numeric(merges[, 3L]),
        order = leaf_order(merge),
        labels = nodes[seq_len(n)],
        method = "scinno",
        call = match.call(),
        dist.method = "euclidean",
        n_clusters = as.integer(answer$reply$n_clusters),
        leaf = stats::setNames(leaf, names(fit$labels)),
        splits = as_table(answer$reply$splits)
    )
    structure(tree, class = c("scinno_tree", "hclust"))
}

# Leaves from left to right, such that no branches cross.
leaf_order <- function(merge) {
    below <- vector("list", nrow(merge))
    for (step in seq_len(nrow(merge))) {
        sides <- lapply(merge[step, ], function(node) if (node < 0) -node else below[[node]])
        below[[step]] <- unlist(sides)
    }
    as.integer(below[[nrow(merge)]])
}

#' @rdname scinnoTree
#' @export
print.scinno_tree <- function(x, ...) {
    cat(
        "scinno_tree: ", length(x$leaf), " cells, ", x$n_clusters, " clusters, up to ",
        length(x$labels), " by cutSCINNO()\n",
        sep = ""
    )
    shown <- c("n_clusters", "node", "left", "right", "n_left", "n_right", "support", "stability")
    print(utils::head(x$splits[shown], x$n_clusters + 3L), digits = 2L, row.names = FALSE)
    invisible(x)
}

#' @rdname scinnoTree
#' @export
plot.scinno_tree <- function(x, n_clusters = x$n_clusters, ...) {
    most <- length(x$labels)
    if (!is.numeric(n_clusters) || length(n_clusters) != 1L || !n_clusters %in% seq_len(most)[-1L]) {
        scinno_stop("n_clusters must be from 2 to ", most, ", got ", short(n_clusters))
    }
    drawn <- upper_tree(x, as.integer(n_clusters))
    defaults <- list(
        main = paste(n_clusters, "clusters"), xlab = "", sub = "",
        ylab = "height (square root of the cost of the merge)"
    )
    # plot() of an hclust refuses one of two leaves; that of a dendrogram would cut its long names.
    if (n_clusters > 2L) {
        picture <- drawn
        defaults$hang <- -1
    } else {
        picture <- stats::as.dendrogram(drawn)
        defaults$leaflab <- "none"
    }
    given <- list(...)
    do.call(plot, c(list(picture), defaults[setdiff(names(defaults), names(given))], given))
    if (n_clusters == 2L) {
        graphics::axis(1L, 1:2, drawn$labels[drawn$order], tick = FALSE)
    }
    support <- rev(x$splits$support[seq_len(n_clusters - 1L)])
    graphics::text(
        merge_places(drawn), drawn$height, formatC(support, 2L, format = "f"),
        adj = c(-0.15, -0.25), cex = 0.7, xpd = TRUE
    )
    invisible(drawn)
}

# The last merges of a tree, of k clusters as leaves: an hclust with names and numbers of cells.
upper_tree <- function(x, k) {
    n <- length(x$labels)
    inside <- n - k # merges within the new leaves
    kept <- x$merge[inside + seq_len(k - 1L), , drop = FALSE]
    nodes <- sort(kept[kept <= inside])
    # The first split is the last merge.
    splits <- x$splits[n - seq_len(n - 1L), ]
    cells <- table(x$leaf)
    labels <- vapply(nodes, function(node) {
        name <- if (node < 0) x$labels[-node] else splits$node[node]
        size <- if (node < 0) cells[[name]] else splits$n_left[node] + splits$n_right[node]
        paste0(name, " (", size, ")")
    }, "")
    merge <- kept
    merge[kept <= inside] <- -match(kept[kept <= inside], nodes)
    merge[kept > inside] <- kept[kept > inside] - inside
    tree <- list(
        merge = matrix(as.integer(merge), ncol = 2L),
        height = sqrt(x$height[inside + seq_len(k - 1L)]),
        order = leaf_order(merge),
        labels = labels,
        method = x$method,
        call = x$call,
        dist.method = x$dist.method
    )
    structure(tree, class = "hclust")
}

# Where the merges of a drawn tree stand among its leaves.
merge_places <- function(drawn) {
    leaf <- match(seq_along(drawn$order), drawn$order)
    places <- numeric(nrow(drawn$merge))
    for (step in seq_along(places)) {
        sides <- drawn$merge[step, ]
        places[step] <- mean(ifelse(sides < 0, leaf[abs(sides)], places[pmax(sides, 1L)]))
    }
    places
}

#' @rdname scinnoTree
#' @export
cutSCINNO <- function(fit, n_clusters = NULL, resolution = NULL, engine = "auto") {
    fit <- check_fit(fit)
    for (name in c("n_clusters", "resolution")) {
        value <- get(name)
        if (!is.null(value) && (!is.numeric(value) || length(value) != 1L || is.na(value))) {
            scinno_stop(name, " must be one number or NULL, got ", short(value))
        }
    }
    answer <- call_python(
        "cut", list(n_clusters = n_clusters, resolution = resolution),
        model = fit$model, engine = engine, verbose = FALSE
    )
    new_scinno_fit(answer, names(fit$labels))
}
