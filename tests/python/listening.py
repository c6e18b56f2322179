"""A server on this machine that notes what pages request."""

import http.server
import threading

import pytest


@pytest.fixture(scope="module")
def server():
    """Where a page would report to: its address, and what was requested there."""
    seen = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *words):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{listener.server_port}", seen
    listener.shutdown()
    listener.server_close()
