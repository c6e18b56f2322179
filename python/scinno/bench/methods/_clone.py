"""Old research code, imported from the user's clone: on the CPU, with a current NumPy.

Imports nothing of scinno, as `_job`.
"""

from __future__ import annotations

import os
import random
import sys
import types

import numpy as np


def open_clone(variable: str) -> str:
    """Put the clone that an environment variable names first on the path."""
    folder = os.environ[variable]
    sys.path.insert(0, folder)
    # NumPy 1.24 removed these. Counts become np.int and are then divided in place, which scanpy now
    # does for floats only.
    for name, kind in (("int", float), ("float", float), ("bool", bool)):
        if name not in np.__dict__:
            setattr(np, name, kind)
    return folder


def stand_in(name: str, module: types.ModuleType | None = None) -> None:
    """Give a module that the clone imports without needing it, or under an old name."""
    sys.modules.setdefault(name, module or types.ModuleType(name))


def seed_torch(seed: int, on_cpu: bool = True) -> None:
    """Seed all generators; ``.cuda()`` becomes a no-op, so that peers run where scinno runs."""
    import torch

    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  the clone draws from the global one
    torch.manual_seed(seed)
    if on_cpu:
        # Replacing methods is what mypy objects to, and what the clone needs without a GPU.
        torch.Tensor.cuda = lambda self, *a, **k: self  # type: ignore[method-assign]
        torch.nn.Module.cuda = lambda self, *a, **k: self  # type: ignore[method-assign]
