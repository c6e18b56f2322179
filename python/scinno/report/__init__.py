"""A finished clustering as one HTML page that can be sent to a colleague and opened offline."""

from scinno.report._write import write_report

__all__ = ["write_report"]
