# Puts the Python code where the R package is built from: inst/python/scinno is a symbolic link to
# python/scinno, and a checkout on Windows has a small text file in its place. Where the link is
# whole this does nothing. remotes, pak and pkgbuild run this file before they build (DESCRIPTION,
# Config/build/bootstrap); before a plain R CMD INSTALL on Windows: Rscript bootstrap.R
local({
    link <- file.path("inst", "python", "scinno")
    source <- file.path("python", "scinno")
    if (!file.exists(file.path(link, "__init__.py"))) {
        if (!file.exists(file.path(source, "__init__.py"))) {
            stop("run this in the root of a checkout of scinno: there is no ", source)
        }
        unlink(link)
        if (!file.copy(source, dirname(link), recursive = TRUE)) {
            stop("cannot copy ", source, " to ", link)
        }
    }
})
