# Fits inside objects: the embedding is there as a reduction, so that the fit beside it holds only
# what its model lacks. The model's bytes hold memberships and embedding in single precision, as the
# core computed them, and the same values come back from there.

model_arrays <- c("memberships", "embedding")

short_fit <- function(fit) {
    structure(fit[setdiff(names(fit), model_arrays)], class = class(fit))
}

# The inverse; a fit that is whole, as those inside objects of earlier versions, stays as it is.
whole_fit <- function(fit) {
    if (!inherits(fit, "scinno_fit") || !is.raw(fit$model) || any(model_arrays %in% names(fit))) {
        return(fit)
    }
    arrays <- arrays_of_model(fit$model, model_arrays)
    cells <- names(fit$labels)
    dimnames(arrays$memberships) <- list(cells, levels(fit$labels))
    dimnames(arrays$embedding) <- list(cells, colnames(fit$centers))
    parts <- append(unclass(fit), arrays, after = match("labels", names(fit)))
    structure(parts, class = class(fit))
}

# Matrices of single precision in safetensors' format: the size of a header (8 bytes), the header in
# JSON with place and shape of each array, then the arrays, by rows.
arrays_of_model <- function(model, names) {
    # Selecting a range of bytes would need several times as much memory for its numbers.
    bytes <- rawConnection(model)
    on.exit(close(bytes))
    size <- readBin(bytes, "integer", 2L, size = 4L, endian = "little")[1L]
    header <- from_json(rawToChar(readBin(bytes, "raw", size)))
    lapply(stats::setNames(names, names), function(name) {
        shape <- unlist(header[[name]]$shape)
        seek(bytes, 8 + size + header[[name]]$data_offsets[[1L]])
        values <- readBin(bytes, "double", prod(shape), size = 4L, endian = "little")
        matrix(values, shape[1L], shape[2L], byrow = TRUE)
    })
}
