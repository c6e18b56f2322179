# Checks of arguments; each error is one sentence with the name, what is required and what came.

scinno_stop <- function(..., class = NULL) {
    condition <- list(message = paste0(...), call = NULL)
    stop(structure(condition, class = c(class, "scinno_error", "error", "condition")))
}

need_package <- function(package) {
    if (!requireNamespace(package, quietly = TRUE)) {
        installer <- switch(package,
            Seurat = , SeuratObject = "install.packages",
            BPCells = "remotes::install_github",
            "BiocManager::install"
        )
        name <- if (package == "BPCells") "bnprks/BPCells/r" else package
        scinno_stop(
            "the package '", package, "' is not installed: run ", installer, "(\"", name, "\")"
        )
    }
}

is_name <- function(x) is.character(x) && length(x) == 1L && !is.na(x) && nzchar(x)

check_name <- function(x, what) {
    if (!is_name(x)) {
        scinno_stop(what, " must be one name, got ", short(x))
    }
}

check_flag <- function(x, what) {
    if (!is.logical(x) || length(x) != 1L || is.na(x)) {
        scinno_stop(what, " must be TRUE or FALSE, got ", short(x))
    }
}

check_one_of <- function(x, choices, what) {
    if (!is_name(x) || !x %in% choices) {
        scinno_stop(what, " must be ", listed(choices, " or "), ", got ", short(x))
    }
}

short <- function(x) {
    text <- paste(deparse(x, width.cutoff = 60L), collapse = " ")
    if (nchar(text) > 60L) paste0(substr(text, 1L, 57L), "...") else text
}

listed <- function(names, last = ", ") {
    if (!length(names)) {
        return("none")
    }
    names <- paste0("'", names, "'")
    n <- length(names)
    if (n == 1L) names else paste0(paste(names[-n], collapse = ", "), last, names[n])
}

# `counts`: dgCMatrix, genes x cells.
check_counts <- function(counts) {
    if (!all(dim(counts))) {
        scinno_stop(
            "object must hold at least one gene and one cell, got ",
            nrow(counts), " genes x ", ncol(counts), " cells"
        )
    }
    check_names(rownames(counts), "gene", "make.unique(rownames(object))")
    check_names(colnames(counts), "cell", "make.unique(colnames(object))")
    # range() makes no copy; a comparison would need as much memory as the values.
    ends <- if (length(counts@x)) range(counts@x) else c(0, 0)
    if (anyNA(ends)) {
        value_stop(counts, is.na(counts@x), "NA", "replace or remove them")
    }
    if (ends[1L] < 0) {
        value_stop(counts, counts@x < 0, "negative", "give raw counts, not scaled values")
    }
    if (is.infinite(ends[2L])) {
        value_stop(counts, is.infinite(counts@x), "infinite", "give raw counts")
    }
}

check_names <- function(names, what, fix) {
    if (anyNA(names) || any(names == "")) {
        scinno_stop(
            what, " names must not be empty: ", what, " ",
            which(is.na(names) | names == "")[1L], " has none; name all of them or none"
        )
    }
    if (anyDuplicated(names)) {
        scinno_stop(
            what, " names must be unique, but '", names[anyDuplicated(names)],
            "' occurs more than once: use ", fix
        )
    }
}

value_stop <- function(counts, bad, what, fix) {
    first <- which(bad)[1L]
    gene <- counts@i[first] + 1L
    cell <- findInterval(first - 1L, counts@p, left.open = FALSE)
    named <- function(names, at) if (is.null(names)) at else paste0("'", names[at], "'")
    scinno_stop(
        "object holds ", sum(bad), " ", what, " value(s), the first at gene ",
        named(rownames(counts), gene), ", cell ", named(colnames(counts), cell), ": ", fix
    )
}
