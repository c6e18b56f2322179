"""Files that are complete, or as they were before."""

import subprocess
import sys

from scinno._runtime import atomic


def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path):
    """In a process of its own, which may not write files of more than 4096 bytes."""
    (tmp_path / "page.html").write_bytes(b"old")
    code = (
        "import pathlib, resource, signal, sys\n"
        "from scinno._runtime import atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "atomic.write_file(pathlib.Path(sys.argv[1]), b'new' * 10_000)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "page.html")]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "OSError: [Errno 27] File too large" in told.stderr
    assert (tmp_path / "page.html").read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_a_written_file_is_whole_and_has_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "plain").touch()
    atomic.write_file(tmp_path / "new", b"all of it")
    assert (tmp_path / "new").read_bytes() == b"all of it"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode
    atomic.write_file(tmp_path / "new", b"replaced")
    assert (tmp_path / "new").read_bytes() == b"replaced"
