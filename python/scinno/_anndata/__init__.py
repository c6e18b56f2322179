"""The AnnData adapter."""
