"""Where the processes of a team find each other, also after torchrun has started them again.

torchrun's store outlives a killed process, and with it the addresses that this process left there:
those who come back would call the dead. So the first process opens a store for each attempt.
"""

from __future__ import annotations

import os
import time
from datetime import timedelta

# Documented names, which PyTorch's own list of exports leaves out.
from torch.distributed import DistStoreError, Store, TCPStore  # type: ignore[attr-defined]

# How long the others look for the first process, which may be slower to start.
PATIENCE = 300.0
# How long one call at a door may take.
CALL = timedelta(seconds=10)

_DOOR = "scinno/door"


def meeting_store(rank: int, size: int) -> Store | None:
    """A store that only this attempt's processes use; None without torchrun's agent.

    Raises
    ------
    TimeoutError
        The first process cannot be found.
    """
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return None
    host = os.environ["MASTER_ADDR"]
    agent = TCPStore(host, int(os.environ["MASTER_PORT"]), is_master=False)
    if rank == 0:
        # The agent that leads, whose store this is, starts the first process on its own machine.
        own = TCPStore(host, 0, size, is_master=True, wait_for_workers=False)
        agent.set(_DOOR, str(own.port))
        return own
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        port = int(agent.get(_DOOR))  # of an earlier attempt, as long as there is no new one
        try:
            return TCPStore(host, port, size, is_master=False, timeout=CALL, wait_for_workers=False)
        except (DistStoreError, RuntimeError):
            time.sleep(0.5)
    raise TimeoutError(f"process {rank} of {size} found no first process within {PATIENCE:g} s")
