"""Files and folders that are complete, or as they were before."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# What scinno keeps beside or in a folder for as long as it works begins so.
MARK = ".scinno-"
# The file that marks a folder as a run's.
MARKER = "settings.json"
_RENAME_EXCHANGE, _AT_FDCWD = 2, -100


def write_file(path: Path, data: bytes) -> None:
    """Write beside ``path`` and move into place, so that a failure leaves the old file."""
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f"{MARK}{path.name[:99]}.")
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o666 & ~umask())
        os.replace(temporary, path)
    except BaseException as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        why = error.strerror or str(error)  # the system names the temporary file, if any
        raise type(error)(error.errno, f"{path} cannot be written: {why}") from error


@contextmanager
def atomic_folder(out: Path) -> Iterator[Path]:
    """A temporary folder whose content becomes that of ``out`` if the block ends without an error.

    Parameters
    ----------
    out : Path
        A folder of an earlier run is replaced as a whole, in one step where the system has it. An
        empty one is filled, and so is one that cannot be renamed: a mount, the current folder, one
        in a folder that is not writable. A link stays a link.
    """
    place, real = place_of(out)
    place.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=place, prefix=prefix_of(real)))
    try:
        yield temporary
        if place == real:
            _fill(real, temporary)
        else:
            temporary.chmod(0o777 & ~umask())
            _put(temporary, real)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def umask() -> int:
    """What the process takes away from the permissions of new files.

    tempfile gives 0600, but a result should have the permissions of any new file.
    """
    mask = os.umask(0)
    os.umask(mask)
    return mask


def held_in(folder: Path) -> list[Path]:
    """What lies in a folder, without what a working scinno keeps there."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith(MARK))


def place_of(out: Path) -> tuple[Path, Path]:
    """Where the temporary folder of ``out`` lies, itself or its parent, and where ``out`` leads."""
    real = out.resolve()
    empty = real.is_dir() and not held_in(real)
    return (real if empty else lock_place_of(real)), real


def lock_place_of(real: Path) -> Path:
    """Where the lock of a folder lies: the same before, while and after it is filled."""
    fixed = real.is_dir() and (
        os.path.ismount(real)
        or Path.cwd().is_relative_to(real)
        or not os.access(real.parent, os.W_OK | os.X_OK)
    )
    return real if fixed else real.parent


def prefix_of(real: Path) -> str:
    """How temporary names of this folder begin: short, as its own name may be very long."""
    return f"{MARK}{hashlib.sha256(os.fsencode(real.name)).hexdigest()[:8]}-"


def _put(temporary: Path, real: Path) -> None:
    if not real.exists():
        os.replace(temporary, real)
    elif not _exchange(temporary, real):  # if it did, the temporary one is now the old run
        old = real.parent / f"{prefix_of(real)}old"
        os.replace(real, old)  # a kill here is repaired by the next run
        os.replace(temporary, real)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where the system or the disk cannot."""
    if not sys.platform.startswith("linux"):
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    return renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0


def _fill(real: Path, temporary: Path) -> None:
    """Move files up into their folder, the one that marks a run last, and remove all others."""
    made = sorted(temporary.iterdir(), key=lambda path: path.name == MARKER)
    for path in made:
        target = real / path.name
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        os.replace(path, target)
    for path in held_in(real):
        if path.name not in {new.name for new in made}:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
