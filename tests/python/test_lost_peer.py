"""A rank whose peer has ended says so in one sentence, whatever gloo calls it."""

import socket
import time
from datetime import timedelta

import pytest
from torch.distributed import TCPStore

from scinno._distributed import group

READ = "[pair.cc:537] Read error [127.0.0.1]:54414: Connection reset by peer. GLHF!"


@pytest.fixture
def of_two(monkeypatch):
    """This process as one of two ranks, of which the other never comes."""
    names = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TORCHELASTIC_USE_AGENT_STORE", raising=False)
    return monkeypatch


@pytest.fixture
def of_two_that_came(of_two):
    of_two.setattr(group, "_join", lambda *_: None)
    of_two.setattr(group.dist, "destroy_process_group", lambda: None)
    return of_two


def end_with(of_two_that_came, said: str) -> None:
    def barrier():
        raise RuntimeError(said)

    of_two_that_came.setattr(group.dist, "barrier", barrier)
    with group.torchrun_process_group() as found:
        assert (found.rank, found.size) == (0, 2)


@pytest.mark.parametrize("said", [READ, "Connection closed by peer [::1]:9", "write: Broken pipe"])
def test_a_peer_that_has_ended_is_one_sentence(of_two_that_came, said):
    with pytest.raises(ConnectionError, match="another rank of this run has ended"):
        end_with(of_two_that_came, said)


def test_other_errors_stay_as_they_are(of_two_that_came):
    with pytest.raises(RuntimeError, match="shapes differ"):
        end_with(of_two_that_came, "shapes differ")


@pytest.mark.parametrize("by_agent", [False, True])
def test_a_rank_does_not_wait_for_hours_for_others_that_never_come(of_two, by_agent):
    """As when torchrun is killed before it has begun all of them."""
    agent = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False) if by_agent else None
    free = socket.create_server(("127.0.0.1", 0)) if agent is None else None
    port = free.getsockname()[1] if free is not None else agent.port
    if free is not None:
        free.close()
    of_two.setenv("MASTER_ADDR", "127.0.0.1")
    of_two.setenv("MASTER_PORT", str(port))
    if by_agent:
        of_two.setenv("TORCHELASTIC_USE_AGENT_STORE", "True")
    of_two.setattr(group, "JOIN", timedelta(seconds=1))
    start = time.monotonic()
    waited = pytest.raises(ConnectionError, match="rank 0 has waited 0:00:01 for all 2 ranks")
    with waited, group.torchrun_process_group():
        raise AssertionError("there is no second rank")
    assert time.monotonic() - start < 60


def test_ranks_that_have_come_wait_for_each_other_for_hours(of_two):
    """The main rank seeks centers meanwhile."""
    waits = []
    of_two.setattr(group, "rendezvous_store", lambda *_: None)
    of_two.setattr(
        group.dist, "init_process_group", lambda *_, timeout, **__: waits.append(timeout)
    )
    of_two.setattr(group, "_set_pg_timeout", lambda timeout, _: waits.append(timeout))
    of_two.setattr(group.dist, "barrier", lambda: None)
    of_two.setattr(group.dist, "destroy_process_group", lambda: None)
    with group.torchrun_process_group():
        pass
    assert waits == [group.JOIN, group.TIMEOUT]
    assert timedelta(minutes=1) < group.JOIN < timedelta(hours=1) < group.TIMEOUT
