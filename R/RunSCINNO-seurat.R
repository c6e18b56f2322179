#' @rdname RunSCINNO
#' @export
RunSCINNO.Seurat <- function(object, n_clusters = NULL, ..., assay = NULL, layer = "counts",
                             features = NULL, reduction.name = "scinno",
                             reduction.key = "SCINNO_", cluster.name = "scinno_clusters",
                             engine = "auto", verbose = TRUE) {
    need_package("SeuratObject")
    assay <- chosen_assay(object, assay)
    check_name(cluster.name, "cluster.name")
    check_reduction(object, reduction.name, reduction.key)
    counts <- counts_of(object, assay = assay, layer = layer, features = features)
    own <- setdiff(names(formals(RunSCINNO.Seurat)), "...")
    fit <- fit_counts(counts, n_clusters, list(...), engine, verbose, known = own)
    object <- store_in_seurat(object, fit, assay, reduction.name, reduction.key, cluster.name)
    SeuratObject::LogSeuratCommand(object)
}

check_reduction <- function(object, name, key) {
    check_name(name, "reduction.name")
    if (name %in% SeuratObject::Assays(object)) {
        scinno_stop("reduction.name '", name, "' is the name of an assay of object: take another")
    }
    if (!is_name(key) || !grepl("^[A-Za-z][A-Za-z0-9]*_$", key)) {
        scinno_stop(
            "reduction.key must be letters and digits that end in '_', as in 'SCINNO_', got ",
            short(key)
        )
    }
}

store_in_seurat <- function(object, fit, assay, name, key, cluster_name) {
    reduction <- function(values, key) {
        colnames(values) <- paste0(key, seq_len(ncol(values)))
        SeuratObject::CreateDimReducObject(embeddings = values, key = key, assay = assay)
    }
    object[[name]] <- reduction(fit$embedding, key)
    # Clusters count from 0, but Seurat 5 wants dimensions from 1.
    shares <- reduction(fit$memberships, sub("_$", "P_", key))
    object[[paste0(name, "_memberships")]] <- shares
    object[[cluster_name]] <- fit$labels
    object[[paste0(cluster_name, "_confidence")]] <- confidence(fit)
    SeuratObject::Idents(object) <- cluster_name
    object@misc[[name]] <- fit
    object
}
