# What a fit tells of its batches, and batches that it learns later.

#' Batches of a fit
#'
#' How well the batches given to [RunSCINNO()] are mixed, and whether their cells kept their
#' neighbors.
#'
#' Mixing counts how often the nearest neighbors of a cell are of other batches, over what chance
#' would give: 0 where batches are apart, 1 where they are mixed as by chance. A batch whose cells
#' keep few of their neighbors may have lost differences between its own cells.
#'
#' @param object The result of [RunSCINNO()]: a `scinno_fit`, Seurat object, SingleCellExperiment or
#'   SummarizedExperiment.
#' @param name See [scinnoFit()].
#' @return `scinnoBatches()` returns a data frame with a row per batch: `batch`, its name;
#'   `n_cells`; `kept_neighbors`, the share of a cell's nearest neighbors of its own batch that the
#'   embedding keeps, beyond chance, 0 to 1; `added`, whether by [addBatchSCINNO()].
#'
#'   `scinnoBatchMix()` returns one with a row per cluster: `cluster`; `n_cells`; `mixing_before`
#'   and `mixing_after`, before and after the batches were brought together; then a column per batch
#'   with its share of the cluster's cells.
#' @examples
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     batch <- rep(c("a", "b"), 60)
#'     fit <- RunSCINNO(counts, 3, batch = batch, pretrain_epochs = 2, joint_epochs = 2)
#'     scinnoBatches(fit)
#'     scinnoBatchMix(fit)
#' }
#' @export
scinnoBatches <- function(object, name = "scinno") fit_with_batches(object, name)$batches

#' @rdname scinnoBatches
#' @export
scinnoBatchMix <- function(object, name = "scinno") fit_with_batches(object, name)$batch_mix

fit_with_batches <- function(object, name) {
    fit <- scinnoFit(object, name)
    if (is.null(fit$batches)) {
        scinno_stop("the fit has no batches: RunSCINNO(object, batch = ...) makes one with batches")
    }
    fit
}

# Names of the batches of a fit, none if it has no batches.
batch_names <- function(fit) as.character(fit$batches$batch)

# For new_scinno_fit().
mix_table <- function(columns, clusters) {
    table <- as_table(columns)
    table$cluster <- factor(as.character(table$cluster), levels = clusters)
    numbers <- setdiff(names(table), c("cluster", "n_cells"))
    table[numbers] <- lapply(table[numbers], as.numeric)
    table
}

print_batches <- function(fit) {
    if (is.null(fit$batches)) {
        return(invisible())
    }
    mix <- fit$batch_mix
    mean_of <- function(column) {
        format(round(stats::weighted.mean(mix[[column]], mix$n_cells, na.rm = TRUE), 2L))
    }
    kept <- format(round(range(fit$batches$kept_neighbors, na.rm = TRUE), 2L), trim = TRUE)
    cat(
        nrow(fit$batches), " batches: mixing ", mean_of("mixing_before"), " before, ",
        mean_of("mixing_after"), " after (0: apart, 1: as by chance), kept neighbors ",
        paste(unique(kept), collapse = " to "), "; see scinnoBatches(), scinnoBatchMix()\n",
        sep = ""
    )
}

#' Add a batch to a fit
#'
#' Stores the center of a batch that the fit has not seen, without training again, so that
#' [predict()][predict.scinno_fit] can label its cells.
#'
#' @param fit A [scinno_fit] that was made with batches.
#' @param newdata Cells of the new batch, the more the better, as any object that [RunSCINNO()]
#'   takes; genes are matched by name.
#' @param name Name of the new batch.
#' @param ... For Seurat `assay` and `layer`, for SummarizedExperiment `assay`; see [RunSCINNO()].
#'   `min_overlap`, as in [predict()][predict.scinno_fit].
#' @param engine See [RunSCINNO()].
#' @return A [scinno_fit] with one more batch; `fit` itself is not changed. Labels and all else of
#'   its cells stay.
#' @examples
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     known <- counts[, 1:100]
#'     batch <- rep(c("a", "b"), 50)
#'     fit <- RunSCINNO(known, 3, batch = batch, pretrain_epochs = 2, joint_epochs = 2)
#'     fit <- addBatchSCINNO(fit, counts[, 101:120], "c")
#'     predict(fit, counts[, 101:105], batch = "c")
#' }
#' @export
addBatchSCINNO <- function(fit, newdata, name, ..., engine = "auto") {
    fit <- check_fit(fit)
    check_name(name, "name")
    known <- batch_names(fit)
    if (!length(known)) {
        scinno_stop("addBatchSCINNO() is for a fit with batches, and this one was made without")
    }
    if (name %in% known) {
        scinno_stop("name '", name, "' is a batch of the fit already: give another")
    }
    given <- new_cells_of(newdata, list(...), "addBatchSCINNO()")
    request <- list(
        name = name, genes = as_names(rownames(given$counts)), options = as_object(given$options)
    )
    answer <- call_python(
        "add_batch", request,
        counts = given$counts, model = fit$model, engine = engine, verbose = FALSE
    )
    new_scinno_fit(answer, names(fit$labels))
}
