# Makes inst/extdata/example_results.json: two small sets and five methods of the repository's own
# benchmark, for an example. Run from the root of the repository.

told <- jsonlite::fromJSON("benchmarks/results.json", simplifyVector = FALSE)
sets <- c("goolam_embryo", "mixology_dropseq_3cl")
methods <- c("scinno", "scinno-no-attention", "scinno-no-infonce", "leiden", "pca-kmeans")
told$sets <- Filter(function(set) set$name %in% sets, told$sets)
told$methods <- Filter(function(method) method$key %in% methods, told$methods)
told$runs <- Filter(function(run) run$set %in% sets && run$method %in% methods, told$runs)
json <- jsonlite::toJSON(told, auto_unbox = TRUE, null = "null", digits = 6, pretty = 1)
writeLines(as.character(json), "inst/extdata/example_results.json")
