"""Cells in their tissue: neighbors in space, smoothing among them, and domains."""
