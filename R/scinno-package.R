#' scinno: deep clustering of single-cell RNA-seq
#'
#' [RunSCINNO()] clusters the cells of a Seurat object, a SingleCellExperiment or a matrix. The
#' method itself is Python code that this package carries; [scinnoDoctor()] tells which Python it
#' uses and what that Python lacks, [installSCINNO()] makes one that lasts.
#'
#' @importFrom Matrix sparseMatrix
#' @importFrom methods as is new slot
#' @keywords internal
"_PACKAGE"

.onLoad <- function(libname, pkgname) {
    # This only notes what will be needed; Python starts with the first call that needs it.
    if (utils::packageVersion("reticulate") >= "1.41") {
        py_require <- getExportedValue("reticulate", "py_require")
        py_require(python_needs(), python_version = python_floor())
    }
}
