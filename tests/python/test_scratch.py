"""Arrays and matrices that may lie in temporary files."""

import numpy as np
import pytest

from scinno._runtime import scratch
from scinno._runtime.scratch import ScratchSpace


def test_a_full_disk_is_an_error_before_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch.shutil, "disk_usage", lambda _: type("U", (), {"free": 5_000_000}))
    with pytest.raises(OSError, match=r"need 8\.0 GB in .*, which has .* free: set TMPDIR"):
        ScratchSpace(tmp_path, 10).array((1_000_000_000,), np.float64)
