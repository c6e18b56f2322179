# What Bioconductor's single-cell packages let a caller choose: assay, altExp, rows, size factors.

# Checked counts of a SummarizedExperiment, genes x cells; log values where `size.factors` are used.
# `note`: whether to say what was not asked for.
counts_of.SummarizedExperiment <- function(object, assay = NULL, altexp = NULL,
                                           size.factors = FALSE, note = TRUE, ...) {
    need_package("SummarizedExperiment")
    chosen <- experiment_of(object, altexp)
    assay <- chosen_values(chosen, assay, note)
    values <- SummarizedExperiment::assay(chosen, assay, withDimnames = FALSE)
    dimnames(values) <- dimnames(chosen)
    factors <- factors_of(chosen, size.factors, note && assay == "counts")
    counts <- counts_of(values, ...)
    if (is.null(factors)) counts else log_by_factors(counts, factors)
}

experiment_of <- function(object, altexp) {
    if (is.null(altexp)) {
        return(object)
    }
    check_name(altexp, "altexp")
    known <- if (is(object, "SingleCellExperiment")) {
        need_package("SingleCellExperiment")
        SingleCellExperiment::altExpNames(object)
    }
    if (!altexp %in% known) {
        scinno_stop(
            "altexp '", altexp, "' is not an alternative experiment of object, which has: ",
            listed(known)
        )
    }
    SingleCellExperiment::altExp(object, altexp)
}

# Where there are no counts, log values are taken, and what zellkonverter reads of an AnnData's X.
chosen_values <- function(object, assay, note) {
    known <- SummarizedExperiment::assayNames(object)
    if (!is.null(assay)) {
        check_name(assay, "assay")
        if (!assay %in% known) {
            scinno_stop("assay '", assay, "' is not in object, which holds: ", listed(known))
        }
        return(assay)
    }
    found <- c(intersect(c("counts", "logcounts", "X"), known), NA)[1L]
    if (is.na(found)) {
        scinno_stop(
            "object has no assay 'counts', but: ", listed(known), "; name one, as in assay = ",
            if (length(known)) paste0("\"", known[1L], "\"") else "\"counts\""
        )
    }
    if (found != "counts") {
        note_of(note, "object has no assay 'counts': '", found, "' is used")
    }
    found
}

factors_of <- function(object, size.factors, note) {
    held <- if (is(object, "SingleCellExperiment")) {
        need_package("SingleCellExperiment")
        SingleCellExperiment::sizeFactors(object)
    }
    if (isFALSE(size.factors) || is.null(size.factors)) {
        if (!is.null(held)) {
            note_of(note, "sizeFactors(object) are not used: size.factors = TRUE uses them")
        }
        return(NULL)
    }
    if (isTRUE(size.factors) && is.null(held)) {
        scinno_stop(
            "size.factors = TRUE requires size factors in object, as scuttle::logNormCounts() or ",
            "scran::computeSumFactors() stores them, but sizeFactors(object) is NULL"
        )
    }
    factors <- if (isTRUE(size.factors)) held else size.factors
    good <- is.numeric(factors) && length(factors) == ncol(object) && all(is.finite(factors)) &&
        all(factors > 0)
    if (!good) {
        scinno_stop(
            "size.factors must be TRUE, FALSE or a number above 0 for each of ", ncol(object),
            " cells, got ", short(unname(factors))
        )
    }
    unname(factors)
}

# The core divides counts by library sizes; other size factors reach it as log values.
log_by_factors <- function(counts, factors) {
    counts@x <- log1p(counts@x / rep(factors, diff(counts@p)))
    counts
}

# Options of a fit with size factors, whose values are logs.
with_log_input <- function(options) {
    if (!is.null(options$input) && !options$input %in% c("auto", "counts")) {
        scinno_stop(
            "size.factors are for counts: leave them out with input = \"", options$input, "\""
        )
    }
    options$input <- "log"
    options
}

# Names of the wanted genes, or NULL for all. `rows`: names, numbers or logical, as scran takes them.
wanted_genes <- function(object, features, rows) {
    if (is.null(rows)) {
        return(features)
    }
    if (!is.null(features)) {
        scinno_stop("features and subset.row are the same argument: give one of them")
    }
    if (is.character(rows)) {
        return(rows)
    }
    logical_of_other_length <- is.logical(rows) && length(rows) != nrow(object)
    if (!is.numeric(rows) && !is.logical(rows) || logical_of_other_length || anyNA(rows) ||
        is.numeric(rows) && (any(rows < 1) || any(rows > nrow(object)))) {
        scinno_stop(
            "subset.row must be names or numbers of genes, or TRUE or FALSE for each of ",
            nrow(object), ", got ", short(rows)
        )
    }
    if (is.null(rownames(object))) {
        scinno_stop("subset.row requires gene names, but object has no rownames")
    }
    rownames(object)[rows]
}

counts_of.MultiAssayExperiment <- function(object, ...) {
    known <- names(object@ExperimentList)
    first <- if (length(known)) known[1L] else "RNA"
    scinno_stop(
        "object is a MultiAssayExperiment: cluster one of its experiments (", listed(known),
        "), as in object[[\"", first, "\"]] <- RunSCINNO(object[[\"", first, "\"]])"
    )
}

note_of <- function(wanted, ...) {
    text <- paste0(...)
    if (wanted && !silent()) cli::cli_alert_info("{text}")
}
