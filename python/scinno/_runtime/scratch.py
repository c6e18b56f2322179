"""Where large arrays of a fit lie: in memory, or in temporary files that go with them."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from pathlib import Path

import numpy as np

# Arrays of a streamed fit that are larger than this lie on the disk.
MOST_BYTES = 200_000_000


class Room:
    """Gives arrays to fill: small ones in memory, large ones in files if there is a folder.

    A file has no name any more as soon as it is open, so that nothing is left behind however the
    program ends (on Windows it goes when its array does).

    Parameters
    ----------
    folder : Path, optional
        Where temporary files may lie; None keeps everything in memory.
    """

    def __init__(self, folder: Path | None = None, most_bytes: int = MOST_BYTES) -> None:
        self.folder, self.most_bytes = folder, most_bytes

    def array(self, shape: tuple[int, ...], dtype: type | np.dtype) -> np.ndarray:
        """An array of zeros to write to.

        Raises
        ------
        OSError
            The disk has too little space, said with the number of GB.
        """
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        if self.folder is None or size <= self.most_bytes:
            return np.zeros(shape, dtype)
        self.check_space(size)
        with tempfile.TemporaryFile(dir=self.folder, prefix=".scinno-") as file:
            # The map keeps the file alive after it is closed. As a plain array: anndata and others
            # look at the exact class.
            return np.asarray(np.memmap(file, dtype=dtype, mode="w+", shape=shape))

    def check_space(self, size: int) -> None:
        """Refuse what the disk cannot hold (OSError): a full disk under a map ends the program."""
        if self.folder is None:
            return
        free = shutil.disk_usage(self.folder).free
        if size > free:
            raise OSError(
                f"temporary files need {size / 1e9:,.1f} GB in {self.folder}, which has "
                f"{free / 1e9:,.1f} GB free: set TMPDIR (or --out) to a larger disk"
            )


def release(array: np.ndarray) -> None:
    """Give back the memory of a mapped array; its values stay in the file. Others stay as is."""
    mapped = mapped_file(array)
    if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def mapped_file(array: np.ndarray) -> mmap.mmap | None:
    """The file map below an array or a part of one; None if it lies in memory."""
    below: object = array
    while isinstance(below, np.ndarray):
        below = below.base
    return below if isinstance(below, mmap.mmap) else None
