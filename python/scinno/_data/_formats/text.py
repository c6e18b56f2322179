"""Text files of any encoding, packed or not."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import logging
import lzma
import zipfile
from pathlib import Path
from typing import IO, Any

logger = logging.getLogger("scinno")

# How files begin that may hold text, whatever their names say.
_PACKED: tuple[tuple[bytes, Any], ...] = (
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\xfd7zXZ\x00", lzma.open),
)
# … and files that are something else: what they are, and what to do.
_FOREIGN = (
    (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file: name it .h5ad, .h5 or .loom"),
    (b"\xd0\xcf\x11\xe0", "it is a spreadsheet: save it as .csv"),
    (b"\x28\xb5\x2f\xfd", "it is packed by zstd: unpack it first, with unzstd"),
    (b"%PDF", "it is a PDF document"),
    (b"RDX", "it is an .RData file: write the counts as .csv in R"),
)
# The longest mark first: that of UTF-32 begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BLOCK = 1 << 20


def open_bytes(path: Path) -> IO[bytes]:
    """The unpacked bytes of a file: gzip, bz2, xz, or a zip of one file, told by its first bytes.

    Raises
    ------
    ValueError
        It is empty, or of a format that is no text.
    """
    with path.open("rb") as file:
        begin = file.read(8)
    if not begin:
        raise ValueError("it is empty")
    for mark, what in _FOREIGN:
        if begin.startswith(mark):
            raise ValueError(what)
    for mark, opened in _PACKED:
        if begin.startswith(mark):
            return opened(path, "rb")
    if begin.startswith(b"PK\x03\x04"):
        return _only_member(path)
    return path.open("rb")


def _only_member(path: Path) -> IO[bytes]:
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if "[Content_Types].xml" in names:
            raise ValueError("it is a spreadsheet: save it as .csv")
        if len(names) != 1:
            raise ValueError(f"it is a zip of {len(names)} files: unpack it and give one")
        return archive.open(names[0])


def open_text(path: Path, encoding: str) -> IO[str]:
    """A text file for reading, packed or not; errors as `open_bytes`."""
    return io.TextIOWrapper(open_bytes(path), encoding=encoding)


def encoding_of(path: Path) -> str:
    """The encoding of a file, by its first bytes and by whether all of it is UTF-8.

    Raises
    ------
    ValueError
        It is empty, or is no text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    with open_bytes(path) as file:
        block = file.read(_BLOCK)
        for mark, encoding in _MARKS:
            if block.startswith(mark):
                return encoding
        if block.lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
            raise ValueError("it is a web page: download the file itself")
        if b"\0" in block:
            return _two_bytes(block)
        try:
            while block:
                decoder.decode(block)
                block = file.read(_BLOCK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            logger.warning(
                "%s is not UTF-8 and is read as Latin-1: check names with accents, or save it as "
                "UTF-8", path
            )  # fmt: skip
            return "cp1252" if _is_cp1252(path) else "latin-1"
    return "utf-8"


def _two_bytes(block: bytes) -> str:
    """UTF-16 without a mark: every other byte of what is mostly ASCII is zero."""
    even, odd = block[0::2].count(0), block[1::2].count(0)
    if odd > 0.4 * len(block) and not even:
        return "utf-16-le"
    if even > 0.4 * len(block) and not odd:
        return "utf-16-be"
    raise ValueError("it is not a text file")


def _is_cp1252(path: Path) -> bool:
    """Whether Windows' Latin-1, which has letters where the standard has controls, holds it."""
    undefined = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    with open_bytes(path) as file:
        while block := file.read(_BLOCK):
            if undefined & set(block):
                return False
    return True
