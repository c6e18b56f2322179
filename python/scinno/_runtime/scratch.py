"""Scratch space: where large arrays of a fit lie, in memory or in temporary files."""

from __future__ import annotations

import mmap
import shutil
import tempfile
from pathlib import Path

import numpy as np

from scinno._runtime.memory import amount

# Arrays that are larger than this lie in files, if there is a folder for them.
MAX_BYTES_IN_MEMORY = 200_000_000


class ScratchSpace:
    """Gives arrays to fill: small ones in memory, large ones in files if there is a folder.

    A file has no name any more as soon as it is open, so that nothing is left behind however the
    program ends (on Windows it is removed when its array is).

    Parameters
    ----------
    folder : Path, optional
        Where temporary files may lie; None keeps everything in memory.
    max_bytes_in_memory : int, optional
        Larger arrays lie in files; default `MAX_BYTES_IN_MEMORY`.
    """

    def __init__(self, folder: Path | None = None, max_bytes_in_memory: int | None = None) -> None:
        self.folder = folder
        self.max_bytes_in_memory = (
            MAX_BYTES_IN_MEMORY if max_bytes_in_memory is None else max_bytes_in_memory
        )

    @classmethod
    def temporary(cls) -> ScratchSpace:
        """Scratch space in the system's folder for temporary files (TMPDIR)."""
        return cls(Path(tempfile.gettempdir()))

    def array(self, shape: tuple[int, ...], dtype: type | np.dtype) -> np.ndarray:
        """An array of zeros to write to.

        Raises
        ------
        OSError
            The disk has too little free space, with both numbers of GB.
        """
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        if self.folder is None or size <= self.max_bytes_in_memory:
            return np.zeros(shape, dtype)
        self.check_free_space(size)
        with tempfile.TemporaryFile(dir=self.folder, prefix=".scinno-") as file:
            # The map keeps the file alive after it is closed. As a plain array: anndata and others
            # look at the exact class.
            return np.asarray(np.memmap(file, dtype=dtype, mode="w+", shape=shape))

    def check_free_space(self, size: int) -> None:
        """Refuse what the disk cannot hold (OSError): a full disk under a map ends the program."""
        if self.folder is None:
            return
        free = shutil.disk_usage(self.folder).free
        if size > free:
            raise OSError(
                f"temporary files need {amount(size)} in {self.folder}, which has "
                f"{amount(free)} free: set TMPDIR (or --out) to a larger disk"
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
