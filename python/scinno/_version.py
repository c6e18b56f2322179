"""Version numbers; pyproject.toml reads the first one here, DESCRIPTION holds the same."""

__version__ = "0.99.2"

# Raised when a function that the R package calls changes.
API_VERSION = 2
