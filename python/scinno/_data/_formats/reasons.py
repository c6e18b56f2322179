"""What the libraries that read files have to say, in a few words."""

from __future__ import annotations

import gzip
import lzma
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile


def reason(error: Exception) -> str:
    """What a reader has to say, in a few words."""
    text = (str(error).splitlines() or ["no reason given"])[0]
    if cut := re.search(r"truncated file: eof = (\d+),.*stored_eof = (\d+)", text):
        return f"it is truncated ({cut[1]} of {cut[2]} bytes), copy or download it again"
    if isinstance(error, EOFError | zlib.error | gzip.BadGzipFile | lzma.LZMAError | BadZipFile):
        return "it is packed and truncated or damaged, copy or download it again"
    if "file signature not found" in text:
        return "it is not an HDF5 file, whatever its name says"
    # Our own sentences need no type.
    return text if type(error) is ValueError else f"{type(error).__name__}: {text}"


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Give errors of libraries the name of their file.

    Raises
    ------
    ValueError
        Whatever is raised inside, but for errors of ours, which name it already.
    """
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:  # readers raise whatever their file libraries raise
        if type(error) in (ValueError, KeyError) and str(path) in str(error):
            raise
        raise ValueError(f"INPUT {path} cannot be read: {reason(error)}") from error
