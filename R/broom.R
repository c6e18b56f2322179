# Fits as tables, in the manner of broom: tidy() by cluster, augment() by cell, glance() in one row.

#' Tables of a fit
#'
#' `tidy()`, `augment()` and `glance()` are those of the packages generics and broom, as for
#' [stats::kmeans()].
#'
#' @param x,object A [scinno_fit].
#' @param data A data frame with a row per cell of the fit, in their order or named by cell, to
#'   which `augment()` adds columns; `NULL` for none.
#' @param method `"centers"` for the center of each cell's cluster, `"classes"` for its cluster.
#' @param row.names,optional,... Ignored.
#' @return `as.data.frame()` and `augment()`: a row per cell with `cell`, `cluster` and
#'   `confidence` (`.cluster` and `.confidence` in `augment()`). `tidy()`: a row per cluster, as
#'   `summary()`. `glance()`: one row with `n_cells`, `n_clusters`, `n_genes`, `mean_confidence`,
#'   `smallest`, `largest` (sizes of clusters) and `seed`. `fitted()`: a matrix of cells x
#'   dimensions, or a factor. `nobs()`: the number of cells.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' head(as.data.frame(fit))
#' nobs(fit)
#' if (requireNamespace("generics", quietly = TRUE)) {
#'     generics::glance(fit)
#' }
#' @name scinno_tables
NULL

#' @rdname scinno_tables
#' @export
as.data.frame.scinno_fit <- function(x, row.names = NULL, optional = FALSE, ...) {
    x <- upgrade_fit(x)
    cells <- names(x$labels)
    data.frame(
        cell = if (is.null(cells)) seq_along(x$labels) else cells,
        cluster = unname(x$labels), confidence = unname(confidence(x)),
        stringsAsFactors = FALSE
    )
}

#' @rdname scinno_tables
#' @exportS3Method generics::tidy
tidy.scinno_fit <- function(x, ...) summary(x)

#' @rdname scinno_tables
#' @exportS3Method generics::glance
glance.scinno_fit <- function(x, ...) {
    x <- upgrade_fit(x)
    sizes <- tabulate(x$labels, nlevels(x$labels))
    data.frame(
        n_cells = length(x$labels), n_clusters = x$n_clusters, n_genes = length(x$genes),
        mean_confidence = mean(confidence(x)), smallest = min(sizes), largest = max(sizes),
        seed = x$seed
    )
}

#' @rdname scinno_tables
#' @exportS3Method generics::augment
augment.scinno_fit <- function(x, data = NULL, ...) {
    table <- as.data.frame(x)
    added <- data.frame(.cluster = table$cluster, .confidence = table$confidence)
    if (is.null(data)) {
        return(cbind(table["cell"], added))
    }
    if (!is.data.frame(data) || nrow(data) != nrow(table)) {
        scinno_stop(
            "data must be a data frame with a row for each of the ", nrow(table), " cells, got ",
            if (is.data.frame(data)) paste(nrow(data), "rows") else class(data)[1L]
        )
    }
    named <- .row_names_info(data) > 0L && is.character(table$cell)
    place <- if (named) match(rownames(data), table$cell) else seq_len(nrow(table))
    if (anyNA(place)) {
        scinno_stop(
            "the rows of data are named by other cells than those of the fit (first: '",
            rownames(data)[is.na(place)][1L], "'): remove the names if the order is that of the fit"
        )
    }
    cbind(data, added[place, ])
}

#' @rdname scinno_tables
#' @export
fitted.scinno_fit <- function(object, method = "centers", ...) {
    check_one_of(method, c("centers", "classes"), "method")
    object <- upgrade_fit(object)
    if (method == "classes") {
        return(object$labels)
    }
    centers <- object$centers[as.integer(object$labels), , drop = FALSE]
    rownames(centers) <- names(object$labels)
    centers
}

#' @rdname scinno_tables
#' @export
nobs.scinno_fit <- function(object, ...) length(object$labels)
