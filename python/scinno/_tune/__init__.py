"""Automatic settings: a search that is scored by molecules that were held out, without labels."""
