# Builds the R package's site without a network, all but the articles, which R CMD check builds:
# Rscript site.R SOURCES FOLDER. A warning, as of a picture that is not there, ends it as well.
given <- commandArgs(trailingOnly = TRUE)
options(pkgdown.internet = FALSE, warn = 2)
unlink(given[2], recursive = TRUE)
dir.create(given[2])
folder <- normalizePath(given[2]) # pkgdown takes others as within the sources
pages <- pkgdown::as_pkgdown(given[1], override = list(destination = folder))
pkgdown::check_pkgdown(pages)
pkgdown::init_site(pages)
pkgdown::build_home(pages, quiet = TRUE, preview = FALSE)
pkgdown::build_reference(pages, examples = FALSE, preview = FALSE)
pkgdown::build_news(pages, preview = FALSE)
topics <- sub("\\.Rd$", ".html", list.files(file.path(given[1], "man"), "\\.Rd$"))
missing <- setdiff(topics, list.files(file.path(folder, "reference")))
if (length(missing)) stop("pages that were not built: ", paste(missing, collapse = ", "))
cat("pkgdown: home, news and", length(topics), "pages of reference\n")
