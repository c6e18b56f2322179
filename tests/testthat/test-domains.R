# Domains of a tissue, with the coordinates of each kind of object.

counts <- example_counts()
cells <- colnames(counts)

strips <- tissue_strips()

# So many rounds that each number depends on coordinates and slices.
find <- function(object, ...) scinnoDomains(object, 3, smoothing = 2, verbose = FALSE, ...)

domains_of_fit <- local({
    found <- NULL
    function() {
        if (is.null(found)) {
            found <<- find(example_fit(), coordinates = strips, slices = rep(c("a", "b"), 60))
        }
        found
    }
})

expect_domains <- function(object, found = domains_of_fit()) {
    labels <- stats::setNames(object$scinno_domain, colnames(object))
    confidence <- stats::setNames(object$scinno_domain_confidence, colnames(object))
    expect_identical(labels[cells], found$labels)
    expect_identical(confidence[cells], found$confidence)
}

test_that("a fit and coordinates give domains, with their evidence", {
    needs_python()
    found <- domains_of_fit()
    expect_s3_class(found, "scinno_domains", exact = TRUE)
    expect_identical(names(found), c(
        "labels", "confidence", "memberships", "embedding", "n_domains", "smoothing",
        "smoothing_table", "k_evidence", "warnings"
    ))
    expect_identical(levels(found$labels), c("0", "1", "2"))
    expect_identical(names(found$labels), cells)
    expect_false(is.unsorted(rev(table(found$labels))))
    expect_identical(dimnames(found$memberships), list(cells, c("0", "1", "2")))
    expect_identical(dimnames(found$embedding), dimnames(example_fit()$embedding))
    expect_equal(unname(rowSums(found$memberships)), rep(1, 120), tolerance = 1e-6)
    expect_identical(found$confidence, apply(found$memberships, 1, max))
    expect_identical(found$n_domains, 3L)
    expect_identical(found$smoothing, 2L)
    expect_null(found$smoothing_table)
    expect_null(found$k_evidence)
    expect_output(
        print(found), "scinno_domains: 120 cells in 3 domains .*, 2 rounds of smoothing"
    )
})

test_that("the number of domains and that of rounds may be left out, with evidence for them", {
    needs_python()
    fit <- example_fit()
    found <- scinnoDomains(fit, 2:4, coordinates = strips, verbose = FALSE)
    expect_true(found$n_domains %in% 2:4)
    table <- found$smoothing_table
    expect_identical(names(table), c("rounds", "own_weight", "error", "chosen"))
    expect_identical(table$rounds[table$chosen], found$smoothing)
    expect_identical(table$rounds, seq_len(nrow(table)) - 1L)
    evidence <- found$k_evidence
    expect_identical(as.integer(evidence$n_clusters[evidence$chosen]), found$n_domains)
    none <- scinnoDomains(fit, coordinates = strips, smoothing = 0, verbose = FALSE)
    expect_identical(nlevels(none$labels), none$n_domains)
    expect_identical(none$embedding, fit$embedding)
})

test_that("one seed gives one result, with either engine and however cells are named", {
    needs_python()
    slices <- stats::setNames(factor(rep(c("a", "b"), 60)), cells)
    ask <- function(coordinates, slices, ...) {
        find(example_fit(), coordinates = coordinates, slices = slices, ...)
    }
    found <- domains_of_fit()
    expect_identical(ask(strips, slices, engine = "process"), found)
    expect_identical(ask(unname(strips), unname(slices)), found)
    shuffled <- rev(cells)
    expect_identical(ask(strips[shuffled, ], slices[shuffled]), found)
    expect_identical(ask(as.data.frame(strips)[shuffled, ], rep(1:2, 60)), found)
    of_seurat <- data.frame(strips[shuffled, ], cell = shuffled, row.names = NULL)
    expect_identical(ask(of_seurat, slices), found)
    of_visium <- data.frame(
        tissue = 1, imagerow = strips[, "x"], imagecol = strips[, "y"], row.names = cells
    )
    expect_identical(ask(of_visium, slices), found)
    # Slices are part of the question.
    expect_false(identical(ask(strips, NULL)$embedding, found$embedding))
})

test_that("a third dimension is used", {
    needs_python()
    deep <- cbind(strips, z = rep(c(0, 50), 60))
    ask <- function(coordinates) find(example_fit(), coordinates = coordinates)$embedding
    expect_false(identical(ask(deep), ask(strips)))
})

test_that("images of a Seurat object have the coordinates, and several are slices", {
    needs_python()
    odd <- cells[c(TRUE, FALSE)]
    even <- cells[c(FALSE, TRUE)]
    order <- c(rev(odd), even)
    object <- tissue_seurat(order)
    before <- SeuratObject::Idents(object)
    with_image <- function(object, name, cells) {
        # Seurat 5 warns of cells in another order than those of the object.
        suppressWarnings(object[[name]] <- tissue_image(cells, paste0(name, "_")))
        object
    }
    object <- with_image(object, "a", rev(odd))
    expect_scinno_error(
        scinnoDomains(object, 3),
        paste0("60 cell(s) of object have no coordinates in its images (first: '", even[1], "')")
    )
    object <- with_image(object, "b", even)
    # A part of an image once more, as Crop() makes it.
    object <- with_image(object, "zoom", odd[5:20])
    result <- find(object)
    expect_domains(result)
    expect_identical(SeuratObject::Idents(result), before)
    expect_identical(SeuratObject::Reductions(result), SeuratObject::Reductions(object))
    expect_setequal(
        setdiff(names(result[[]]), names(object[[]])),
        c("scinno_domain", "scinno_domain_confidence")
    )
    # A second run replaces the first.
    expect_domains(find(result))
    object <- with_image(object, "both", c(odd[1:59], even[1:3]))
    expect_scinno_error(scinnoDomains(object, 3), "is in more than one image of object")
})

