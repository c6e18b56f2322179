#' Marker genes of clusters
#'
#' Differential genes between a cluster and all other cells, or between two clusters, by
#' `Seurat::FindMarkers()` on log-normalized counts. The clusters were found in the same counts, so
#' p-values order genes, but do not prove that a cluster exists. Seurat's Wilcoxon test takes a minute per
#' cluster on thousands of cells, unless the package presto (Seurat 5) or limma (Seurat 4) is installed,
#' which Seurat then uses by itself.
#'
#' @param object The result of [RunSCINNO()]: a Seurat object, SingleCellExperiment or
#'   SummarizedExperiment; or a [scinno_fit], together with `counts`.
#' @param clusters Names of the clusters to describe; `NULL` for all.
#' @param against One cluster to compare with; `NULL` for all other cells.
#' @param counts For a `scinno_fit`: the counts that it was fitted to, genes x cells.
#' @param assay,layer Assay and layer with the counts; see [RunSCINNO()].
#' @param name See [scinnoFit()].
#' @param ... Passed on to `Seurat::FindMarkers()`, as in `test.use = "wilcox"` (its default),
#'   `only.pos`, `min.pct`.
#' @return A data frame with a row per cluster and gene, the smallest p-values first: `cluster`,
#'   `gene`, `log2_fold_change`, `p_value`, `p_adjusted` (Benjamini-Hochberg over all genes of the
#'   object, as in Python; genes that Seurat does not test count as p = 1), `fraction_in` and
#'   `fraction_out` (of cells that express the gene, in the cluster and in the cells that it is
#'   compared with). Clusters of fewer than three cells cannot be tested and are left out with a
#'   warning.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (requireNamespace("Seurat", quietly = TRUE)) {
#'     head(scinnoMarkers(fit, clusters = "2", counts = counts))
#' }
#' @export
scinnoMarkers <- function(object, clusters = NULL, against = NULL, counts = NULL, assay = NULL,
                          layer = "counts", name = "scinno", ...) {
    need_package("Seurat")
    need_package("SeuratObject")
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
    # The arguments of FindMarkers() for a matrix differ between versions, those for an object do
    # not.
    cells <- suppressWarnings(SeuratObject::CreateSeuratObject(counts))
    cells <- Seurat::NormalizeData(cells, verbose = FALSE)
    SeuratObject::Idents(cells) <- labels
    # Seurat names a column by a number, which is written as set here.
    usual <- options(scipen = 0)
    on.exit(options(usual))
    tables <- lapply(clusters, function(cluster) {
        found <- Seurat::FindMarkers(
            cells,
            ident.1 = cluster, ident.2 = against, verbose = FALSE, ...
        )
        markers_table(cluster, found, rownames(counts))
    })
    do.call(rbind, tables)
}

markers_table <- function(cluster, found, genes) {
    # Seurat changes '_' in names to '-'.
    renamed <- gsub("_", "-", genes, fixed = TRUE)
    data.frame(
        cluster = rep(cluster, nrow(found)),
        gene = genes[match(rownames(found), renamed)],
        log2_fold_change = found$avg_log2FC,
        p_value = found$p_val,
        p_adjusted = adjusted(found$p_val, length(genes)),
        fraction_in = found$pct.1,
        fraction_out = found$pct.2
    )
}

# Benjamini-Hochberg, as Python's markers(). FindMarkers() leaves out genes that few cells express
# or that hardly change. All genes of the object count, so that this filter lowers no adjusted
# p-value.
adjusted <- function(p, n_genes) stats::p.adjust(p, "BH", n = n_genes)

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

# Seurat tests no cluster of fewer than three cells.
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
