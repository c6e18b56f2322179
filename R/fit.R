#' A finished clustering
#'
#' The result of [RunSCINNO()] for a matrix; Seurat objects and SingleCellExperiments contain it too
#' (see [scinnoFit()]), there without memberships and embedding, which [scinnoFit()] reads from the
#' model. It holds plain R values only, so that `saveRDS()` saves all of it. Fits saved by earlier
#' versions still work; [scinnoFit()] returns them with the present names.
#'
#' @param x,object A `scinno_fit`.
#' @param ... Ignored.
#' @return `print()` returns `x`, `summary()` a data frame with a row per cluster: `cluster`;
#'   `n_cells`; `fraction` of all cells; `mean_confidence`, the mean membership of its cells in it;
#'   with batches also `mixing_before` and `mixing_after`, see [scinnoBatches()].
#'
#'   The fit is a list with: `labels`, a factor named by cell with clusters from `"0"`, the largest;
#'   `memberships` (cells x clusters, rows sum to 1); `embedding` (cells x dimensions); `centers`
#'   (clusters x dimensions); `genes`, the selected genes, which the network reads; `history`, a
#'   data frame with a row per epoch; `k_evidence`, a data frame with a row per candidate K, or
#'   `NULL` where K was given (its columns: `n_clusters`; `votes`, how many partitions into
#'   communities have so many, of which K is the median; `mean_purity` and `min_purity`, mean and
#'   minimum over clusters of the neighbor purity, the share of cells' ten nearest cells that are in
#'   the same cluster; `stability`, the adjusted Rand index between subsamples; `silhouette`;
#'   `in_range`, whether in the requested range; `chosen`; `runner_up`; fits before 0.99.2 have
#'   `pure_clusters`, the number of clusters with a purity of at least 0.82, in place of `votes`);
#'   `warnings`, sentences on clusters of very few
#'   cells and on near-duplicate clusters; `batches` and `batch_mix`, the tables of
#'   [scinnoBatches()] and [scinnoBatchMix()], or `NULL` without batches; `settings`; `seed`;
#'   `n_clusters`; `model`, the bytes that [saveSCINNO()] writes.
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
        batches = if (!is.null(reply$batches)) as_table(reply$batches$table),
        batch_mix = if (!is.null(reply$batches)) mix_table(reply$batches$mix, clusters),
        settings = reply$settings,
        seed = reply$seed,
        n_clusters = as.integer(reply$n_clusters),
        model = arrays$model
    )
    structure(fit, class = "scinno_fit")
}

# JSON has null where a loss is not part of a phase.
as_table <- function(columns) {
    whole <- lapply(columns, function(column) {
        column[vapply(column, is.null, TRUE)] <- NA
        unlist(column)
    })
    # Names of batches are column names too.
    as.data.frame(whole, stringsAsFactors = FALSE, check.names = FALSE)
}

# Returns the fit with the present names.
check_fit <- function(fit) {
    if (!inherits(fit, "scinno_fit") || !is.raw(fit$model)) {
        scinno_stop("fit must be a scinno_fit, as RunSCINNO() returns it, got ", class(fit)[1L])
    }
    upgrade_fit(fit)
}

# Membership of each cell in its own cluster.
confidence <- function(fit) {
    own <- cbind(seq_along(fit$labels), as.integer(fit$labels))
    stats::setNames(fit$memberships[own], names(fit$labels))
}

#' @rdname scinno_fit
#' @export
print.scinno_fit <- function(x, ...) {
    x <- upgrade_fit(x)
    sizes <- table(x$labels)
    cat(
        "scinno_fit: ", length(x$labels), " cells in ", x$n_clusters, " clusters (sizes ",
        max(sizes), " to ", min(sizes), "), ", length(x$genes), " genes, seed ",
        format(x$seed, scientific = FALSE), "\n",
        sep = ""
    )
    print_batches(x)
    print_warnings(x$warnings)
    invisible(x)
}

#' @rdname scinno_fit
#' @export
summary.scinno_fit <- function(object, ...) {
    object <- upgrade_fit(object)
    sizes <- table(object$labels)
    mean_own <- tapply(confidence(object), object$labels, mean)
    table <- data.frame(
        cluster = factor(names(sizes), levels = names(sizes)),
        n_cells = as.integer(sizes),
        fraction = as.numeric(sizes) / length(object$labels),
        mean_confidence = as.numeric(mean_own)
    )
    mixing <- c("mixing_before", "mixing_after")
    if (is.null(object$batch_mix)) table else cbind(table, object$batch_mix[mixing])
}

#' The fit inside an object, and its memberships
#'
#' @param object The result of [RunSCINNO()]: a `scinno_fit`, Seurat object, SingleCellExperiment or
#'   SummarizedExperiment.
#' @param name Name under which the results were stored: `cluster.name` for Seurat, or the reduction
#'   of [SCINNOIntegration()]; `name` otherwise.
#' @return `scinnoFit()` returns the [scinno_fit], `scinnoMemberships()` a matrix of cells x
#'   clusters whose rows sum to 1, for the cells that `object` has now.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' head(scinnoMemberships(fit))
#' identical(scinnoFit(fit), fit)
#' @export
scinnoFit <- function(object, name = "scinno") {
    check_name(name, "name")
    if (inherits(object, "scinno_fit")) {
        return(upgrade_fit(object))
    }
    if (!inherits(object, "Seurat") && !is(object, "SummarizedExperiment")) {
        scinno_stop("object must be a result of RunSCINNO(), got ", class(object)[1L])
    }
    upgrade_fit(stored_fit(object, name))
}

#' @rdname scinnoFit
#' @export
scinnoMemberships <- function(object, name = "scinno") {
    memberships <- scinnoFit(object, name)$memberships
    if (inherits(object, "scinno_fit") || is.null(rownames(memberships))) {
        return(memberships)
    }
    # Cells of the object may have been removed, added or reordered since the fit.
    missing <- setdiff(colnames(object), rownames(memberships))
    if (length(missing)) {
        scinno_stop(
            length(missing), " cell(s) of object are not in the fit (first: '", missing[1L],
            "'): use predict(scinnoFit(object), object, type = \"memberships\")"
        )
    }
    memberships[colnames(object), , drop = FALSE]
}
