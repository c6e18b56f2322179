"""Work in several threads of one process."""
