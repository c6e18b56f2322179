#' Marker genes of clusters
#'
#' Differential genes between a cluster and all other cells, or between two clusters, by rank or t
#' tests on counts that are normalized to 10,000 per cell and log1p. The Python core computes them
#' (`scinno.markers`), so that the table is the same in both languages. The clusters were found in
#' the same counts, so p-values order genes, but do not prove that a cluster exists.
#'
#' For Seurat's own tests and filters use `Seurat::FindMarkers(object, ident.1 = "0")`, as the
#' clusters are the identities of the cells.
#'
#' @param object The result of [RunSCINNO()]: a Seurat object, SingleCellExperiment or
#'   SummarizedExperiment; or a [scinno_fit], together with `counts`.
#' @param clusters Names of the clusters to describe; `NULL` for all.
#' @param against One cluster to compare with; `NULL` for all other cells.
#' @param counts For a `scinno_fit`: the counts that it was fitted to, genes x cells.
#' @param assay,layer Assay and layer with the counts; see [RunSCINNO()].
#' @param name See [scinnoFit()].
#' @param method `"wilcoxon"`, `"t-test"` or `"t-test_overestim_var"`.
#' @param only.pos Whether to leave out genes that the cluster expresses less.
#' @param n_genes Genes per cluster, best first; `NULL` for all.
#' @param input Kind of values, as for [RunSCINNO()]: `"auto"`, `"counts"`, `"log"` or
#'   `"normalized"`.
#' @param tie_correct Whether to correct the rank test for ties, of which sparse data are full.
#'   Scores and p-values become less cautious, and the test takes longer.
#' @param batch Batches to test within, as for [RunSCINNO()]: the scores of each are combined
#'   (Stouffer's method), so that a gene that differs between batches is not a marker of the cluster
#'   that one of them has more of. `NULL` tests all cells together.
#' @param engine See [RunSCINNO()].
#' @param ... No further arguments; those of `Seurat::FindMarkers()` are answered with what to use.
#' @return A data frame with a row per cluster and gene, the highest scores first: `cluster`,
#'   `gene`, `score` (z or t), `log2_fold_change`, `p_value`, `p_adjusted` (Benjamini-Hochberg over
#'   all genes), `fraction_in` and `fraction_out` (of cells that express the gene, in the cluster
#'   and in the cells that it is compared with). With `batch` also `batches`, in how many the
#'   cluster was tested, and `batches_agree`, in how many of them the gene goes in the direction of
#'   the score. Clusters of fewer than three cells cannot be tested
#'   and are left out with a warning.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     head(scinnoMarkers(fit, clusters = "2", counts = counts))
#' }
#' @export
scinnoMarkers <- function(object, clusters = NULL, against = NULL, counts = NULL, assay = NULL,
                          layer = "counts", name = "scinno", method = "wilcoxon",
                          only.pos = FALSE, n_genes = NULL, input = "auto", tie_correct = FALSE,
                          batch = NULL, engine = "auto", ...) {
    check_marker_words(names(list(...)), ...length())
    check_flag(only.pos, "only.pos")
    check_flag(tie_correct, "tie_correct")
    check_one_of(method, c("wilcoxon", "t-test", "t-test_overestim_var"), "method")
    check_one_of(input, c("auto", "counts", "log", "normalized"), "input")
    check_n_genes(n_genes)
    fit <- scinnoFit(object, name)
    known <- levels(fit$labels)
    clusters <- check_clusters(if (is.null(clusters)) known else clusters, known, "clusters")
    if (!is.null(against)) {
        against <- check_clusters(against, known, "against")
        if (length(against) != 1L) {
            scinno_stop("against must be one cluster or NULL, got ", short(against))
        }
        if (against %in% clusters) {
            scinno_stop("against must not be among clusters, but '", against, "' is")
        }
    }
    counts <- counts_for(object, fit, counts, assay, layer)
    labels <- labels_of(fit, colnames(counts), "object")
    clusters <- large_enough(clusters, against, labels)
    note_of(
        is.null(batch) && !is.null(fit$batches),
        "the fit has batches: give 'batch' to test within them"
    )
    request <- list(
        genes = as_names(rownames(counts)), labels = I(as.integer(labels) - 1L),
        clusters = as_names(known), tested = as_names(clusters),
        reference = if (is.null(against)) "rest" else against,
        options = list(method = method, input = input, tie_correct = tie_correct),
        batch = batch_of(
            if (inherits(object, "scinno_fit")) counts else object, batch,
            assay = assay, layer = layer
        )
    )
    answer <- call_python("markers", request, counts, engine = engine, verbose = FALSE)
    table <- markers_table(answer$arrays, known, rownames(counts))
    if (only.pos) {
        table <- table[table$log2_fold_change > 0, ]
    }
    first_of_each(table, n_genes)
}

