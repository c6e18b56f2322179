# Where cells lie in their tissue, as the user gives it or as containers hold it.

# A matrix of numbers without names, a row per cell in the order of `cells` (names, or NULL).
places_of <- function(coordinates, cells, n_cells) {
    places <- place_columns(coordinates)
    if (nrow(places) != n_cells) {
        scinno_stop(
            "coordinates must have a row for each of ", n_cells, " cells, got ", nrow(places)
        )
    }
    if (!is.null(rownames(places))) {
        places <- places[rows_of_cells(rownames(places), cells, "coordinates"), , drop = FALSE]
    }
    bad <- which(rowSums(!is.finite(places)) > 0)
    if (length(bad)) {
        scinno_stop(
            "coordinates must be finite numbers for every cell, but ", length(bad), " have others ",
            "(first: ", shown_cell(cells, bad[1L]), " has ",
            paste(places[bad[1L], ], collapse = ", "), "): correct them, or leave these cells out ",
            "before RunSCINNO()"
        )
    }
    unname(places)
}

# The two or three columns that are coordinates, as a matrix of doubles. Its rows have names where
# the table names cells.
place_columns <- function(coordinates) {
    if (is(coordinates, "DataFrame")) {
        need_package("S4Vectors")
        coordinates <- as.data.frame(coordinates)
    }
    if (!is.data.frame(coordinates) && !is.matrix(coordinates)) {
        scinno_stop(
            "coordinates must be a matrix or table with a row per cell, got ", short(coordinates)
        )
    }
    columns <- colnames(coordinates)
    # Tables of Seurat name cells in a column, others by text as names of rows.
    named <- if (is.data.frame(coordinates)) intersect(c("cell", "cells"), columns)
    cells <- if (length(named)) {
        as.character(coordinates[[named[1L]]])
    } else if (is.matrix(coordinates) || is.character(attr(coordinates, "row.names"))) {
        rownames(coordinates)
    }
    wanted <- if (all(c("x", "y") %in% columns)) {
        intersect(c("x", "y", "z"), columns)
    } else if (all(c("imagerow", "imagecol") %in% columns)) {
        c("imagerow", "imagecol")
    } else {
        setdiff(seq_len(ncol(coordinates)), match(named, columns))
    }
    places <- if (is.matrix(coordinates)) {
        coordinates[, wanted, drop = FALSE]
    } else {
        as.matrix(as.data.frame(coordinates)[wanted]) # `[` of a data.table takes no such columns
    }
    if (!is.numeric(places) || !ncol(places) %in% 2:3) {
        scinno_stop(
            "coordinates must have 2 or 3 columns of numbers, or columns 'x' and 'y', got ",
            if (is.null(columns)) ncol(places) else listed(columns)
        )
    }
    storage.mode(places) <- "double"
    dimnames(places) <- list(cells, NULL)
    places
}

# Where each cell is among values with names. A fit without names has its cells in order.
rows_of_cells <- function(named, cells, what) {
    if (is.null(cells)) {
        return(seq_along(named))
    }
    if (anyDuplicated(named)) {
        scinno_stop(
            what, " name the cell '", named[anyDuplicated(named)], "' more than once: ",
            "name each cell once"
        )
    }
    rows <- match(cells, named)
    if (anyNA(rows)) {
        scinno_stop(
            what, " are named by other cells than those of object (first: '",
            setdiff(named, cells)[1L], "'): leave the names out if they are in the order of the ",
            "cells"
        )
    }
    rows
}

shown_cell <- function(cells, at) {
    paste0("cell ", if (is.null(cells)) at else paste0("'", cells[at], "'"))
}

