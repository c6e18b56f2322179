#' @rdname RunSCINNO
#' @export
RunSCINNO.Seurat <- function(object, n_clusters = NULL, ..., seed = 0, assay = NULL,
                             layer = "counts", features = NULL, batch = NULL, group.by = NULL,
                             reduction.name = "SCINNO", reduction.key = "SCINNO_",
                             cluster.name = "scinno", set.ident = TRUE, engine = "auto",
                             verbose = TRUE) {
    need_package("SeuratObject")
    check_flag(set.ident, "set.ident")
    check_flag(verbose, "verbose")
    check_name(layer, "layer")
    options <- seurat_options(c(list(...), if (!missing(seed)) list(seed = seed)))
    named <- assay
    assay <- chosen_assay(object, assay, layer) # under this name LogSeuratCommand() looks for it
    if (missing(reduction.key) && is_name(reduction.name)) {
        reduction.key <- free_key(object, reduction.name)
    }
    check_seurat_names(object, reduction.name, reduction.key, cluster.name)
    columns <- batch_of(object, one_of_both(batch, group.by), assay, layer)
    say_assay(object, named, assay, verbose)
    counts <- counts_of(object, assay = assay, layer = layer, features = features)
    own <- setdiff(names(formals(RunSCINNO.Seurat)), "...")
    fit <- fit_counts(counts, n_clusters, options, engine, verbose, columns, own)
    before <- SeuratObject::Idents(object)
    object <- store_in_seurat(object, fit, assay, reduction.name, reduction.key, cluster.name)
    if (!set.ident) {
        SeuratObject::Idents(object) <- before
    }
    SeuratObject::LogSeuratCommand(object)
}

# Names of the results, checked before the fit. object[[name]] finds metadata columns, assays and
# reductions, so that Seurat allows a name for one of these only.
check_seurat_names <- function(object, reduction, key, cluster) {
    check_name(cluster, "cluster.name")
    check_name(reduction, "reduction.name")
    if (!is_name(key) || !grepl("^[A-Za-z][A-Za-z0-9]*_$", key)) {
        scinno_stop(
            "reduction.key must be letters and digits that end in '_', as in 'SCINNO_', got ",
            short(key)
        )
    }
    columns <- c(cluster, paste0(cluster, "_confidence"))
    reductions <- c(reduction, paste0(reduction, "_memberships"))
    others <- c(SeuratObject::Assays(object), SeuratObject::Reductions(object))
    taken <- intersect(columns, c(reductions, others))
    if (length(taken)) {
        scinno_stop(
            "cluster.name would add a metadata column '", taken[1L], "', which is the name of an ",
            "assay or reduction (earlier versions of scinno named their reduction 'scinno'): ",
            "choose another name, or remove that with object[['", taken[1L], "']] <- NULL"
        )
    }
    taken <- intersect(reductions, c(SeuratObject::Assays(object), names(object[[]])))
    if (length(taken)) {
        scinno_stop(
            "reduction.name would add a reduction '", taken[1L], "', which is the name of an ",
            "assay or metadata column of object: choose another name"
        )
    }
    check_columns_free(object, cluster, "cluster.name")
    known <- SeuratObject::Reductions(object)
    check_reduction_free(reduction, known, "reduction.name", reduction, "SCINNO")
    if (length(known) && !reduction %in% known && length(stored_fits(object, cluster))) {
        warning(
            "the clusters and fit '", cluster, "' of an earlier run are replaced, its reductions ",
            "are not: to keep both runs give cluster.name as well",
            call. = FALSE
        )
    }
}

store_in_seurat <- function(object, fit, assay, reduction_name, key, cluster_name) {
    reduction <- function(values, key) {
        # Standard deviations are what ElbowPlot() draws.
        SeuratObject::CreateDimReducObject(
            embeddings = numbered_columns(values, key), key = key, assay = assay,
            stdev = deviations(values)
        )
    }
    object[[reduction_name]] <- reduction(fit$embedding, key)
    # Clusters are numbered from 0, but Seurat 5 requires dimensions from 1.
    memberships <- reduction(fit$memberships, sub("_$", "P_", key))
    object[[paste0(reduction_name, "_memberships")]] <- memberships
    object[[cluster_name]] <- fit$labels
    object[[paste0(cluster_name, "_confidence")]] <- confidence(fit)
    SeuratObject::Idents(object) <- cluster_name
    object@misc[[cluster_name]] <- short_fit(fit)
    object
}

deviations <- function(values) unname(apply(values, 2L, stats::sd))