markers_table <- function(columns, clusters, genes) {
    numbers <- c(
        "score", "log2_fold_change", "p_value", "p_adjusted", "fraction_in", "fraction_out",
        "batches", "batches_agree"
    )
    data.frame(
        cluster = clusters[columns$cluster + 1L], gene = genes[columns$gene + 1L],
        columns[intersect(numbers, names(columns))]
    )
}

first_of_each <- function(table, n) {
    if (!is.null(n)) {
        rank <- stats::ave(seq_len(nrow(table)), table$cluster, FUN = seq_along)
        table <- table[rank <= n, ]
    }
    rownames(table) <- NULL
    table
}

check_n_genes <- function(n) {
    if (!is.null(n) && !(is.numeric(n) && length(n) == 1L && is.finite(n) && n >= 1)) {
        scinno_stop("n_genes must be 1 or more, or NULL for all, got ", short(n))
    }
}

# Arguments of Seurat::FindMarkers() that earlier versions passed on.
check_marker_words <- function(names, n) {
    seurat <- "Seurat::FindMarkers(object, ident.1 = \"0\") has Seurat's tests"
    answers <- c(
        test.use = paste("the test is 'method' here;", seurat),
        min.pct = "filter the table, as in m[pmax(m$fraction_in, m$fraction_out) >= 0.1, ]",
        logfc.threshold = "filter the table, as in m[abs(m$log2_fold_change) >= 0.25, ]",
        slot = "it is 'layer' here",
        group.by = "the clusters of the fit are described", ident.1 = "it is 'clusters' here",
        ident.2 = "it is 'against' here"
    )
    if (!n) {
        return(invisible())
    }
    first <- if (is.null(names)) "" else names[1L]
    if (!nzchar(first)) {
        scinno_stop("arguments of scinnoMarkers() after engine must be named")
    }
    answer <- if (first %in% names(answers)) answers[[first]] else seurat
    scinno_stop("unknown argument '", first, "': ", answer)
}

check_clusters <- function(x, known, what) {
    x <- batch_name(x)
    unknown <- setdiff(x, known)
    if (!length(x) || length(unknown)) {
        scinno_stop(
            what, " must be among ", listed(known),
            if (length(unknown)) paste0(", got '", unknown[1L], "'") else ", got none"
        )
    }
    unique(x)
}

# No cluster of fewer than three cells is tested, in Python as in Seurat.
large_enough <- function(clusters, against, labels, least = 3L) {
    sizes <- table(labels)
    if (!is.null(against) && sizes[[against]] < least) {
        scinno_stop("cluster '", against, "' has fewer than ", least, " cells to compare with")
    }
    small <- clusters[sizes[clusters] < least]
    if (length(small) == length(clusters)) {
        scinno_stop("cluster ", listed(small), " has fewer than ", least, " cells to test")
    }
    if (length(small)) {
        warning("fewer than ", least, " cells, not tested: cluster ", listed(small), call. = FALSE)
    }
    setdiff(clusters, small)
}

# The counts of an object that contains a fit, or those that were given with the fit itself.
counts_for <- function(object, fit, counts, assay, layer) {
    if (inherits(object, "scinno_fit")) {
        if (is.null(counts)) {
            scinno_stop("counts must be given with a scinno_fit: the counts that it was fitted to")
        }
        counts <- counts_of(counts)
        if (ncol(counts) != length(fit$labels)) {
            scinno_stop(
                "counts must hold the ", length(fit$labels), " cells of the fit, got ",
                ncol(counts)
            )
        }
        if (is.null(colnames(counts))) {
            colnames(counts) <- if (is.null(names(fit$labels))) {
                paste0("cell", seq_along(fit$labels))
            } else {
                names(fit$labels)
            }
        }
        if (is.null(rownames(counts))) rownames(counts) <- paste0("gene", seq_len(nrow(counts)))
        return(counts)
    }
    if (inherits(object, "Seurat")) {
        return(counts_of(object, assay = assay, layer = layer))
    }
    counts_of(object, assay = assay)
}

# Labels of `cells`, by name; a fit without names has its cells in order.
labels_of <- function(fit, cells, what) {
    if (is.null(names(fit$labels))) {
        return(stats::setNames(fit$labels, cells))
    }
    missing <- setdiff(cells, names(fit$labels))
    if (length(missing)) {
        scinno_stop(
            length(missing), " cell(s) of ", what, " are not in the fit (first: '", missing[1L],
            "')"
        )
    }
    fit$labels[cells]
}
