"""A rank whose peer has ended says so in one sentence, whatever gloo calls it."""

import pytest

from scinno._distributed import group

READ = "[pair.cc:537] Read error [127.0.0.1]:54414: Connection reset by peer. GLHF!"


@pytest.fixture
def of_two(monkeypatch):
    """This process as one of two ranks, of which the other never comes."""
    names = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TORCHELASTIC_USE_AGENT_STORE", raising=False)
    monkeypatch.setattr(group.dist, "init_process_group", lambda *_, **__: None)
    monkeypatch.setattr(group.dist, "destroy_process_group", lambda: None)
    return monkeypatch


def end_with(of_two, said: str) -> None:
    def barrier():
        raise RuntimeError(said)

    of_two.setattr(group.dist, "barrier", barrier)
    with group.torchrun_process_group() as found:
        assert (found.rank, found.size) == (0, 2)


@pytest.mark.parametrize("said", [READ, "Connection closed by peer [::1]:9", "write: Broken pipe"])
def test_a_peer_that_has_ended_is_one_sentence(of_two, said):
    with pytest.raises(ConnectionError, match="another rank of this run has ended"):
        end_with(of_two, said)


def test_other_errors_stay_as_they_are(of_two):
    with pytest.raises(RuntimeError, match="shapes differ"):
        end_with(of_two, "shapes differ")