test_that("outlines of cells count by their centers", {
    needs_python()
    corners <- expand.grid(x = c(-1, 1), y = c(-1, 1))[c(1, 2, 4, 3), ] / 1000
    outlines <- do.call(rbind, lapply(cells, function(cell) {
        data.frame(x = strips[cell, 1] + corners$x, y = strips[cell, 2] + corners$y, cell = cell)
    }))
    object <- tissue_seurat()
    object[["fov"]] <- SeuratObject::CreateFOV(
        outlines,
        type = "segmentation", assay = "RNA", key = "fov_"
    )
    object$side <- rep(c("a", "b"), 60)
    expect_domains(find(object, slices = "side"))
})

test_that("a Seurat object takes coordinates and the name of its fit", {
    needs_python()
    object <- tissue_seurat(rev(cells))
    object$side <- rep(c("b", "a"), 60)
    result <- find(object, coordinates = strips[rev(cells), ], slices = "side")
    expect_domains(result)
    object@misc$mine <- object@misc$scinno
    result <- find(object, coordinates = strips, slices = "side", cluster.name = "mine")
    expect_identical(
        stats::setNames(result$mine_domain, colnames(result))[cells], domains_of_fit()$labels
    )
})

test_that("a SingleCellExperiment has the coordinates among its reduced dimensions", {
    needs_python()
    order <- rev(cells)
    object <- tissue_sce(order, reducedDims = list(spatial = strips[order, ]))
    object$side <- S4Vectors::Rle(factor(rep(c("b", "a"), 60)))
    result <- find(object, slices = "side")
    expect_domains(result)
    expect_setequal(
        setdiff(names(SummarizedExperiment::colData(result)), "side"),
        c("scinno_domain", "scinno_domain_confidence")
    )
    expect_identical(
        SingleCellExperiment::reducedDimNames(result),
        SingleCellExperiment::reducedDimNames(object)
    )
    plain <- SummarizedExperiment::SummarizedExperiment(
        list(counts = counts),
        metadata = list(scinno = short_fit(example_fit()))
    )
    expect_domains(find(
        plain,
        coordinates = S4Vectors::DataFrame(strips), slices = rep(c("a", "b"), 60)
    ))
})

# Debian has no SpatialExperiment: a package of that name with its class and accessor.
stand_in <- function() {
    folder <- tempfile("spatial")
    dir.create(file.path(folder, "SpatialExperiment", "R"), recursive = TRUE)
    dir.create(file.path(folder, "lib"))
    write <- function(name, ...) writeLines(c(...), file.path(folder, "SpatialExperiment", name))
    write(
        "DESCRIPTION", "Package: SpatialExperiment", "Version: 0.0.1", "Title: Stand-In",
        "Description: Stand-in.", "License: GPL-3", "Author: None", "Maintainer: No <a@b.org>",
        "Imports: methods, SingleCellExperiment"
    )
    write(
        "NAMESPACE", "import(methods)", "importClassesFrom(SingleCellExperiment,",
        "SingleCellExperiment)", "exportClasses(SpatialExperiment)", "export(spatialCoords)"
    )
    write(
        file.path("R", "all.R"),
        "setClass('SpatialExperiment', contains = 'SingleCellExperiment')",
        "spatialCoords <- function(x)",
        "    as.matrix(SingleCellExperiment::int_colData(x)[['spatialCoords']])"
    )
    utils::install.packages(
        file.path(folder, "SpatialExperiment"), file.path(folder, "lib"),
        repos = NULL, type = "source", quiet = TRUE, INSTALL_opts = "--no-test-load"
    )
    file.path(folder, "lib")
}

test_that("a SpatialExperiment has coordinates, and its samples are slices", {
    needs_python()
    object <- tissue_sce(rev(cells))
    package <- "SpatialExperiment" # not by its name below, as DESCRIPTION does not have it
    if (!requireNamespace(package, quietly = TRUE)) {
        lib <- stand_in()
        libraries <- .libPaths()
        .libPaths(c(lib, libraries))
        loadNamespace(package, lib.loc = lib)
        on.exit({
            unloadNamespace(package)
            .libPaths(libraries)
        })
    }
    object <- methods::as(object, "SpatialExperiment")
    SingleCellExperiment::int_colData(object)$spatialCoords <- unname(strips[rev(cells), ])
    object$sample_id <- "one"
    whole <- find(example_fit(), coordinates = strips)
    expect_domains(find(object), whole)
    object$sample_id <- rep(c("b", "a"), 60)
    expect_domains(find(object))
})

test_that("doubts are printed with domains of a fit, and warned of with those in an object", {
    needs_python()
    set.seed(2)
    mixed <- cbind(stats::runif(120), stats::runif(120))
    found <- scinnoDomains(example_fit(), 3, coordinates = mixed, verbose = FALSE)
    expect_gt(length(found$warnings), 0)
    expect_output(print(found), "warning: ")
    expect_warning(
        scinnoDomains(tissue_sce(), 3, coordinates = mixed, verbose = FALSE), found$warnings[1],
        fixed = TRUE
    )
})