# The slice of each cell as text, in the order of `cells`, or NULL. `object`: has the metadata of
# which `slices` may be a column, or NULL.
slices_of <- function(slices, object, cells, n_cells) {
    if (is.null(slices)) {
        return(NULL)
    }
    if (is.character(slices) && length(slices) == 1L && n_cells > 1L) {
        slices <- slice_column(slices, object)
    }
    if (is(slices, "Rle")) {
        need_package("S4Vectors")
        slices <- S4Vectors::decode(slices)
    }
    if (!is.atomic(slices) || length(dim(slices)) > 1L) {
        scinno_stop(
            "slices must be a vector or factor with a value per cell, or name a metadata column, ",
            "got ", class(slices)[1L]
        )
    }
    if (length(slices) != n_cells) {
        scinno_stop(
            "slices must have one value for each of ", n_cells, " cells, got ", length(slices)
        )
    }
    if (!is.null(names(slices))) {
        slices <- slices[rows_of_cells(names(slices), cells, "slices")]
    }
    missing <- which(is.na(slices))
    if (length(missing)) {
        scinno_stop(
            "slices must have a value for every cell, but ", length(missing), " have NA (first: ",
            shown_cell(cells, missing[1L]), ")"
        )
    }
    unname(batch_name(slices))
}

slice_column <- function(name, object) {
    metadata <- if (!is.null(object)) cell_columns(object)
    if (!name %in% names(metadata)) {
        scinno_stop(
            "slices '", name, "' is not a metadata column of object",
            if (is.null(object)) {
                ", as a scinno_fit has none: give a value per cell"
            } else {
                paste0(", which has: ", listed(names(metadata)))
            }
        )
    }
    metadata[[name]]
}

# Places of the cells of a Seurat object in its images, of which several are slices.
image_places <- function(object) {
    images <- SeuratObject::Images(object)
    if (!length(images)) {
        scinno_stop(
            "object has no images with coordinates of its cells: give coordinates, a matrix with ",
            "a row per cell, as in coordinates = Embeddings(object, \"spatial\")"
        )
    }
    cells <- colnames(object)
    found <- lapply(images, function(image) {
        # Of outlines of cells the centers.
        table <- SeuratObject::GetTissueCoordinates(object[[image]], full = FALSE)
        places <- place_columns(table)
        places[rownames(places) %in% cells, , drop = FALSE]
    })
    names(found) <- images
    found <- whole_images(found)
    places <- do.call(rbind, unname(found))
    missing <- setdiff(cells, rownames(places))
    if (length(missing)) {
        scinno_stop(
            length(missing), " cell(s) of object have no coordinates in its images (first: '",
            missing[1L], "'): give coordinates, or leave these cells out before RunSCINNO()"
        )
    }
    of_cell <- stats::setNames(rep(names(found), vapply(found, nrow, 0L)), rownames(places))
    list(places = places, slices = if (length(found) > 1L) of_cell)
}

# Images but those that show a part of another once more, as Crop() makes them.
whole_images <- function(found) {
    kept <- list()
    for (image in names(found)[order(-vapply(found, nrow, 0L))]) {
        inside <- rownames(found[[image]])
        known <- unlist(lapply(kept, rownames))
        twice <- intersect(inside, known)
        if (length(twice) == length(inside)) next
        if (length(twice)) {
            scinno_stop(
                "cell '", twice[1L], "' is in more than one image of object (",
                listed(names(found)), "): give coordinates and slices"
            )
        }
        kept[[image]] <- found[[image]]
    }
    kept[intersect(names(found), names(kept))]
}

# The same of a SummarizedExperiment.
experiment_places <- function(object) {
    if (is(object, "SpatialExperiment")) {
        need_package("SpatialExperiment")
        # By its name: a package that is not in Debian cannot be among those of DESCRIPTION.
        places <- getExportedValue("SpatialExperiment", "spatialCoords")(object)
        slices <- cell_columns(object)[["sample_id"]]
        return(list(places = places, slices = if (length(unique(slices)) > 1L) slices))
    }
    known <- if (is(object, "SingleCellExperiment")) {
        need_package("SingleCellExperiment")
        SingleCellExperiment::reducedDimNames(object)
    }
    if (!"spatial" %in% known) {
        scinno_stop(
            "object has no coordinates, as a SpatialExperiment or reducedDim(object, \"spatial\") ",
            "holds them: give coordinates, a matrix with a row per cell"
        )
    }
    list(places = SingleCellExperiment::reducedDim(object, "spatial"))
}
