#' Choose the number of clusters
#'
#' Scores each candidate number of clusters and chooses one, without the joint phase of training.
#' [RunSCINNO()] without `n_clusters` chooses the same number.
#'
#' @param object Cells, as any object that [RunSCINNO()] takes.
#' @param within Smallest and largest number that may be chosen, as in `c(5, 12)` or `5:12`, or `NULL`.
#' @param ... For Seurat `assay` and `layer`, for SummarizedExperiment `assay`, `altexp` and
#'   `size.factors`; arguments of the method as in [RunSCINNO()]; the same number is chosen only with
#'   the same `seed`.
#' @param x A `scinno_k`.
#' @param features,batch,engine,verbose See [RunSCINNO()].
#' @return A `scinno_k`, a list with: `n_clusters`, the chosen number; `runner_up`, the second
#'   choice, or `NULL` (the other candidate with most votes; if there is none, the more stable
#'   neighbor of `n_clusters`); `lower` and `upper`, the quartiles of the votes, whose median is
#'   `n_clusters`; `within`; `reason`, a sentence; `k_evidence`, a data
#'   frame with a row per candidate as in [scinno_fit]; `warnings`, sentences on clusters of very
#'   few cells and on near-duplicate clusters. [plotSCINNO()] draws it.
#' @examples
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     scinnoChooseK(counts, within = c(2, 6), pretrain_epochs = 2)
#' }
#' @export
scinnoChooseK <- function(object, within = NULL, ..., features = NULL, batch = NULL,
                          engine = "auto", verbose = TRUE) {
    check_flag(verbose, "verbose")
    options <- list(...)
    named <- names(options)
    if ("n_clusters" %in% named) {
        scinno_stop("scinnoChooseK() estimates n_clusters: for a range give within = c(5, 12)")
    }
    # names() is NULL if none is named.
    for_counts <- if (is.null(named)) logical(length(options)) else named %in% places
    counts <- do.call(counts_of, c(list(object), options[for_counts], list(features = features)))
    batch <- do.call(batch_of, c(list(object, batch), options[for_counts]))
    by_factors <- !isFALSE(options$size.factors) && !is.null(options$size.factors)
    options <- options[!for_counts]
    if (by_factors) {
        options <- with_log_input(options)
    }
    options <- if (length(options)) as_request(options) else as_object(options)
    request <- list(
        within = as_range(ends_of(within), "within"),
        options = with_batch(options, batch),
        genes = as_names(rownames(counts)),
        cells = as_names(utils::head(colnames(counts), 5000L)),
        known = list("within", "features", "batch", "engine", "verbose", "assay", "layer",
            "altexp", "size.factors")
    )
    answer <- call_python(
        "choose_k", request,
        counts = counts, engine = engine, verbose = verbose, progress = progress_bar(verbose)
    )
    reply <- answer$reply
    choice <- list(
        n_clusters = as.integer(reply$n_clusters),
        runner_up = if (!is.null(reply$runner_up)) as.integer(reply$runner_up),
        lower = as.integer(reply$lower),
        upper = as.integer(reply$upper),
        within = if (!is.null(reply$within)) as.integer(unlist(reply$within)),
        reason = reply$reason,
        k_evidence = as_table(reply$k_evidence),
        warnings = as.character(unlist(reply$warnings))
    )
    structure(choice, class = "scinno_k")
}

# A range, as a list in JSON.
as_range <- function(x, what) {
    if (is.null(x)) {
        return(NULL)
    }
    if (!is.numeric(x) || length(x) != 2L || anyNA(x)) {
        scinno_stop(what, " must be two numbers, as in c(5, 12), or NULL, got ", short(x))
    }
    I(as.numeric(x))
}

#' @rdname scinnoChooseK
#' @export
print.scinno_k <- function(x, ...) {
    x <- upgrade_k(x)
    second <- if (is.null(x$runner_up)) "none" else x$runner_up
    cat(
        "scinno_k: ", x$n_clusters, " clusters (runner-up ", second, ", ", nrow(x$k_evidence),
        " candidates)\n", "reason: ", x$reason, "\n",
        sep = ""
    )
    print_warnings(x$warnings)
    invisible(x)
}

print_warnings <- function(texts) {
    if (length(texts)) cat(paste0("warning: ", texts, "\n"), sep = "")
}
