#' A finished clustering
#'
#' What [RunSCINNO()] gives for a matrix, and keeps inside a Seurat object or SingleCellExperiment
#' (see [scinnoFit()]). It holds plain R values only, so that `saveRDS()` keeps all of it.
#'
#' @param x,object A `scinno_fit`.
#' @param ... Ignored.
#' @return `print()` gives `x`, `summary()` a data frame with a row per cluster: its size, the share
#'   of all cells, and the mean membership of its cells in it.
#'
#'   The fit is a list with: `labels`, a factor named by cell with clusters from `"0"`, the largest;
#'   `memberships` (cells x clusters, rows sum to 1); `embedding` (cells x dimensions); `centers`
#'   (clusters x dimensions); `genes` that the network sees; `history`, a data frame with a row per
#'   epoch; `k_evidence`, a data frame with a row per candidate K, or `NULL` where K was given
#'   (its columns: `n_clusters`; `mean_purity` and `min_purity` of cells' ten nearest cells that are
#'   in their own cluster; `pure_clusters`, whose share is at least 0.82; `stability`, the adjusted
#'   Rand index between subsamples; `silhouette`; `allowed`, whether in the range asked for;
#'   `chosen`; `runner_up`); `warnings`, sentences on clusters of a handful of cells and on
#'   near-duplicate clusters; `settings`; `seed`; `n_clusters`; `model`, the bytes that [saveSCINNO()] writes.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' fit
#' summary(fit)
#' @name scinno_fit
NULL

new_scinno_fit <- function(answer, cells) {
    reply <- answer$reply
    arrays <- answer$arrays
    clusters <- as.character(seq_len(reply$n_clusters) - 1L)
    dimensions <- paste0("SCINNO_", seq_len(ncol(arrays$embedding)))
    labels <- factor(as.character(arrays$labels), levels = clusters)
    dimnames(arrays$memberships) <- list(cells, clusters)
    dimnames(arrays$embedding) <- list(cells, dimensions)
    dimnames(arrays$centers) <- list(clusters, dimensions)
    fit <- list(
        labels = stats::setNames(labels, cells),
        memberships = arrays$memberships,
        embedding = arrays$embedding,
        centers = arrays$centers,
        genes = as.character(unlist(reply$genes)),
        history = as_table(reply$history),
        k_evidence = if (!is.null(reply$k_evidence)) as_table(reply$k_evidence),
        warnings = as.character(unlist(reply$warnings)),
        settings = reply$settings,
        seed = reply$seed,
        n_clusters = as.integer(reply$n_clusters),
        model = arrays$model
    )
    structure(fit, class = "scinno_fit")
}

# JSON has null where a phase does not know a loss.
as_table <- function(columns) {
    whole <- lapply(columns, function(column) {
        column[vapply(column, is.null, TRUE)] <- NA
        unlist(column)
    })
    as.data.frame(whole, stringsAsFactors = FALSE)
}

check_fit <- function(fit) {
    if (!inherits(fit, "scinno_fit") || !is.raw(fit$model)) {
        scinno_stop("fit must be a scinno_fit, as RunSCINNO() gives it, got ", class(fit)[1L])
    }
}

# Membership of each cell in its own cluster.
confidence <- function(fit) {
    own <- cbind(seq_along(fit$labels), as.integer(fit$labels))
    stats::setNames(fit$memberships[own], names(fit$labels))
}

#' @rdname scinno_fit
#' @export
print.scinno_fit <- function(x, ...) {
    sizes <- table(x$labels)
    cat(
        "scinno_fit: ", length(x$labels), " cells in ", x$n_clusters, " clusters (sizes ",
        max(sizes), " to ", min(sizes), "), ", length(x$genes), " genes, seed ",
        format(x$seed, scientific = FALSE), "\n",
        sep = ""
    )
    print_warnings(x$warnings)
    invisible(x)
}

#' @rdname scinno_fit
#' @export
summary.scinno_fit <- function(object, ...) {
    sizes <- table(object$labels)
    mean_own <- tapply(confidence(object), object$labels, mean)
    data.frame(
        cluster = factor(names(sizes), levels = names(sizes)),
        cells = as.integer(sizes),
        share = as.numeric(sizes) / length(object$labels),
        confidence = as.numeric(mean_own)
    )
}

#' The fit inside an object, and its memberships
#'
#' @param object What [RunSCINNO()] gave: a `scinno_fit`, Seurat object, SingleCellExperiment or
#'   SummarizedExperiment.
#' @param name Name under which the results were stored: `reduction.name` for Seurat, `name`
#'   otherwise.
#' @return `scinnoFit()` gives the [scinno_fit], `scinnoMemberships()` a matrix of cells x
#'   clusters whose rows sum to 1, for the cells that `object` holds now.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' head(scinnoMemberships(fit))
#' identical(scinnoFit(fit), fit)
#' @export
scinnoFit <- function(object, name = "scinno") {
    check_name(name, "name")
    if (inherits(object, "scinno_fit")) {
        return(object)
    }
    fit <- if (inherits(object, "Seurat")) {
        object@misc[[name]]
    } else if (is(object, "SummarizedExperiment")) {
        need_package("S4Vectors")
        S4Vectors::metadata(object)[[name]]
    } else {
        scinno_stop("object must be what RunSCINNO() gave, got ", class(object)[1L])
    }
    if (is.null(fit)) {
        scinno_stop("object holds no fit named '", name, "': run RunSCINNO(object) first")
    }
    fit
}

#' @rdname scinnoFit
#' @export
scinnoMemberships <- function(object, name = "scinno") {
    memberships <- scinnoFit(object, name)$memberships
    if (inherits(object, "scinno_fit") || is.null(rownames(memberships))) {
        return(memberships)
    }
    # The object may have lost, gained or reordered cells since.
    missing <- setdiff(colnames(object), rownames(memberships))
    if (length(missing)) {
        scinno_stop(
            length(missing), " cell(s) of object are not in the fit (first: '", missing[1L],
            "'): use predict(scinnoFit(object), object, type = \"memberships\")"
        )
    }
    memberships[colnames(object), , drop = FALSE]
}
