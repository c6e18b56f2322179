# Makes inst/extdata/example_counts.rds and example_fit.rds: simulated counts and their fit, for
# examples that run without Python. Run from the package's root: Rscript inst/scripts/make-example.R
# Run it again when the format of saved fits changes; a test compares the two files.
library(Matrix)
library(scinno)

set.seed(1)
groups <- rep(c("a", "b", "c"), c(60, 40, 20))
genes <- 200
means <- exp(matrix(rnorm(genes * 3, sd = 0.8), genes, dimnames = list(NULL, c("a", "b", "c"))))
counts <- matrix(rpois(genes * length(groups), means[, groups]), genes)
dimnames(counts) <- list(
    sprintf("gene%03d", seq_len(genes)),
    sprintf("%s_cell%03d", groups, seq_along(groups))
)
counts <- as(as(counts, "CsparseMatrix"), "generalMatrix")

# A small network keeps the file small.
fit <- RunSCINNO(
    counts,
    n_clusters = 3, seed = 1, pretrain_epochs = 10, joint_epochs = 5, n_hidden = 16, n_latent = 4,
    n_pcs = 8, n_projection = 8, n_heads = 2, head_dim = 4, n_anchors = 32, verbose = FALSE
)
print(table(fit$labels, groups))
saveRDS(counts, "inst/extdata/example_counts.rds", version = 3, compress = "xz")
saveRDS(fit, "inst/extdata/example_fit.rds", version = 3, compress = "xz")
