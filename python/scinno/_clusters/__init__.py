"""Partitions of cells: initial centers, number of clusters, their diagnostics."""
