"""Download one file: complete files are kept, incomplete ones are resumed, never used."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import filelock
import pooch
import requests

from scinno.datasets._catalog import RemoteFile

logger = logging.getLogger("scinno")

# Seconds without a single byte.
TIMEOUT = 30
# Bytes; an incomplete block is lost.
BLOCK = 2**16


def fetch(file: RemoteFile, folder: Path, base_url: str | None, otherwise: str = "") -> Path:
    """Path of ``file`` in ``folder``, downloaded if it is missing.

    Parameters
    ----------
    file : RemoteFile
        What to fetch.
    folder : Path
        Where complete files are kept; one unpacked by hand (without ".gz") is accepted.
    base_url : str, optional
        Folder of a mirror that is used instead of the file's own.
    otherwise : str, optional
        Alternative to putting the file there by hand, for the end of an error.

    Raises
    ------
    FileNotFoundError
        The file has no public address and was not put into ``folder``.
    ConnectionError
        It cannot be downloaded, or the connection broke; the next call resumes if the server
        allows.
    ValueError
        The file does not have the published checksum; it is deleted.
    """
    path = folder / file.name
    unpacked = folder / file.name.removesuffix(".gz")
    if unpacked != path and unpacked.is_file():
        return unpacked
    if path.is_file() and file.checksum is None:  # not even a lock: the folder may be read-only
        return path
    url = file.url(base_url)
    advice = f"put the file into {folder} by hand" + (f", or {otherwise}" if otherwise else "")
    if url is None:
        raise FileNotFoundError(f"{file.name} is needed and has no public address: {advice}")
    folder.mkdir(parents=True, exist_ok=True)
    # Two processes that append to one incomplete file would corrupt it.
    with filelock.FileLock(folder / f".{file.name}.lock"):
        try:
            with _quiet_pooch():
                pooch.retrieve(
                    url, file.checksum, fname=file.name, path=folder, downloader=_Resuming(path)
                )
        except requests.RequestException as error:
            raise ConnectionError(
                f"{url} cannot be downloaded ({_reason(error)}): {advice}"
            ) from error
        except ValueError as error:
            raise ValueError(
                f"{url} is not the file that was published: its checksum must be {file.checksum}"
            ) from error
    return path


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    """Without pooch's messages, which repeat those of this module and advise on hashes."""
    pooch_logger = pooch.get_logger()
    level = pooch_logger.level
    pooch_logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        pooch_logger.setLevel(level)


class _Resuming:
    """A downloader for pooch, which moves the file only after this has returned."""

    def __init__(self, path: Path) -> None:
        self.part = path.with_name(path.name + ".part")
        # Version of the remote file that the incomplete file is of.
        self.version = path.with_name(path.name + ".part.version")

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        self._stream(url)
        self.part.replace(output_file)
        self.version.unlink(missing_ok=True)

    def _stream(self, url: str) -> None:
        have = self.part.stat().st_size if self.part.exists() and self.version.exists() else 0
        # Without compression, so that bytes can be counted and the download resumed.
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": self.version.read_text()}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
            if have and response.status_code == requests.codes.requested_range_not_satisfiable:
                self.version.unlink()
                return self._stream(url)
            response.raise_for_status()
            if response.headers.get("Content-Type", "").startswith("text/html"):
                raise requests.RequestException("the response is a web page, not the file")
            resumed = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
            if not (response.status_code == requests.codes.partial_content and resumed):
                have = 0
            self._write(response, url, have)

    def _write(self, response: requests.Response, url: str, have: int) -> None:
        length = int(response.headers.get("Content-Length", 0))
        logger.info("downloading %s (%.1f MB)", url, (have + length) / 1e6)
        written = 0
        with self.part.open("ab" if have else "wb") as out:
            self._note_version(response)
            try:
                for block in response.iter_content(BLOCK):
                    out.write(block)
                    written += len(block)
            except requests.RequestException as error:
                raise _broken(have + written) from error
        if written < length:  # urllib3 before version 2 does not count
            raise _broken(have + written)

    def _note_version(self, response: requests.Response) -> None:
        tag = response.headers.get("ETag", "")
        # A weak tag may stand for two files that differ in bytes.
        version = tag if tag.startswith('"') else response.headers.get("Last-Modified", "")
        if version:
            self.version.write_text(version)
        else:
            self.version.unlink(missing_ok=True)


def _broken(have: int) -> requests.RequestException:
    return requests.RequestException(
        f"the connection broke after {have:,} bytes; the next call resumes there if the "
        "server allows"
    )


def _reason(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"the server responds {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "the server does not respond"
    if isinstance(error, requests.ConnectionError):
        return "no connection to the server"
    return str(error)
