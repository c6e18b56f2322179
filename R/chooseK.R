#' Choose the number of clusters
#'
#' Judges each candidate number and says which to take, without clustering to the end.
#' [RunSCINNO()] without `n_clusters` chooses the same number.
#'
#' @param object Cells, as any object that [RunSCINNO()] takes.
#' @param within Least and largest number that may be chosen, as in `c(5, 12)`, or `NULL`.
#' @param ... For Seurat `assay` and `layer`, for SummarizedExperiment `assay`; arguments of the
#'   method as in [RunSCINNO()], of which `seed` must be the same for the same number.
#' @param x A `scinno_k`.
#' @param features,engine,verbose See [RunSCINNO()].
#' @return A `scinno_k`, a list with: `k`, the number to take; `runner_up`, the one to try next, or
#'   `NULL` (of the other candidates from `lower` to `upper` the most stable one; where there is
#'   none, the more stable neighbor of `k`); `lower` and `upper`, the two counts whose geometric
#'   mean is `k`; `within`; `reason`, a sentence; `k_evidence`, a data frame with a row per
#'   candidate as in [scinno_fit]; `warnings`, sentences on clusters of a handful of cells and on
#'   near-duplicate clusters. [plotSCINNO()] draws it.
#' @examples
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     scinnoChooseK(counts, within = c(2, 6), pretrain_epochs = 2)
#' }
#' @export
scinnoChooseK <- function(object, within = NULL, ..., features = NULL, engine = "auto",
                          verbose = TRUE) {
    check_flag(verbose, "verbose")
    options <- list(...)
    named <- names(options)
    if ("n_clusters" %in% named) {
        scinno_stop("n_clusters is what is looked for: give within = c(5, 12) for a range")
    }
    for_counts <- if (is.null(named)) rep(FALSE, length(options)) else named %in% c("assay", "layer")
    counts <- do.call(counts_of, c(list(object), options[for_counts], list(features = features)))
    options <- options[!for_counts]
    request <- list(
        within = as_range(within, "within"),
        options = if (length(options)) as_request(options) else as_object(options),
        genes = as_names(rownames(counts)),
        cells = as_names(utils::head(colnames(counts), 5000L)),
        known = list("within", "features", "engine", "verbose", "assay", "layer")
    )
    answer <- ask_python(
        "choose_k", request,
        counts = counts, engine = engine, verbose = verbose, progress = progress_bar(verbose)
    )
    reply <- answer$reply
    choice <- list(
        k = as.integer(reply$k),
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

# One number or a range: in JSON a range is a list.
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
    second <- if (is.null(x$runner_up)) "none" else x$runner_up
    cat(
        "scinno_k: ", x$k, " clusters (runner-up ", second, ", ", nrow(x$k_evidence),
        " candidates)\n", "why: ", x$reason, "\n",
        sep = ""
    )
    print_warnings(x$warnings)
    invisible(x)
}

print_warnings <- function(texts) {
    if (length(texts)) cat(paste0("warning: ", texts, "\n"), sep = "")
}
