# Domains of a tissue that cannot be found: each reason is one sentence.

counts <- example_counts()
cells <- colnames(counts)
strips <- tissue_strips()

test_that("what is wrong with the coordinates is said before Python starts", {
    fit <- example_fit()
    fit$model <- as.raw(0) # of which Python would say something else
    refused <- function(coordinates, text, object = fit) {
        expect_scinno_error(scinnoDomains(object, 3, coordinates = coordinates), text)
    }
    refused(NULL, "coordinates must be given with a scinno_fit")
    refused(1:120, "coordinates must be a matrix or table with a row per cell, got 1:120")
    refused(strips[1:9, ], "coordinates must have a row for each of 120 cells, got 9")
    refused(cbind(strips, 1, 1)[, 2:4][, c(1, 1, 2, 3)], "coordinates must have 2 or 3 columns")
    refused(data.frame(x = "1", y = 1:120), "of numbers, or columns 'x' and 'y', got 'x', 'y'")
    refused(strips[, 1, drop = FALSE], "coordinates must have 2 or 3 columns of numbers")
    missing <- strips
    missing[c(7, 9), 2] <- NA
    refused(
        missing,
        paste0(
            "coordinates must be finite numbers for every cell, but 2 have others (first: cell '",
            cells[7], "' has "
        )
    )
    missing[7, 2] <- Inf
    unnamed <- fit
    names(unnamed$labels) <- NULL
    refused(unname(missing), "(first: cell 7 has ", unnamed)
    others <- strips
    rownames(others)[5] <- "other"
    refused(others, "are named by other cells than those of object (first: 'other')")
    rownames(others)[5] <- cells[6]
    refused(others, paste0("coordinates name the cell '", cells[6], "' more than once"))
    fit$labels <- fit$labels[0]
    refused(strips[0, ], "the fit holds no cells", fit)
})

test_that("what is wrong with the slices is said before Python starts", {
    fit <- example_fit()
    fit$model <- as.raw(0)
    refused <- function(slices, text) {
        expect_scinno_error(scinnoDomains(fit, 3, coordinates = strips, slices = slices), text)
    }
    refused("side", "slices 'side' is not a metadata column of object, as a scinno_fit has none")
    refused(1:9, "slices must have one value for each of 120 cells, got 9")
    refused(as.list(1:120), "slices must be a vector or factor with a value per cell")
    refused(c(rep(1, 119), NA), paste0("but 1 have NA (first: cell '", cells[120], "')"))
    refused(
        stats::setNames(rep(1, 120), c("other", cells[-1])),
        "slices are named by other cells than those of object (first: 'other')"
    )
    object <- tissue_sce(reducedDims = list(spatial = strips))
    object$depth <- 1
    expect_scinno_error(
        scinnoDomains(object, 3, slices = "side"),
        "slices 'side' is not a metadata column of object, which has: 'depth'"
    )
})

test_that("what is wrong with the object is said before Python starts", {
    seurat <- tissue_seurat()
    sce <- tissue_sce()
    expect_scinno_error(scinnoDomains(counts, 3), "object must be a result of RunSCINNO()")
    expect_scinno_error(scinnoDomains(seurat, 3), "object has no images")
    expect_scinno_error(scinnoDomains(sce, 3), "object has no coordinates, as a SpatialExperiment")
    expect_scinno_error(scinnoDomains(sce, 3, name = "other"), "no fit named 'other'")
    part <- sce[, 1:50]
    expect_scinno_error(
        scinnoDomains(part, 3, coordinates = strips[1:50, ]),
        "object holds 50 of the 120 cells of the fit"
    )
    strange <- sce
    colnames(strange)[3] <- "strange"
    expect_scinno_error(
        scinnoDomains(strange, 3, coordinates = unname(strips)),
        "1 cell(s) of object are not in the fit (first: 'strange')"
    )
    sce$scinno_domain <- 1
    expect_scinno_error(
        scinnoDomains(sce, 3, coordinates = strips),
        "the column 'scinno_domain' of object is not a result of scinnoDomains()"
    )
    seurat[["scinno_domain"]] <- tissue_image(cells, "image_")
    expect_scinno_error(scinnoDomains(seurat, 3), "is the name of an assay, reduction or image")
})

test_that("other words and values are answered by what is meant", {
    fit <- example_fit()
    refused <- function(..., text, verbose = FALSE) {
        expect_scinno_error(scinnoDomains(fit, ..., verbose = verbose), text)
    }
    refused(3, strips, text = "after n_domains must be named, as in coordinates = xy")
    refused(
        n_clusters = 3,
        text = "unknown argument 'n_clusters' of scinnoDomains(): it is 'n_domains'"
    )
    refused(3, zzz = 1, text = "unknown argument 'zzz' of scinnoDomains()")
    expect_scinno_error(scinnoDomains(tissue_seurat(), 3, name = "x"), "it is 'cluster.name' here")
    expect_scinno_error(scinnoDomains(tissue_sce(), 3, cluster.name = "x"), "it is 'name' here")
    refused(c(2, 5, 9), coordinates = strips, text = "n_domains must be two numbers")
    refused(3, coordinates = strips, smoothing = 1:2, text = "smoothing must be one value")
    refused(3, coordinates = strips, verbose = NA, text = "verbose must be TRUE or FALSE")
    needs_python()
    refused(99, coordinates = strips, text = "n_domains (with 120 cells) must be from 2 to 60")
    refused("x", coordinates = strips, text = "n_domains must be a whole number or a pair")
    refused(3, coordinates = strips, smoothing = 101, text = "smoothing must be from 0 to 100")
    refused(3, coordinates = strips, smoothing = "x", text = "smoothing must be 'auto' or a number")
    refused(3, coordinates = strips, seed = -1, text = "seed must be from 0 to ")
    refused(3, coordinates = 0 * strips, text = "coordinates are the same for all cells")
})
