# What users of Seurat are used to say, and the assays that its workflows leave as the default.

# The assay with the counts, where none is named: not that of SCTransform(), whose counts are
# corrected, nor one of IntegrateData(), which has none.
counts_assay <- function(object, layer) {
    default <- SeuratObject::DefaultAssay(object)
    if (layer != "counts") {
        return(default)
    }
    known <- SeuratObject::Assays(object)
    assay <- object[[default]]
    source <- if (inherits(assay, "SCTAssay")) {
        c(unlist(lapply(slot(assay, "SCTModel.list"), slot, "umi.assay")), "RNA")
    } else if (!has_counts(assay)) {
        "RNA"
    }
    source <- source[source %in% setdiff(known, default)]
    source <- source[vapply(source, function(name) has_counts(object[[name]]), TRUE)]
    if (length(source)) source[[1L]] else default
}

has_counts <- function(assay) {
    if ("layers" %in% methods::slotNames(assay)) {
        return(any(startsWith(names(slot(assay, "layers")), "counts")))
    }
    "counts" %in% methods::slotNames(assay) && all(dim(slot(assay, "counts")) > 0L)
}

say_assay <- function(object, named, used, verbose) {
    default <- SeuratObject::DefaultAssay(object)
    if (!is.null(named) || used == default) {
        return(invisible())
    }
    sct <- inherits(object[[default]], "SCTAssay")
    note_of(
        verbose, "the counts of assay '", used, "' are used: those of '", default, "' ",
        if (sct) "were corrected by SCTransform()" else "are empty; samples are named by batch ="
    )
}

# Options of the method, from those in Seurat's words.
seurat_options <- function(options) {
    if ("seed.use" %in% names(options)) {
        if ("seed" %in% names(options)) {
            scinno_stop("seed.use and seed are the same argument: give one of them")
        }
        names(options)[names(options) == "seed.use"] <- "seed"
    }
    wrong <- intersect(c("dims", "reduction", "npcs"), names(options))
    if (length(wrong)) {
        scinno_stop(
            wrong[1L], " is not an argument of RunSCINNO(), which reads counts and no reduction: ",
            "leave it out. The result is a reduction itself, as for RunUMAP(object, ",
            "reduction = \"SCINNO\", dims = 1:ncol(object[[\"SCINNO\"]]))"
        )
    }
    options
}

one_of_both <- function(batch, group.by) {
    if (!is.null(batch) && !is.null(group.by)) {
        scinno_stop("batch and group.by are the same argument: give one of them")
    }
    if (is.null(batch)) group.by else batch
}
