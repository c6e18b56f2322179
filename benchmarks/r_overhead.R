# Time lost by going through R: the same fit by Python alone and by RunSCINNO(), in turns.
# Rscript benchmarks/r_overhead.R FOLDER [TURNS], with scinno installed and RETICULATE_PYTHON set;
# FOLDER holds cbmc_citeseq_top2000.h5ad. Starting Python and reading the file do not count.
library(scinno)

arguments <- commandArgs(trailingOnly = TRUE)
file <- file.path(arguments[1], "cbmc_citeseq_top2000.h5ad")
turns <- if (length(arguments) > 1) as.integer(arguments[2]) else 3L

invisible(scinnoDefaults(engine = "inprocess"))
python <- reticulate::py_run_string("
import time, anndata, scinno
def read(file):
    global adata
    adata = anndata.read_h5ad(file)
def fit():
    global alone
    start = time.perf_counter()
    alone = scinno.fit(adata.X, 15, genes=adata.var_names, seed=1)
    return time.perf_counter() - start
def labels():
    return alone.labels
")
python$read(file)
parts <- reticulate::py_eval("[adata.X.data.astype('f8'), adata.X.indices, adata.X.indptr]")
parts <- lapply(parts, as.vector)
counts <- Matrix::sparseMatrix(
    i = parts[[2]], p = parts[[3]], x = parts[[1]], index1 = FALSE,
    dims = as.integer(rev(unlist(reticulate::py_eval("list(adata.shape)"))))
)
dimnames(counts) <- list(
    as.character(reticulate::py_eval("adata.var_names.tolist()")),
    as.character(reticulate::py_eval("adata.obs_names.tolist()"))
)

seconds <- data.frame(turn = seq_len(turns), python = NA, r = NA)
for (turn in seq_len(turns)) {
    seconds$python[turn] <- python$fit()
    seconds$r[turn] <- system.time(
        fit <- RunSCINNO(counts, n_clusters = 15, seed = 1, engine = "inprocess", verbose = FALSE)
    )[["elapsed"]]
}
print(seconds, row.names = FALSE)
stopifnot(identical(as.integer(as.character(fit$labels)), as.integer(python$labels())))
# The fastest turns: what else the machine does only ever adds.
lost <- min(seconds$r) / min(seconds$python) - 1
cat(sprintf("time lost through R: %.1f %% (labels are identical)\n", 100 * lost))
if (lost >= 0.1) stop("going through R must cost less than 10 %")
