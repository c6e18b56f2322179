"""A download is complete or absent, and an error says what to do."""

from __future__ import annotations

import hashlib
import socket
import threading

import pytest
from served_folder import RemoteFile, served

from scinno.datasets._download import fetch

NAME = "counts.csv.gz"
CONTENT = bytes(range(256)) * 40


@pytest.fixture
def archive(monkeypatch):
    monkeypatch.setattr("scinno.datasets._download.BLOCK", 500)
    with served({NAME: CONTENT}) as archive:
        yield archive


def broken_once(archive, folder, after=3000):
    archive.cut = after
    with pytest.raises(ConnectionError, match=r"broke after 3,000 bytes.*resumes"):
        fetch(RemoteFile(NAME), folder, archive.url)
    assert not (folder / NAME).exists()


def test_a_file_is_downloaded_once_and_kept(archive, tmp_path):
    for _ in range(2):
        path = fetch(RemoteFile(NAME), tmp_path / "set", archive.url)
        assert path.read_bytes() == CONTENT
    assert len(archive.sent) == 1
    assert sorted(p.name for p in path.parent.iterdir() if p.suffix != ".lock") == [NAME]


def test_a_broken_download_leaves_no_file_and_the_next_call_resumes(archive, tmp_path):
    broken_once(archive, tmp_path)
    assert fetch(RemoteFile(NAME), tmp_path, archive.url).read_bytes() == CONTENT
    assert archive.sent == [(NAME, 0), (NAME, 3000)]
    assert not list(tmp_path.glob("*.part*"))


def test_a_download_that_breaks_twice_resumes_twice(archive, tmp_path):
    broken_once(archive, tmp_path)
    archive.cut = 500
    with pytest.raises(ConnectionError, match="after 3,500 bytes"):
        fetch(RemoteFile(NAME), tmp_path, archive.url)
    assert fetch(RemoteFile(NAME), tmp_path, archive.url).read_bytes() == CONTENT
    assert archive.sent == [(NAME, 0), (NAME, 3000), (NAME, 3500)]


def test_half_a_file_of_another_version_is_thrown_away(archive, tmp_path):
    broken_once(archive, tmp_path)
    archive.files[NAME] = CONTENT[::-1]
    archive.versions[NAME] = "2"
    assert fetch(RemoteFile(NAME), tmp_path, archive.url).read_bytes() == CONTENT[::-1]


def test_without_ranges_the_download_starts_again(archive, tmp_path):
    archive.resumable = False
    broken_once(archive, tmp_path)
    assert fetch(RemoteFile(NAME), tmp_path, archive.url).read_bytes() == CONTENT
    assert archive.sent[-1] == (NAME, 0)


def test_a_half_file_that_is_longer_than_the_whole_starts_again(archive, tmp_path):
    broken_once(archive, tmp_path)
    with (tmp_path / f"{NAME}.part").open("ab") as part:
        part.write(CONTENT)
    assert fetch(RemoteFile(NAME), tmp_path, archive.url).read_bytes() == CONTENT


def test_an_answer_of_unknown_length_that_breaks_off_is_no_file(archive, tmp_path):
    archive.chunked = True
    archive.cut = 3000
    with pytest.raises(ConnectionError, match="the connection broke"):
        fetch(RemoteFile(NAME), tmp_path, archive.url)
    assert not (tmp_path / NAME).exists()
    assert fetch(RemoteFile(NAME), tmp_path, archive.url).read_bytes() == CONTENT


def test_bytes_are_counted_where_urllib3_does_not(archive, tmp_path, monkeypatch):
    monkeypatch.setattr("requests.Response.iter_content", lambda *_: iter([CONTENT[:500]]))
    with pytest.raises(ConnectionError, match="broke after 500 bytes"):
        fetch(RemoteFile(NAME), tmp_path, archive.url)
    assert not (tmp_path / NAME).exists()


def test_a_wrong_checksum_keeps_nothing(archive, tmp_path):
    wrong = RemoteFile(NAME, checksum="sha256:" + "0" * 64)
    with pytest.raises(ValueError, match=r"not the file that was published.*sha256:000"):
        fetch(wrong, tmp_path, archive.url)
    assert [p.name for p in tmp_path.iterdir() if p.suffix != ".lock"] == []
    right = RemoteFile(NAME, checksum="sha256:" + hashlib.sha256(CONTENT).hexdigest())
    assert fetch(right, tmp_path, archive.url).read_bytes() == CONTENT


@pytest.mark.parametrize("name", [NAME, "counts.txt"])
def test_a_kept_file_with_another_checksum_is_downloaded_again(archive, tmp_path, name):
    archive.files[name], archive.versions[name] = CONTENT, "1"
    (tmp_path / name).write_bytes(b"older")
    right = RemoteFile(name, checksum="sha256:" + hashlib.sha256(CONTENT).hexdigest())
    assert fetch(right, tmp_path, archive.url).read_bytes() == CONTENT


def test_no_connection_names_the_address_the_folder_and_the_way_out(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(ConnectionError) as error:
            fetch(RemoteFile(NAME), tmp_path, address, "take it from R")
    assert str(error.value) == (
        f"{address}/{NAME} cannot be downloaded (no connection to the server): "
        f"put the file into {tmp_path} by hand, or take it from R"
    )


def test_a_refusal_and_a_web_page_are_no_file(archive, tmp_path):
    with pytest.raises(ConnectionError, match="the server responds 404 Not Found"):
        fetch(RemoteFile("gone.csv"), tmp_path, archive.url)
    archive.kind = "text/html; charset=utf-8"
    with pytest.raises(ConnectionError, match="the response is a web page"):
        fetch(RemoteFile(NAME), tmp_path, archive.url)
    assert not (tmp_path / NAME).exists()


def test_a_file_put_there_by_hand_needs_no_server_even_unpacked(tmp_path):
    (tmp_path / "counts.csv").write_text("by hand")
    assert fetch(RemoteFile(NAME), tmp_path, None).read_text() == "by hand"
    (tmp_path / "labels.csv").write_text("by hand")
    assert fetch(RemoteFile("labels.csv"), tmp_path, None).read_text() == "by hand"
    assert fetch(RemoteFile("labels.csv"), tmp_path, "http://127.0.0.1:9").read_text() == "by hand"
    assert len(list(tmp_path.iterdir())) == 2  # a folder that others own stays as it is
    with pytest.raises(FileNotFoundError, match=r"more\.csv is needed and has no public address"):
        fetch(RemoteFile("more.csv"), tmp_path, None)


def test_two_at_once_download_once(archive, tmp_path):
    found = []
    threads = [
        threading.Thread(
            target=lambda: found.append(fetch(RemoteFile(NAME), tmp_path, archive.url))
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(archive.sent) == 1
