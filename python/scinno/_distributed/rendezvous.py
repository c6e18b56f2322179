"""Where the processes of a group find each other, also after torchrun has restarted them.

torchrun's store outlives a killed process, and with it the addresses that this process left there:
the restarted ones would call processes that are gone. So the main rank opens a store for each
attempt. Ranks believe whoever answers there, so on one machine it listens to that machine only.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

# Documented names, which PyTorch's own list of exports leaves out.
from torch.distributed import DistStoreError, Store, TCPStore  # type: ignore[attr-defined]

from scinno._distributed.env import on_one_machine

LOOPBACK = "127.0.0.1"
# gloo listens on the interface that this names, else on that of the host's name.
_INTERFACE = "GLOO_SOCKET_IFNAME"
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
    host = LOOPBACK if on_one_machine() else host
    if rank == 0:
        # The leading agent, whose store this is, starts the main rank on its own machine.
        own = _open_store(host, size)
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


def _open_store(host: str, size: int) -> TCPStore:
    """A store at a free port: of one machine for that machine, else for all that can reach it."""
    if host != LOOPBACK:
        return TCPStore(host, 0, size, is_master=True, wait_for_workers=False)
    listener = socket.create_server((LOOPBACK, 0), backlog=size)
    port = listener.getsockname()[1]
    return TCPStore(
        host, port, size, is_master=True, wait_for_workers=False,
        master_listen_fd=listener.detach(),
    )  # fmt: skip


@contextmanager
def own_interface() -> Iterator[None]:
    """Let gloo listen to this machine only, if all processes are on it and nobody says otherwise.

    NCCL is not touched: it chooses its way between GPUs itself, and has NCCL_SOCKET_IFNAME.
    """
    known = {name for _, name in socket.if_nameindex()}
    loopback = next((name for name in ("lo", "lo0") if name in known), None)
    if loopback is None or _INTERFACE in os.environ or not on_one_machine():
        yield
        return
    os.environ[_INTERFACE] = loopback
    try:
        yield
    finally:
        del os.environ[_INTERFACE]
