"""What the scores of domains of a tissue mean; `agreement` computes them."""

from __future__ import annotations

# Definitions of the scores, in the order of the tables; higher is better. Scores of single cells,
# such as a silhouette among their values, say nothing of domains.
DOMAIN_SCORES = {
    "ARI": "Adjusted Rand index of found and known domains: pairs of cells that are together in "
    "both, above chance.",
    "NMI": "Mutual information of found and known domains over the arithmetic mean of their "
    "entropies.",
}
