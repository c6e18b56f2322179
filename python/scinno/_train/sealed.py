"""Bytes with a checksum in front, so that damage is noticed before anything is made of them."""

from __future__ import annotations

import hashlib

MAGIC = b"scinno checkpoint"
# Until version 2 a checkpoint was a bare file of torch.save, which is a zip file.
BARE, BARE_VERSION = b"PK\x03\x04", 2


def sealed(content: bytes, version: int) -> bytes:
    """``content`` behind a line with the version and a checksum."""
    return _line(content, version) + content


def unsealed(data: bytes) -> tuple[int | None, bytes | None]:
    """Version and content; None for what is not there or damaged.

    A version other than the reader's says nothing of the content, whose place may be another.
    """
    if data.startswith(BARE):
        return BARE_VERSION, None
    line, end, content = data[:200].partition(b"\n")
    words = line.removeprefix(MAGIC).split()
    if not line.startswith(MAGIC) or not end or len(words) != 2 or not words[0].isdigit():
        return None, None
    content = data[len(line) + 1 :]
    version = int(words[0])
    whole = data.startswith(_line(content, version))
    return (version, content) if whole else (version, None)


def _line(content: bytes, version: int) -> bytes:
    digest = hashlib.sha256(content).hexdigest().encode()
    return b"%s %d %s\n" % (MAGIC, version, digest)
