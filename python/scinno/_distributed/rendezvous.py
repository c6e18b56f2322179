"""Where the processes of a group find each other, also after torchrun has restarted them.

torchrun's store outlives a killed process, and with it the addresses that this process left there:
the restarted ones would call processes that are gone. So the main rank opens a store for each
attempt.
"""

from __future__ import annotations

import os
import time
from datetime import timedelta

# Documented names, which PyTorch's own list of exports leaves out.
from torch.distributed import DistStoreError, Store, TCPStore  # type: ignore[attr-defined]

# Seconds in which the other ranks look for the main rank, which may be slower to start.
TIMEOUT = 300.0
# How long one attempt to connect may take.
CONNECT_TIMEOUT = timedelta(seconds=10)

_PORT_KEY = "scinno/port"


def rendezvous_store(rank: int, size: int) -> Store | None:
    """A store that only this attempt's processes use; None without torchrun's agent.

    Raises
    ------
    TimeoutError
        The main rank cannot be found.
    """
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != "True":
        return None
    host = os.environ["MASTER_ADDR"]
    agent = TCPStore(host, int(os.environ["MASTER_PORT"]), is_master=False)
    if rank == 0:
        # The leading agent, whose store this is, starts the main rank on its own machine.
        own = TCPStore(host, 0, size, is_master=True, wait_for_workers=False)
        agent.set(_PORT_KEY, str(own.port))
        return own
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        port = int(agent.get(_PORT_KEY))  # of an earlier attempt, as long as there is no new one
        try:
            return TCPStore(
                host, port, size, is_master=False, timeout=CONNECT_TIMEOUT, wait_for_workers=False
            )
        except (DistStoreError, RuntimeError):
            time.sleep(0.5)
    raise TimeoutError(f"rank {rank} of {size} found no main rank within {TIMEOUT:g} s")
