"""A folder on loopback, served as an archive would, and broken on demand."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from scinno.datasets._catalog import CATALOG as CATALOG
from scinno.datasets._catalog import RemoteFile as RemoteFile


class Archive:
    """Files by name; ``cut`` is after how many bytes the next answer breaks off."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.versions = dict.fromkeys(files, "first")
        self.resumable = True
        self.chunked = False  # answers that do not tell their length
        self.kind = "application/octet-stream"
        self.cut: int | None = None
        self.sent: list[tuple[str, int]] = []  # name and first byte of each answer
        self.url = ""


@contextlib.contextmanager
def served(files: dict[str, bytes]) -> Iterator[Archive]:
    archive = Archive(files)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            name = self.path.lstrip("/")
            if name not in archive.files:
                return self.send_error(404)
            whole, tag = archive.files[name], f'"{archive.versions[name]}"'
            start = 0
            same = self.headers.get("If-Range", tag) == tag
            if archive.resumable and same and "Range" in self.headers:
                start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
            if start and start >= len(whole):
                return self.send_error(416)
            archive.sent.append((name, start))
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(whole) - 1}/{len(whole)}")
            if archive.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(len(whole) - start))
            self.send_header("Content-Type", archive.kind)
            if archive.resumable:
                self.send_header("ETag", tag)
            self.end_headers()
            body = whole[start:]
            if archive.chunked:
                body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
            self.wfile.write(body[: archive.cut])
            archive.cut = None
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    archive.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield archive
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
