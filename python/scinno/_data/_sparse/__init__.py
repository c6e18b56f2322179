"""Sparse matrices as they are held, checked before native code sees them."""
