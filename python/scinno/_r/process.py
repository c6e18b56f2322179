"""`call` in a process of its own: ``python -m scinno._r.process FOLDER``, R's second engine.

R writes the request and its arrays to the folder, and reads the reply and arrays from there.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from scinno._r.call import VECTORS, Arrays, call
from scinno._runtime.atomic import write_file


def main(folder: Path) -> None:
    """Answer the request in ``folder`` as `call` does; progress goes to stdout, line by line."""
    # R's end of this pipe closes when R ends in any way: then no one waits for the answer.
    threading.Thread(target=_exit_with_r, daemon=True).start()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    out, sys.stdout = sys.stdout, sys.stderr
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    arrays: Arrays = {}
    if "shape" in request:
        parts = [_mapped(folder / f"{name}.bin", dtype) for name, dtype in VECTORS.items()]
        arrays["counts"] = sp.csc_matrix(tuple(parts), shape=tuple(request["shape"]))
    if (folder / "model.bin").exists():
        arrays["model"] = (folder / "model.bin").read_bytes()
    answer = call(
        request["what"],
        json.dumps(request["request"]),
        arrays,
        lambda row: print(row, file=out, flush=True),
    )
    reply = json.loads(answer["reply"])
    reply["shapes"] = {}
    for name, value in answer["arrays"].items():
        array = np.ascontiguousarray(np.frombuffer(value, "u1") if name == "model" else value)
        reply["shapes"][name] = {"type": array.dtype.kind, "dim": array.shape}
        array.astype(array.dtype.newbyteorder("<"), copy=False).tofile(folder / f"{name}.out")
    write_file(folder / "reply.json", json.dumps(reply).encode())


def _mapped(path: Path, dtype: str) -> np.ndarray:
    """A vector in a file, read as it is used."""
    if path.stat().st_size == 0:
        return np.zeros(0, dtype=dtype)
    return np.memmap(path, dtype=dtype, mode="r")


def _exit_with_r() -> None:
    """End this process when R closes its end of stdin."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
