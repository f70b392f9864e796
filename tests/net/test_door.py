"""The door over real HTTP on loopback: limits, redirects, bombs, refusals."""

from __future__ import annotations

import asyncio
import gzip
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from qiguan.core.source import Outcome, Request, Response
from qiguan.net.door import TRUNCATED, Door, Failure, Limits


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[dict] = []
    now = 0
    most = 0
    lock = threading.Lock()

    def log_message(self, *args):
        pass

    def answer(self, status=200, body=b"", **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        type(self).seen.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
        host = f"http://127.0.0.1:{self.server.server_address[1]}"
        match self.path.split("?")[0]:
            case "/loop":
                self.answer(302, Location="/loop2")
            case "/loop2":
                self.answer(302, Location="/loop")
            case "/far":
                self.answer(302, Location=f"/far?{len(type(self).seen)}")
            case "/permanent":
                self.answer(301, Location="/ok")
            case "/temporary":
                self.answer(302, Location="/ok")
            case "/private":
                self.answer(302, Location="http://169.254.169.254/latest/")
            case "/other":
                self.answer(302, Location=host.replace("127.0.0.1", "localhost") + "/ok")
            case "/bomb":
                self.answer(body=gzip.compress(b"0" * 30_000_000), Content_Encoding="gzip")
            case "/big":
                self.answer(body=b"0" * 200_000)
            case "/gzip":
                self.answer(body=gzip.compress("中文".encode()), Content_Encoding="gzip")
            case "/badgzip":
                self.answer(body=b"no gzip at all", Content_Encoding="gzip")
            case "/etag":
                fresh = self.headers.get("If-None-Match") != '"1"'
                self.answer(200 if fresh else 304, b"x" if fresh else b"", ETag='"1"')
            case "/short":
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b"half")
                self.close_connection = True
            case "/slow":
                time.sleep(3)
                self.answer(body=b"late")
            case "/busy":
                with self.lock:
                    type(self).now += 1
                    type(self).most = max(type(self).most, type(self).now)
                time.sleep(0.05)
                with self.lock:
                    type(self).now -= 1
                self.answer(body=b"x")
            case "/head":
                self.send_response(200)
                self.send_header("X-Long", "x" * 40_000)
                self.end_headers()
            case _:
                self.answer(body=b"ok")


@pytest.fixture(scope="module")
def base():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def fetch(url, *, allow=True, resolver=None, etag="", conditional=False, headers=None, **limits):
    async def go():
        async with Door(agent="Qiguan/test", allow_loopback=allow, limits=Limits(**limits), resolver=resolver) as door:
            return await door.fetch(Request(url, headers=headers or {}, conditional=conditional), etag=etag)

    return asyncio.run(go())


def test_a_page_is_fetched_and_says_who_we_are(base):
    answer = fetch(base + "/x")
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (200, b"ok")
    assert Handler.seen[-1]["user-agent"] == "Qiguan/test"


@pytest.mark.parametrize("path", ["/loop", "/far"])
def test_redirect_loops_end(base, path):
    assert fetch(base + path).outcome is Outcome.REDIRECT_LOOP


def test_only_permanent_redirects_say_moved(base):
    assert fetch(base + "/permanent").moved_to == base + "/ok"
    temporary = fetch(base + "/temporary")
    assert (temporary.body, temporary.moved_to) == (b"ok", "")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]"])
def test_loopback_is_refused_however_it_is_spelled(base, host):
    port = base.rsplit(":", 1)[1]
    failure = fetch(f"http://{host}:{port}/x", allow=False)
    assert isinstance(failure, Failure)
    assert failure.outcome in {Outcome.PRIVATE_ADDRESS, Outcome.UNREACHABLE}
    if host in {"127.0.0.1", "localhost"}:
        assert failure.outcome is Outcome.PRIVATE_ADDRESS


def test_a_redirect_to_a_private_address_is_refused(base):
    assert fetch(base + "/private").outcome is Outcome.PRIVATE_ADDRESS


def test_a_public_name_that_resolves_to_a_private_address_is_refused(base):
    from aiohttp.abc import AbstractResolver

    class Rebinding(AbstractResolver):
        async def resolve(self, host, port=0, family=socket.AF_INET):
            return [{"hostname": host, "host": "10.0.0.7", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}]

        async def close(self):
            pass

    assert fetch("http://rebinding.example/x", resolver=Rebinding()).outcome is Outcome.PRIVATE_ADDRESS


def test_a_bomb_is_cut_off_under_the_cap(base):
    assert fetch(base + "/bomb", body=1_000_000).outcome is Outcome.TOO_LARGE
    assert fetch(base + "/big", body=100_000).outcome is Outcome.TOO_LARGE
    assert fetch(base + "/big", body=200_000).status == 200


def test_compressed_bodies_are_read_and_broken_ones_named(base):
    assert fetch(base + "/gzip").body.decode() == "中文"
    assert fetch(base + "/badgzip").outcome is Outcome.MALFORMED


def test_slow_and_dead_servers_are_named(base):
    assert fetch(base + "/slow", total=0.3).outcome is Outcome.TIMEOUT
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert fetch(f"http://127.0.0.1:{port}/").outcome is Outcome.UNREACHABLE


def test_a_huge_header_is_refused(base):
    assert isinstance(fetch(base + "/head"), Failure)


def test_a_body_that_breaks_off_is_marked(base):
    answer = fetch(base + "/short")
    assert answer.body == b"half"
    assert answer.headers[TRUNCATED] == "1"


def test_a_conditional_request_is_answered_with_304(base):
    assert fetch(base + "/etag", conditional=True, etag='"1"').status == 304
    assert fetch(base + "/etag", conditional=False, etag='"1"').status == 200


def test_secrets_do_not_follow_to_another_host(base):
    fetch(base + "/other", headers={"Authorization": "Bearer x"})
    assert "authorization" not in Handler.seen[-1]
    assert "authorization" in Handler.seen[-2]


def test_addresses_that_are_not_plain_http_are_refused():
    for url in ("file:///etc/passwd", "http://u:p@127.0.0.1/", "gopher://x"):
        assert fetch(url).outcome is Outcome.UNREACHABLE


def test_a_host_is_asked_by_few_at_once_and_with_a_pause(base):
    async def go():
        async with Door(agent="t", allow_loopback=True, limits=Limits(per_host=2)) as door:
            await asyncio.gather(*(door.fetch(Request(base + "/busy")) for _ in range(8)))
        async with Door(agent="t", allow_loopback=True, limits=Limits(pause=0.05)) as door:
            start = time.monotonic()
            await asyncio.gather(*(door.fetch(Request(base + "/x")) for _ in range(5)))
            return time.monotonic() - start

    assert asyncio.run(go()) >= 0.19
    assert Handler.most <= 2
