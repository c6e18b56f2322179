#' Divide one cluster further
#'
#' Clusters the cells of one cluster alone, with a network and most variable genes of their own.
#' Where [cutSCINNO()] divides a cluster by the genes that tell all clusters apart, a new fit of its
#' cells sees what differs among them. The clusters of `object` stay as they are.
#'
#' @param object The result of [RunSCINNO()]: a Seurat object, SingleCellExperiment or
#'   SummarizedExperiment; or a [scinno_fit], together with `counts`.
#' @param cluster Name of the cluster, as in `"3"`; also a part that an earlier call has made, as in
#'   `"3.1"` with `name = "scinno_sub"`.
#' @param n_clusters Number of parts, or a range such as `c(2, 5)`, or `NULL` to estimate it.
#' @param ... Arguments of the method; see [RunSCINNO()].
#' @param counts For a `scinno_fit`: the counts that it was fitted to, genes x cells.
#' @param assay,layer Assay and layer with the counts; see [RunSCINNO()].
#' @param name Metadata column with the clusters.
#' @param name_added Metadata column for the result, and name of the new fit for [scinnoFit()].
#' @param engine,verbose See [RunSCINNO()].
#' @return For a `scinno_fit` a [scinno_fit] of the cells of the cluster, in their order, with one
#'   more element, `parts`: a factor with `"3.1"`, `"3.2"` and so on for these cells, the largest
#'   part first, and for all others their cluster. Otherwise `object` with `parts` as the metadata
#'   column `name_added`, and that fit, which `scinnoFit(object, name_added)` returns.
#' @examples
#' fit <- readRDS(system.file("extdata", "example_fit.rds", package = "scinno"))
#' counts <- readRDS(system.file("extdata", "example_counts.rds", package = "scinno"))
#' if (scinnoReady()) {
#'     part <- subclusterSCINNO(fit, "0", 2, counts = counts, pretrain_epochs = 2, joint_epochs = 2)
#'     table(part$parts)
#' }
#' @export
subclusterSCINNO <- function(object, cluster, n_clusters = NULL, ..., counts = NULL, assay = NULL,
                             layer = "counts", name = "scinno",
                             name_added = paste0(name, "_sub"), engine = "auto", verbose = TRUE) {
    check_name(name, "name")
    check_name(name_added, "name_added")
    is_fit <- inherits(object, "scinno_fit")
    fit <- if (is_fit) check_fit(object)
    column <- if (!is_fit) cluster_column(object, name)
    counts <- counts_for(object, fit, counts, assay, layer)
    labels <- if (is_fit) labels_of(fit, colnames(counts), "counts") else column
    known <- levels(labels)
    cluster <- check_clusters(cluster, known, "cluster")
    if (length(cluster) != 1L) {
        scinno_stop("cluster must be one cluster, got ", short(cluster))
    }
    inside <- which(labels == cluster)
    if (length(inside) < 4L) {
        scinno_stop("cluster '", cluster, "' has ", length(inside), " cell(s): too few to divide")
    }
    own <- setdiff(names(formals(subclusterSCINNO)), "...")
    result <- fit_counts(
        counts[, inside, drop = FALSE], n_clusters, list(...), engine, verbose,
        known = own
    )
    result$parts <- parts_of(labels, inside, cluster, result)
    if (is_fit) {
        return(result)
    }
    store_parts(object, result, name_added)
}

# Clusters of the cells of an object, as a factor.
cluster_column <- function(object, name) {
    metadata <- metadata_of(object)
    if (!ncol(metadata) && !inherits(object, "Seurat") && !is(object, "SummarizedExperiment")) {
        scinno_stop("object must be a result of RunSCINNO(), got ", class(object)[1L])
    }
    if (!name %in% names(metadata)) {
        scinno_stop(
            "name must be a metadata column of object, which has ", listed(names(metadata)),
            "; got ", short(name)
        )
    }
    stats::setNames(droplevels(as.factor(metadata[[name]])), colnames(object))
}

# The old clusters in their order, with the parts where the cluster was.
parts_of <- function(labels, inside, cluster, result) {
    names_of_parts <- paste0(cluster, ".", seq_len(result$n_clusters))
    old <- levels(labels)
    place <- match(cluster, old)
    levels <- append(old[-place], names_of_parts, after = place - 1L)
    values <- as.character(labels)
    values[inside] <- names_of_parts[as.integer(result$labels)]
    stats::setNames(factor(values, levels = levels), names(labels))
}

store_parts <- function(object, result, name) {
    if (inherits(object, "Seurat")) {
        object[[name]] <- result$parts
        object@misc[[name]] <- short_fit(result)
        return(object)
    }
    need_package("S4Vectors")
    SummarizedExperiment::colData(object)[[name]] <- unname(result$parts)
    S4Vectors::metadata(object)[[name]] <- short_fit(result)
    object
}
