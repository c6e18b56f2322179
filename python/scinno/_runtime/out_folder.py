"""The folder that results go to: found writable before the work, and used by one run at a time."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from scinno._runtime.atomic import MARK, lock_place_of, place_of, prefix_of
from scinno._runtime.memory import amount

logger = logging.getLogger("scinno")


def check_writable(out: Path, option: str = "--out") -> None:
    """Write, rename and remove a file where ``out`` will be, before hours of work.

    Raises
    ------
    OSError
        That is not possible; the message says where and why.
    """
    place, _ = place_of(out)
    while not place.exists():
        place = place.parent
    check_folder(place, out, option)


def check_folder(place: Path, out: Path, option: str = "--out", again: bool = True) -> None:
    """Write, rename and remove a file in ``place``, where ``out`` will be; errors as above."""
    try:
        probe = Path(tempfile.mkdtemp(dir=place, prefix=f"{prefix_of(out.resolve())}probe-"))
        try:
            (probe / "a").write_bytes(b"x")
            moved = probe.rename(f"{probe}-moved")
            shutil.rmtree(moved)
        finally:
            shutil.rmtree(probe, ignore_errors=True)
    except OSError as error:
        if again and isinstance(error, FileNotFoundError) and place.is_dir():
            # Another run, which has just got the lock, takes it for what a dead one has left.
            check_folder(place, out, option, again=False)
            return
        why = error.strerror or str(error)
        raise type(error)(
            f"{option} {out} cannot be written, as {place} is not writable ({why}): choose another "
            "folder"
        ) from error


def check_space(out: Path, size: float) -> None:
    """Refuse a disk that cannot hold results of ``size`` bytes (OSError), with both numbers."""
    place, _ = place_of(out)
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if size > free:
        raise OSError(
            f"the results need about {amount(size)} in {place}, which has {amount(free)} free: "
            "choose --out on a larger disk"
        )


@contextmanager
def only_user_of(folder: Path | None, option: str = "--out") -> Iterator[None]:
    """Lock a folder that a run writes to, and clear away what dead runs have left of it.

    The system releases the lock when the process ends, however that happens.

    Raises
    ------
    BlockingIOError
        Another process holds it.
    """
    if folder is None:
        yield
        return
    place, real = place_of(folder)
    with ExitStack() as stack:
        for missing in reversed([p for p in (place, *place.parents) if not p.exists()]):
            # Removed again if nothing comes into it.
            stack.callback(_remove_if_empty, missing)
        place.mkdir(parents=True, exist_ok=True)
        lock = FileLock(lock_place_of(real) / f"{prefix_of(real)}lock", timeout=0, mode=0o666)
        try:
            lock.acquire()
        except Timeout:
            raise BlockingIOError(
                f"{option} {folder} is in use by another run of scinno: wait for its end, or "
                "choose another folder"
            ) from None
        except (NotImplementedError, OSError) as error:
            # Some network file systems have no locks; a run without one is better than none.
            logger.warning("%s cannot be locked (%s): let only one run use it", folder, error)
        else:
            stack.callback(_release, lock)
        _clear_leftovers(place, real)
        yield


def _clear_leftovers(place: Path, real: Path) -> None:
    """Remove what dead runs have left; a run that was being replaced comes back."""
    for path in sorted(place.glob(f"{prefix_of(real)}*")):
        if path.name.endswith("lock"):
            continue
        if path.name.endswith("old") and not real.exists():
            os.replace(path, real)
            logger.warning("%s was being replaced when a run was killed, and is back", real)
        else:
            shutil.rmtree(path, ignore_errors=True)
    for path in real.glob(f"{MARK}*") if real.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif not path.name.endswith("lock"):
            path.unlink(missing_ok=True)


def _release(lock: FileLock) -> None:
    # Removed before it is released: who has opened it before finds that it has no name any more.
    with suppress(OSError):  # on Windows while another process has it open
        Path(lock.lock_file).unlink()
    lock.release()


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
