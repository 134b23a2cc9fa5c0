"""Downloads from a server of this machine: broken, refused, altered and ignored ranges, and mirrors."""

import http.server
import socket
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from photographs import described

from softlabels.data import downloads
from softlabels.errors import SoftLabelsError

DATA = b"PK\3\4" + np.random.default_rng(0).bytes(399_996)
PAGE = b"<!doctype html><title>Welcome to the hotel</title>"


class Server(http.server.ThreadingHTTPServer):
    """Serves DATA: at /whole as it is, at /cut at most 150,000 bytes an answer, at /stubborn all whatever was asked.

    At /portal it answers with a page, as a network does that asks for a login.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked, self.down = [], set()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.server.asked.append((self.path, start))
        if self.path in self.server.down or self.path == "/missing":
            return self.send_error(503 if self.path in self.server.down else 404)
        data = {"/other": b"PK\3\4" + b"x" * (len(DATA) - 4), "/portal": PAGE}.get(self.path, DATA)
        start = 0 if self.path in ("/stubborn", "/portal") else start
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        self.wfile.write(data[start : start + 150_000] if self.path == "/cut" else data[start:])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def archive(tmp_path, server):
    """An archive of DATA's bytes from some of the server's paths."""
    original = tmp_path / "set.zip"
    original.write_bytes(DATA)
    return lambda *paths: described(original, *map(server.url, paths))


def test_a_file_comes_once(tmp_path, server, archive):
    for _ in range(2):
        path = downloads.bring(archive("whole"), tmp_path / "data")
        assert path == tmp_path / "data" / "set.zip" and path.read_bytes() == DATA
    assert server.asked == [("/whole", 0)] and [p.name for p in path.parent.iterdir()] == ["set.zip"]


def test_a_broken_transfer_goes_on(tmp_path, server, archive):
    assert downloads.bring(archive("cut"), tmp_path / "data").read_bytes() == DATA
    starts = [start for _, start in server.asked]
    assert len(starts) >= 3 and starts[0] == 0 and starts == sorted(set(starts))


def test_the_next_call_goes_on_where_the_last_one_stopped(tmp_path, server, archive, monkeypatch):
    part = tmp_path / "data" / "set.zip.part"
    whole_size = downloads._size

    def down_after_the_first(path):
        if whole_size(path):
            server.down.add("/cut")
        return whole_size(path)

    with monkeypatch.context() as patched:
        patched.setattr(downloads, "_size", down_after_the_first)
        with pytest.raises(
            SoftLabelsError, match=r"127.0.0.1: 503 .* Of its 400,000 bytes \d\d.*,\d* are here: the same"
        ):
            downloads.bring(archive("cut"), tmp_path / "data")
    have = part.stat().st_size
    assert 0 < have < len(DATA)
    assert downloads.bring(archive("whole"), tmp_path / "data").read_bytes() == DATA
    assert server.asked[-1] == ("/whole", have) and not part.exists()


def test_a_server_that_cannot_go_on_sends_all(tmp_path, server, archive):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "set.zip.part").write_bytes(DATA[:1000])
    assert downloads.bring(archive("stubborn"), tmp_path / "data").read_bytes() == DATA
    assert server.asked == [("/stubborn", 1000)]


def test_mirrors_are_tried_in_turn(tmp_path, server, archive):
    assert downloads.bring(archive("missing", "other", "whole"), tmp_path / "data").read_bytes() == DATA
    assert server.asked == [("/missing", 0), ("/other", 0), ("/whole", 0)]


def test_another_file_is_refused_and_the_next_call_repairs_it(tmp_path, archive):
    with pytest.raises(
        SoftLabelsError, match="127.0.0.1 sent a file with another checksum.* Of its 400,000 bytes 0 are"
    ):
        downloads.bring(archive("other"), tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []
    assert downloads.bring(archive("whole"), tmp_path / "data").read_bytes() == DATA


def test_a_partial_file_that_is_none_of_it_is_thrown_away(tmp_path, server, archive):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "set.zip.part").write_bytes(b"PK\3\4" + b"x" * 996)
    assert downloads.bring(archive("whole", "whole"), tmp_path / "data").read_bytes() == DATA
    assert server.asked == [("/whole", 1000), ("/whole", 0)]


@pytest.mark.parametrize("have", [0, 1, 1000])
def test_a_login_page_is_not_the_beginning_of_an_archive(tmp_path, server, archive, have):
    (tmp_path / "data").mkdir()
    part = tmp_path / "data" / "set.zip.part"
    part.write_bytes(DATA[:have])
    with pytest.raises(SoftLabelsError, match=f"127.0.0.1 sent something else, perhaps .* 400,000 bytes {have:,} are"):
        downloads.bring(archive("portal"), tmp_path / "data")
    assert part.read_bytes() == DATA[:have]  # what an honest server sent before
    assert downloads.bring(archive("portal", "whole"), tmp_path / "data").read_bytes() == DATA
    assert server.asked[-1] == ("/whole", have)


def test_a_kept_page_is_thrown_away(tmp_path, server, archive):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "set.zip.part").write_bytes(PAGE)
    assert downloads.bring(archive("whole"), tmp_path / "data").read_bytes() == DATA
    assert server.asked == [("/whole", 0)]


def test_a_damaged_file_is_fetched_anew(tmp_path, archive):
    path = downloads.bring(archive("whole"), tmp_path / "data")
    path.write_bytes(DATA[:-1])
    assert downloads.bring(archive("whole"), tmp_path / "data").read_bytes() == DATA


def test_no_network(tmp_path, archive):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    unreachable = replace(archive("whole"), urls=(f"http://127.0.0.1:{port}/whole",))
    with pytest.raises(SoftLabelsError, match=r"127.0.0.1: no answer \(ConnectionError\).*SOFTLABELS_DATA"):
        downloads.bring(unreachable, tmp_path / "data")


def test_without_pooch(tmp_path, archive, monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(SoftLabelsError, match="needs Pooch; type: pip install pooch"):
        downloads.bring(archive("whole"), tmp_path)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (DATA[:-1], "has 399,999 bytes, the official file 400,000"),
        (b"x" * len(DATA), "has the SHA-256 .*, the official"),
    ],
)
def test_a_local_archive_is_compared(tmp_path, archive, data, says):
    known, local = archive("whole"), Path(tmp_path / "local.zip")
    local.write_bytes(DATA)
    downloads.check(known, local)
    local.write_bytes(data)
    with pytest.raises(SoftLabelsError, match=f"local.zip {says}.*; copy it anew"):
        downloads.check(known, local)
