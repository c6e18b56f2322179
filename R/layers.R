# Layers of a Seurat assay. In Seurat 5 a layer may be split by cells into counts.1, counts.2 and so
# on; in Seurat 4 an assay has three slots.

slot_of <- function(object, assay, layer) {
    check_one_of(layer, c("counts", "data", "scale.data"), "layer")
    SeuratObject::GetAssayData(object, slot = layer, assay = assay)
}

joined_layers <- function(object, assay, layer) {
    assay_object <- object[[assay]]
    known <- layer_names(assay_object)
    parts <- if (layer %in% known) layer else split_layers(assay_object, layer)
    if (!length(parts)) {
        scinno_stop(
            "layer '", layer, "' is not in assay '", assay, "', which holds: ", listed(known)
        )
    }
    counts <- bind_layers(assay_object, parts)
    missing <- setdiff(colnames(object), colnames(counts))
    if (length(missing) && all(dim(counts))) {
        scinno_stop(
            "layer '", layer, "' of assay '", assay, "' lacks ", length(missing),
            " cell(s) of object, the first '", missing[1L], "': cluster those that it has, as a ",
            "sketch, part <- RunSCINNO(subset(object, cells = Cells(object[['", assay, "']]))), ",
            "and place the others by their counts, object$scinno <- predict(scinnoFit(part), ",
            "object, assay = 'RNA')"
        )
    }
    if (identical(colnames(counts), colnames(object))) counts else counts[, colnames(object)]
}

# An assay of Seurat 4 has none.
layer_names <- function(assay_object) {
    if (utils::packageVersion("SeuratObject") < "5.0.0") {
        return(character())
    }
    getExportedValue("SeuratObject", "Layers")(assay_object)
}

# The parts of a layer that is split, none if it is whole.
split_layers <- function(assay_object, layer) {
    known <- layer_names(assay_object)
    if (layer %in% known) character() else known[startsWith(known, paste0(layer, "."))]
}

bind_layers <- function(assay_object, parts) {
    layer_data <- getExportedValue("SeuratObject", "LayerData")
    matrices <- lapply(parts, function(part) layer_data(assay_object, layer = part))
    if (length(matrices) == 1L) matrices[[1L]] else bind_cells(matrices)
}

# Which part each cell is in: "x" for "counts.x".
layer_of_cells <- function(assay_object, parts, layer, cells) {
    cells_of <- getExportedValue("SeuratObject", "Cells")
    held <- lapply(parts, function(part) cells_of(assay_object, layer = part))
    names <- rep(substring(parts, nchar(layer) + 2L), lengths(held))
    names[match(cells, unlist(held))]
}

# Layers may have different genes: a gene that a layer lacks was not detected in its cells.
bind_cells <- function(matrices) {
    genes <- unique(unlist(lapply(matrices, rownames)))
    widened <- lapply(matrices, function(part) {
        part <- as_csc(part)
        if (identical(rownames(part), genes)) {
            return(part)
        }
        entries <- as(part, "TsparseMatrix")
        sparseMatrix(
            i = match(rownames(part), genes)[entries@i + 1L], j = entries@j + 1L, x = entries@x,
            dims = c(length(genes), ncol(part)), dimnames = list(genes, colnames(part))
        )
    })
    do.call(cbind, widened)
}
