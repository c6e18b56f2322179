"""Run commands of scinno and print, as JSON, every event by which they could break a promise.

    watched.py '[["cluster", "in.h5ad"], ["predict", "model.safetensors", "in.h5ad"]]'

Started by test_promises.py in a process of its own, because Python's audit hooks cannot be removed.
"""

import json
import sys

# https://docs.python.org/3/library/audit_events.html
WATCHED = (
    "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname",
    "socket.sendto", "urllib.Request", "pickle.find_class", "os.system", "subprocess.Popen",
    "marshal.loads", "webbrowser.open", "smtplib.connect", "ftplib.connect",
)  # fmt: skip


def main(commands: list[list]) -> None:
    seen: list[tuple[str, str, str]] = []

    def watch(event: str, values: tuple) -> None:
        if event in WATCHED and not _is_import():  # what libraries do to load themselves
            seen.append((event, repr(values)[:300], _caller()))

    sys.addaudithook(watch)
    from scinno.cli import main as command

    codes: list[object] = []
    for words in commands:
        sys.argv = ["scinno", *map(str, words)]
        try:
            command()
            codes.append(0)
        except SystemExit as end:
            codes.append(end.code or 0)
    print("\nWATCHED " + json.dumps({"codes": codes, "seen": seen}))


def _frames():
    frame = sys._getframe(2)
    while frame is not None:
        yield frame.f_globals.get("__name__", "")
        frame = frame.f_back


def _is_import() -> bool:
    return any(name.startswith(("importlib", "_frozen_importlib")) for name in _frames())


def _caller() -> str:
    """The modules that led here, innermost first."""
    names = dict.fromkeys(name for name in _frames() if name != __name__)
    return " < ".join(list(names)[:6])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
