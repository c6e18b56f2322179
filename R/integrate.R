#' Integration of layers with SCINNO
#'
#' A method for Seurat's `IntegrateLayers()`: the layers of a split assay are the batches of one
#' fit, whose embedding becomes the new reduction.
#'
#' The result is that of [RunSCINNO()] with `batch = "layers"`, which gives clusters as well. Raw
#' counts are used; genes are selected within batches from all genes of the assay. Of what Seurat
#' passes, `orig`, `scale.layer`, `features` and `groups` are not needed, so that no PCA has to
#' exist: `IntegrateLayers(object, method = SCINNOIntegration, orig.reduction = NULL)`. Any reduction
#' may be named there, `"SCINNO"` as well.
#'
#' `IntegrateLayers()` checks its arguments before a method runs, so that these sentences are Seurat's
#' own, and scinno cannot say more:
#' - *is not a dimensional reduction*: there is no PCA, which is its default; give
#'   `orig.reduction = NULL`.
#' - *None of the features provided are found in this assay*: there are no variable features; give
#'   `features = rownames(object)`, and neither them nor `NormalizeData()` is needed.
#' - *'assay' must be a v5 or SCT assay*: `object[["RNA"]] <- as(object[["RNA"]], "Assay5")`, then
#'   split it; or `RunSCINNO(object, batch = "donor")`.
#'
#' @param object,assay,layers,orig,scale.layer,features,groups From `IntegrateLayers()`: the assay,
#'   its name, the layers to integrate, and what is not needed.
#' @param new.reduction Name of the new reduction.
#' @param layer Name of the layers with the counts: `"counts"` for `counts.1`, `counts.2` and so on.
#' @param n_clusters,...,engine,verbose See [RunSCINNO()].
#' @return A list with the reduction, by its name; its `misc` has the fit, which
#'   `scinnoFit(object, new.reduction)` returns from the integrated object.
#' @examples
#' \dontrun{
#' object[["RNA"]] <- split(object[["RNA"]], f = object$donor)
#' object <- Seurat::NormalizeData(object)
#' object <- Seurat::FindVariableFeatures(object)
#' object <- Seurat::IntegrateLayers(
#'     object, method = SCINNOIntegration, orig.reduction = NULL, seed = 1
#' )
#' dims <- 1:ncol(SeuratObject::Embeddings(object, "integrated.scinno"))
#' object <- Seurat::RunUMAP(object, reduction = "integrated.scinno", dims = dims)
#' fit <- scinnoFit(object, "integrated.scinno")
#' }
#' @export
SCINNOIntegration <- function(object, assay = NULL, layers = NULL, orig = NULL, scale.layer = NULL,
                              features = NULL, groups = NULL, new.reduction = "integrated.scinno",
                              layer = "counts", n_clusters = NULL, ..., engine = "auto",
                              verbose = TRUE) {
    need_package("SeuratObject")
    installed <- utils::packageVersion("SeuratObject")
    if (installed < "5.0.0") {
        scinno_stop(
            "SCINNOIntegration() requires Seurat 5, got SeuratObject ", as.character(installed),
            ": use RunSCINNO(object, batch = \"donor\") with a metadata column"
        )
    }
    if (!is(object, "StdAssay")) {
        scinno_stop(
            "object must be an assay of Seurat 5, as IntegrateLayers() passes it, got ",
            class(object)[1L]
        )
    }
    check_name(new.reduction, "new.reduction")
    check_name(layer, "layer")
    parts <- wanted_layers(object, layer, layers)
    counts <- bind_layers(object, parts)
    counts <- counts_of(counts[, intersect(colnames(object), colnames(counts))])
    batch <- batch_of(counts, layer_of_cells(object, parts, layer, colnames(counts)))
    own <- setdiff(names(formals(SCINNOIntegration)), "...")
    fit <- fit_counts(counts, n_clusters, list(...), engine, verbose, batch, own)
    key <- paste0(gsub("[^A-Za-z0-9]", "", new.reduction), "_")
    values <- fit$embedding
    colnames(values) <- paste0(key, seq_len(ncol(values)))
    reduction <- SeuratObject::CreateDimReducObject(
        embeddings = values, key = key, assay = assay, stdev = deviations(values),
        misc = list(scinno = short_fit(fit))
    )
    stats::setNames(list(reduction), new.reduction)
}
attr(SCINNOIntegration, "Seurat.method") <- "integration"

# Layers of counts that belong to those that are to be integrated: counts.x to data.x. All of them
# for a layer that is whole.
wanted_layers <- function(assay_object, layer, layers) {
    parts <- split_layers(assay_object, layer)
    if (length(parts) < 2L) {
        whole_stop(layer)
    }
    ends <- substring(parts, nchar(layer) + 1L)
    wanted <- vapply(ends, function(end) any(endsWith(as.character(layers), end)), TRUE)
    if (any(wanted)) parts[wanted] else parts
}
