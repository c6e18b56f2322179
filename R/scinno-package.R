#' scinno: deep clustering of single-cell RNA-seq
#'
#' [RunSCINNO()] clusters the cells of a Seurat object, a SingleCellExperiment or a matrix. The
#' method itself is Python code that this package contains; [scinnoDoctor()] shows which Python it
#' uses and what is missing there, [installSCINNO()] creates a permanent Python environment.
#'
#' @importFrom Matrix sparseMatrix
#' @importFrom methods as is new slot
#' @importFrom stats fitted nobs predict
#' @keywords internal
"_PACKAGE"

.onLoad <- function(libname, pkgname) {
    check_core(core_folder())
    when_bluster_loads()
    session$loaded_in <- Sys.getpid()
    # This only declares requirements; Python starts with the first call that needs it.
    if (utils::packageVersion("reticulate") >= "1.41") {
        py_require <- getExportedValue("reticulate", "py_require")
        py_require(python_needs(), python_version = python_floor())
    }
}

# A checkout without symbolic links, as on Windows, has a text file in place of the Python code.
check_core <- function(folder) {
    if (!file.exists(file.path(folder, "scinno", "__init__.py"))) {
        scinno_stop(
            "the Python code of scinno is missing in '", folder, "': in a checkout without ",
            "symbolic links run Rscript bootstrap.R, then install again"
        )
    }
}
