#' @rdname RunSCINNO
#' @export
RunSCINNO.SummarizedExperiment <- function(object, n_clusters = NULL, ..., assay = "counts",
                                           features = NULL, batch = NULL, name = "scinno",
                                           engine = "auto", verbose = TRUE) {
    need_package("SummarizedExperiment")
    check_name(name, "name")
    columns <- batch_of(object, batch)
    counts <- counts_of(object, assay = assay, features = features)
    own <- setdiff(names(formals(RunSCINNO.SummarizedExperiment)), "...")
    fit <- fit_counts(counts, n_clusters, list(...), engine, verbose, columns, own)
    SummarizedExperiment::colData(object)[[name]] <- unname(fit$labels)
    SummarizedExperiment::colData(object)[[paste0(name, "_confidence")]] <- unname(confidence(fit))
    if (is(object, "SingleCellExperiment")) {
        need_package("SingleCellExperiment")
        reduction <- toupper(name)
        SingleCellExperiment::reducedDim(object, reduction) <- fit$embedding
        SingleCellExperiment::reducedDim(object, paste0(reduction, "_memberships")) <-
            fit$memberships
    }
    need_package("S4Vectors")
    S4Vectors::metadata(object)[[name]] <- fit
    object
}
