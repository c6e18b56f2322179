#' @rdname RunSCINNO
#' @export
RunSCINNO.SummarizedExperiment <- function(object, n_clusters = NULL, ..., seed = 0, assay = NULL,
                                            assay.type = assay, features = NULL, subset.row = NULL,
                                            altexp = NULL, size.factors = FALSE, batch = NULL,
                                            name = "scinno", engine = "auto", verbose = TRUE) {
    need_package("SummarizedExperiment")
    check_name(name, "name")
    check_flag(verbose, "verbose")
    check_sce_names(object, name)
    columns <- batch_of(object, batch)
    features <- wanted_genes(experiment_of(object, altexp), features, subset.row)
    counts <- counts_of(
        object,
        assay = assay.type, altexp = altexp, size.factors = size.factors, features = features,
        note = verbose
    )
    options <- list(..., seed = seed)
    if (!isFALSE(size.factors) && !is.null(size.factors)) {
        options <- with_log_input(options)
    }
    own <- setdiff(names(formals(RunSCINNO.SummarizedExperiment)), "...")
    fit <- fit_counts(counts, n_clusters, options, engine, verbose, columns, own)
    SummarizedExperiment::colData(object)[[name]] <- unname(fit$labels)
    SummarizedExperiment::colData(object)[[paste0(name, "_confidence")]] <- unname(confidence(fit))
    if (is(object, "SingleCellExperiment")) {
        need_package("SingleCellExperiment")
        reduction <- toupper(name)
        SingleCellExperiment::reducedDim(object, reduction) <- fit$embedding
        SingleCellExperiment::reducedDim(object, paste0(reduction, "_memberships")) <-
            numbered_columns(fit$memberships, "SCINNOP_")
    }
    need_package("S4Vectors")
    # cbind() may have left more than one.
    S4Vectors::metadata(object)[names(S4Vectors::metadata(object)) %in% name] <- NULL
    S4Vectors::metadata(object)[[name]] <- short_fit(fit)
    object
}
