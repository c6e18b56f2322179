#' Predict the clusters of new cells
#'
#' A cell's cluster depends on that cell alone, and the stored center of its batch if the fit has
#' batches, never on the others in `newdata`; for the cells of the training data it is their label.
#'
#' @param object A [scinno_fit].
#' @param newdata New cells; without them, or with `NULL`, the result is that of the cells of the fit. Any object that
#'   [RunSCINNO()] takes: counts if the model was fitted
#'   to counts, log values if it was fitted to log values. Genes are matched by name.
#' @param type `"labels"` (also `"class"` or `"response"`), `"memberships"` (also `"prob"`),
#'   `"embedding"`, or `"metadata"` for a data frame that `Seurat::AddMetaData()` takes.
#' @param ... For Seurat `assay` and `layer`, for SummarizedExperiment `assay`, `altexp` and
#'   `size.factors`; see [RunSCINNO()]. `min_overlap`, default 0.5: share of the
#'   selected genes that `newdata` must at least have.
#' @param batch For a fit with batches: the batch of each new cell, one name for all of them, or
#'   columns of `newdata`, as in [RunSCINNO()]. [addBatchSCINNO()] stores that of a batch that the
#'   fit has not seen.
#' @param engine See [RunSCINNO()].
#' @return A factor of clusters named by cell, or a matrix with a row per cell. For `"metadata"` a
#'   data frame with the columns of Seurat's `TransferData()`: `predicted.id`, the cluster, and
#'   `prediction.score.max`, the membership in it.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     predict(fit, counts[, 1:3])
#' }
#' @export
predict.scinno_fit <- function(object, newdata, type = "labels", ..., batch = NULL,
                               engine = "auto") {
    object <- check_fit(object)
    if (is_name(type) && type %in% names(types_elsewhere)) {
        type <- types_elsewhere[[type]]
    }
    check_one_of(type, c("labels", "memberships", "embedding", "metadata"), "type")
    if (missing(newdata) || is.null(newdata)) {
        return(of_known_cells(object, type))
    }
    given <- new_cells_of(newdata, list(...), "predict()")
    batch <- do.call(new_batch_of, c(list(newdata, batch, batch_names(object)), given$place))
    counts <- given$counts
    request <- list(
        genes = as_names(rownames(counts)),
        options = as_object(with_batch(given$options, batch))
    )
    answer <- call_python(
        "predict", request,
        counts = counts, model = object$model, engine = engine, verbose = FALSE
    )
    clusters <- colnames(object$memberships)
    if (type == "labels") {
        labels <- factor(as.character(answer$arrays$labels), levels = clusters)
        return(stats::setNames(labels, colnames(counts)))
    }
    if (type == "metadata") {
        best <- cbind(seq_len(ncol(counts)), answer$arrays$labels + 1L)
        return(data.frame(
            predicted.id = clusters[answer$arrays$labels + 1L],
            prediction.score.max = answer$arrays$memberships[best],
            row.names = colnames(counts)
        ))
    }
    values <- answer$arrays[[type]]
    dimnames(values) <- list(colnames(counts), colnames(object[[type]]))
    values
}

# What other models of R call these types.
types_elsewhere <- c(
    class = "labels", response = "labels", cluster = "labels", prob = "memberships",
    probs = "memberships", posterior = "memberships"
)

of_known_cells <- function(fit, type) {
    if (type != "metadata") {
        return(fit[[type]])
    }
    data.frame(
        predicted.id = as.character(fit$labels),
        prediction.score.max = unname(confidence(fit)),
        row.names = names(fit$labels)
    )
}
# Arguments that say where in an object the counts are.
places <- c("assay", "layer", "altexp", "size.factors")

# New cells from `...` of the functions that take some: their counts, where these are, and the
# options for Python.
new_cells_of <- function(newdata, dots, what) {
    known <- c(places, "min_overlap")
    unknown <- if (is.null(names(dots))) rep("", length(dots)) else setdiff(names(dots), known)
    if (length(unknown)) {
        scinno_stop(what, " takes ", listed(known, " and "), " here, got '", unknown[1L], "'")
    }
    for_python <- names(dots) %in% "min_overlap"
    place <- dots[!for_python]
    counts <- do.call(counts_of, c(list(newdata), place))
    list(counts = counts, place = place, options = dots[for_python])
}

#' Save a fit in a file that R and Python read
#'
#' The format is that of Python's `Fit.save()` and `scinno.load()`. The file does not contain the
#' names of the cells; that of `saveRDS()` does.
#'
#' @param fit A [scinno_fit].
#' @param file Path of the file; an existing file is replaced.
#' @param cells Names of the cells, in the order of the training data, or `NULL`.
#' @param engine See [RunSCINNO()].
#' @return `saveSCINNO()` returns `file` invisibly, `loadSCINNO()` a [scinno_fit].
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' file <- tempfile(fileext = ".safetensors")
#' saveSCINNO(fit, file)
#' if (scinnoReady()) {
#'     loadSCINNO(file)
#' }
#' @export
saveSCINNO <- function(fit, file) {
    fit <- check_fit(fit)
    check_name(file, "file")
    if (!dir.exists(dirname(file))) {
        scinno_stop("the folder of file does not exist: '", dirname(file), "'")
    }
    writeBin(fit$model, file)
    invisible(file)
}

#' @rdname saveSCINNO
#' @export
loadSCINNO <- function(file, cells = NULL, engine = "auto") {
    check_name(file, "file")
    if (!file.exists(file)) {
        scinno_stop("file does not exist: '", file, "'")
    }
    model <- readBin(file, "raw", file.size(file))
    answer <- call_python(
        "load", as_object(list()),
        model = model, engine = engine, verbose = FALSE
    )
    answer$arrays$model <- model
    n_cells <- length(answer$arrays$labels)
    if (!is.null(cells) && (!is.character(cells) || length(cells) != n_cells)) {
        scinno_stop(
            "cells must name each of the ", n_cells, " cells of the fit, got ", short(cells)
        )
    }
    new_scinno_fit(answer, cells)
}
