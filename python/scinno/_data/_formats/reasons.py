"""What the libraries that read files have to say, in a few words."""

from __future__ import annotations

import gzip
import lzma
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

from scinno._data._sparse.compressed import MAX_PACKED, SMALL


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


def false_claim(error: MemoryError, path: Path) -> str:
    """What an array claims that is larger than a file or folder can hold, unpacked; else "".

    Codecs of zarr trust the number of texts that a damaged chunk claims.
    """
    shape, dtype = getattr(error, "shape", None), getattr(error, "dtype", None)
    if shape is None or dtype is None:  # not of NumPy
        return ""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    held = sum(file.stat().st_size for file in files)
    claimed = math.prod(shape) * dtype.itemsize
    if claimed <= max(SMALL, MAX_PACKED * held):
        return ""
    return f"it is damaged: a part of it claims {claimed} bytes, and all of it has {held}"


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
    except MemoryError as error:
        if claim := false_claim(error, path):
            raise ValueError(f"INPUT {path} cannot be read: {claim}") from error
        raise
    except Exception as error:  # readers raise whatever their file libraries raise
        if type(error) in (ValueError, KeyError) and str(path) in str(error):
            raise
        raise ValueError(f"INPUT {path} cannot be read: {reason(error)}") from error
