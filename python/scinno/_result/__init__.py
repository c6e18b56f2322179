"""A finished clustering, its file format, and new cells."""
