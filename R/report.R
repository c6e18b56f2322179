#' Write a report page of a clustering
#'
#' Writes a self-contained HTML page that opens without a network: maps of the cells to color by
#' cluster, membership, metadata and genes, tables of clusters and their marker genes, uncertain
#' cells, training curves, quality of the data. Python writes the page
#' (`scinno.report.write_report`). The first page of a session takes some seconds longer, also for
#' few cells: packages are loaded (7.6 s for 80 cells, 1.2 s for the next page). On Windows and on
#' Linux on ARM, which scranpy has no build for, the code of UMAP is compiled then, too: about 14 s.
#'
#' @param object The result of [RunSCINNO()]: a Seurat object, SingleCellExperiment or
#'   SummarizedExperiment, whose metadata columns can color the map; or a [scinno_fit], together
#'   with `counts`.
#' @param file Path of the page.
#' @param label Metadata column with known labels, which the clusters are compared with.
#' @param batch Metadata column with the batch of each cell.
#' @param genes Names of genes that the page must include besides the most variable ones.
#' @param title Title of the page.
#' @param counts For a `scinno_fit`: the counts that it was fitted to, genes x cells.
#' @param overwrite Whether to replace an existing file.
#' @param assay,layer,engine,verbose See [RunSCINNO()].
#' @param name See [scinnoFit()].
#' @return `file`, invisibly.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     page <- scinnoReport(fit, tempfile(fileext = ".html"), counts = counts)
#' }
#' @export
scinnoReport <- function(object, file, label = NULL, batch = NULL, genes = NULL, title = NULL,
                         counts = NULL, overwrite = FALSE, assay = NULL, layer = "counts",
                         name = "scinno", engine = "auto", verbose = TRUE) {
    check_flag(verbose, "verbose")
    check_flag(overwrite, "overwrite")
    fit <- check_fit(scinnoFit(object, name))
    check_page(file, overwrite)
    metadata <- metadata_of(object)
    for (what in c("label", "batch")) {
        column <- get(what)
        if (!is.null(column) && !(is_name(column) && column %in% names(metadata))) {
            scinno_stop(
                what, " must be a metadata column of object, which has ",
                listed(names(metadata)), "; got ", short(column)
            )
        }
    }
    counts <- counts_for(object, fit, counts, assay, layer)
    order <- cells_of_fit(fit, counts)
    request <- list(
        file = normalizePath(file, mustWork = FALSE),
        genes = as_names(rownames(counts)),
        cells = as_names(colnames(counts)[order]),
        metadata = as_object(lapply(plain_columns(metadata), function(x) I(x[order]))),
        label = label, batch = batch, title = title,
        shown = if (!is.null(genes)) I(as.character(genes))
    )
    if (!identical(order, seq_along(order))) {
        counts <- counts[, order]
    }
    if (verbose && !silent()) {
        cli::cli_alert_info("Writing the report: the first one of a session takes some seconds")
    }
    call_python("report", request, counts, fit$model, engine, verbose)
    if (verbose && !silent()) {
        cli::cli_alert_success("Report written to {.file {file}}")
    }
    invisible(file)
}

check_page <- function(file, overwrite) {
    check_name(file, "file")
    if (!dir.exists(dirname(file))) {
        scinno_stop("the folder of file does not exist: '", dirname(file), "'")
    }
    if (file.exists(file) && !overwrite) {
        scinno_stop("'", file, "' already exists: add overwrite = TRUE or choose another name")
    }
}

# Column of `counts` of each cell of the fit; the page shows all cells of the fit.
cells_of_fit <- function(fit, counts) {
    if (is.null(names(fit$labels))) {
        return(seq_len(ncol(counts)))
    }
    order <- match(names(fit$labels), colnames(counts))
    if (anyNA(order)) {
        scinno_stop(
            sum(is.na(order)), " cell(s) of the fit are not in object (first: '",
            names(fit$labels)[is.na(order)][1L], "'): run RunSCINNO() on this object first"
        )
    }
    order
}

# Columns that JSON can represent: numbers, text, and factors as text.
plain_columns <- function(metadata) {
    simple <- vapply(metadata, function(x) is.atomic(x) && is.null(dim(x)), TRUE)
    lapply(metadata[simple], function(x) if (is.numeric(x)) x else as.character(x))
}
