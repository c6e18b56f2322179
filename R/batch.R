# Batches, as the user names them: a value per cell, columns of the metadata, or layers of an assay.

# What Python gets for `batch`: NULL, or a list of columns, each an atomic vector or a factor with a
# value per cell. `assay` and `layer` as in counts_of(), whose other arguments say nothing of batches.
batch_of <- function(object, batch, assay = NULL, layer = "counts", ...) {
    columns <- batch_columns(object, batch, assay, layer)
    if (!is.null(columns) && all(lengths(lapply(columns, unique)) == 1L)) {
        first <- vapply(columns, function(column) batch_name(column[1L]), "")
        scinno_stop(
            "batch must name at least two batches, got '", paste(first, collapse = " / "),
            "' for all ", ncol(object), " cells: leave it out"
        )
    }
    as_batch(columns)
}

# The same for the cells of `newdata`, where one value may also be the name of one of `known`, the
# batches of a fit, for all of them.
new_batch_of <- function(newdata, batch, known, assay = NULL, layer = "counts", ...) {
    one <- is.atomic(batch) && length(batch) == 1L && !is.na(batch)
    if (!one || is_layers(newdata, batch, assay, layer)) {
        return(as_batch(batch_columns(newdata, batch, assay, layer)))
    }
    batch <- batch_name(batch)
    if (!batch %in% names(cell_columns(newdata))) {
        return(batch)
    }
    if (batch %in% known) {
        scinno_stop(
            "batch '", batch, "' is a batch of the fit and a metadata column of newdata: give the ",
            "batch of each cell, as in rep(\"", batch, "\", ", ncol(newdata), ") or newdata$", batch
        )
    }
    as_batch(batch_columns(newdata, batch, assay, layer))
}

# As Python names it: 100000, not 1e+05.
batch_name <- function(x) {
    if (!is.numeric(x)) {
        return(as.character(x))
    }
    format(x, digits = 15L, scientific = FALSE, trim = TRUE)
}

batch_columns <- function(object, batch, assay, layer) {
    n_cells <- ncol(object)
    if (is.null(batch)) {
        return(NULL)
    }
    if (is_layers(object, batch, assay, layer)) {
        assay_object <- object[[chosen_assay(object, assay)]]
        parts <- split_layers(assay_object, layer)
        if (!length(parts)) {
            whole_stop(layer)
        }
        return(list(layers = layer_of_cells(assay_object, parts, layer, colnames(object))))
    }
    columns <- if (is.list(batch) || is(batch, "DataFrame")) {
        rows <- if (!is.data.frame(batch) || .row_names_info(batch) > 0L) rownames(batch)
        lapply(as.list(batch), stats::setNames, rows)
    } else if (is.character(batch) && length(batch) != n_cells) {
        named_columns(cell_columns(object), batch, n_cells)
    } else {
        list(batch)
    }
    if (!length(columns)) {
        scinno_stop("batch must be NULL or have at least one column, got ", short(batch))
    }
    lapply(columns, checked_column, cells = colnames(object), n_cells = n_cells)
}

# The table as it is, with its own names; NULL for a matrix.
cell_columns <- function(object) {
    if (inherits(object, "Seurat")) {
        object[[]]
    } else if (is(object, "SummarizedExperiment")) {
        need_package("SummarizedExperiment")
        SummarizedExperiment::colData(object)
    }
}

named_columns <- function(metadata, names, n_cells) {
    unknown <- setdiff(names, names(metadata))
    if (is.null(metadata) || length(names) > max(length(metadata), 1L)) {
        scinno_stop(
            "batch must have one value for each of ", n_cells, " cells, got ", length(names),
            if (is.null(metadata)) ", and a matrix has no metadata columns that it could name"
        )
    }
    if (length(unknown)) {
        scinno_stop(
            "batch '", unknown[1L], "' is not a metadata column of object, which has: ",
            listed(names(metadata))
        )
    }
    if (anyDuplicated(names) || !length(names)) {
        scinno_stop("batch must name one or more different columns, got ", short(names))
    }
    # One by one: `[` of Seurat's and Bioconductor's tables differ.
    stats::setNames(lapply(names, function(name) metadata[[name]]), names)
}

# A column with a value per cell, in the order of the cells.
checked_column <- function(column, cells, n_cells) {
    if (is(column, "Rle")) {
        need_package("S4Vectors")
        column <- S4Vectors::decode(column)
    }
    if (!is.atomic(column) || length(dim(column)) > 1L) {
        scinno_stop("batch must be a vector or factor, or name columns, got ", class(column)[1L])
    }
    if (length(column) != n_cells) {
        scinno_stop(
            "batch must have one value for each of ", n_cells, " cells, got ", length(column)
        )
    }
    if (anyNA(column)) {
        first <- which(is.na(column))[1L]
        scinno_stop(
            "batch must have a value for every cell, but ", sum(is.na(column)), " have NA (first: ",
            "cell ", if (is.null(cells)) first else paste0("'", cells[first], "'"), "): name ",
            "their batch, or leave these cells out"
        )
    }
    in_order_of(column, cells)
}

# Names decide where both sides have them.
in_order_of <- function(column, cells) {
    if (is.null(names(column)) || is.null(cells) || identical(names(column), cells)) {
        return(column)
    }
    place <- match(cells, names(column))
    if (anyNA(place)) {
        scinno_stop(
            "batch is named by other cells than those of object (first: '", names(column)[1L],
            "'): use unname(batch) if it is in the order of the cells"
        )
    }
    column[place]
}

# In JSON a list of columns. Python orders batches as it does its own columns: numbers by size, text
# by its letters, factors by their levels.
as_batch <- function(columns) {
    if (is.null(columns)) {
        return(NULL)
    }
    lapply(unname(columns), function(column) {
        if (is.factor(column)) {
            return(list(codes = I(as.integer(column) - 1L), levels = I(levels(column))))
        }
        if (is.object(column) || is.double(column) && !all(is.finite(column))) {
            column <- as.character(column) # dates, and numbers that JSON lacks
        }
        values <- as.vector(unname(column))
        if (is.double(values)) {
            values <- json_numbers(values)
        }
        list(values = I(values))
    })
}

# Options for Python, with what batch_of() or new_batch_of() gave.
with_batch <- function(options, batch) {
    if (is.null(batch)) options else c(options, list(batch = batch))
}

json_numbers <- function(x) {
    structure(paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]"), class = "json")
}

# Whether `batch` asks for the layers of a Seurat object, and not for a column of that name.
is_layers <- function(object, batch, assay, layer) {
    if (!inherits(object, "Seurat") || !identical(batch, "layers")) {
        return(FALSE)
    }
    column <- "layers" %in% names(cell_columns(object))
    if (column && length(split_layers(object[[chosen_assay(object, assay)]], layer))) {
        scinno_stop(
            "batch = \"layers\" may be the metadata column 'layers' or the layers of the assay: ",
            "give object$layers for the column, or rename it"
        )
    }
    !column
}

whole_stop <- function(layer) {
    scinno_stop(
        "batches by layers require layers that are split by cells, as ", layer, ".1 and ", layer,
        ".2 (Seurat 5: object[[\"RNA\"]] <- split(object[[\"RNA\"]], f = object$donor)), but ",
        "layer '", layer, "' is whole: split it, or name a metadata column with RunSCINNO(batch = )"
    )
}
