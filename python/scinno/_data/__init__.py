"""Any matrix of cells × genes, checked, in memory or read in blocks."""
