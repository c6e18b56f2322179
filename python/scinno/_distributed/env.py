"""What torchrun tells the processes that it starts."""

from __future__ import annotations

import os


def world_size() -> int:
    """How many processes torchrun has started for this program; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def local_world_size() -> int:
    """How many of them are on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


def on_one_machine() -> bool:
    """Whether all of them are on this machine, so that nothing need be reached from outside."""
    return local_world_size() == world_size()
