"""Names from files as text: nothing invisible, nothing that turns the words beside it around."""

from __future__ import annotations

import re

# Control characters except tab and newline, separators of lines, marks and overrides of the
# direction, and halves of UTF-16 pairs, which no file can hold. What joins emoji stays.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain_text(text: str) -> str:
    """``text`` with its invisible characters written out, as in ``[U+202E]``."""
    return _UNSEEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
