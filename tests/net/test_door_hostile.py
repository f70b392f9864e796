"""The door against servers that speak no proper HTTP, never end, or lie: raw bytes over loopback."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import time

import pytest
from aiohttp.abc import AbstractResolver

from qiguan.core.source import Outcome, Request, Response
from qiguan.net.door import DOWNGRADED, TRUNCATED, Door, Limits

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Named(AbstractResolver):
    """Names lead where the test says; each look-up of a name takes its next answer."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(self, host, port=0, family=0):
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            {"hostname": host, "host": a, "port": port, "family": 10 if ":" in a else 2, "proto": 0, "flags": 0} for a in found
        ]

    async def close(self):
        pass


def ask(script, path="/", *, url="", requests=1, resolver=None, allow=True, tls=None, request=None, **limits):
    """Serve `script(head, writer)` to each connection and fetch; return (answers, request heads)."""

    async def go():
        heads = []

        async def serve(reader, writer):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                heads.append(head)
                await script(head, writer)
                await writer.drain()
            except (ConnectionError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        base = f"http{'s' if tls else ''}://127.0.0.1:{port}"
        wanted = request(base) if request else Request(url.replace("PORT", str(port)) or base + path)
        async with Door(agent="t", allow_loopback=allow, limits=Limits(**{"total": 3, **limits}), resolver=resolver) as door:
            answers = [await door.fetch(wanted) for _ in range(requests)]
        server.close()
        return answers, heads

    return asyncio.run(go())


def says(raw):
    async def script(head, writer):
        writer.write(raw)

    return script


def endless(start, again, pause=0.0):
    async def script(head, writer):
        writer.write(start)
        while True:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause)

    return script


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (says(b"HTTP/1.1 200 " + b"a" * 100_000), Outcome.TOO_LARGE),
        (says(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"), Outcome.TOO_LARGE),
        (endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), Outcome.TOO_LARGE),
        (says(b"SSH-2.0-OpenSSH_9\r\n"), Outcome.MALFORMED),
        (says(b""), Outcome.UNREACHABLE),
        (says(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\nok"), Outcome.MALFORMED),
        (says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\nok"), Outcome.MALFORMED),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"0" * 10_000), Outcome.TOO_LARGE),
        (endless(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"")), Outcome.MALFORMED),
    ],
    ids=["status line", "header", "headers", "no http", "nothing", "brotli", "twice packed", "endless", "empty members"],
)
def test_what_a_hostile_server_sends_is_named(script, outcome):
    (answer,), _ = ask(script, body=100_000)
    assert answer.outcome is outcome


@pytest.mark.parametrize(
    "script",
    [
        endless(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x", 0.02),
        endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.02),
        endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.02),
    ],
    ids=["body", "header", "hints"],
)
def test_drop_by_drop_ends_with_the_time_of_the_whole_request(script):
    start = time.monotonic()
    (answer,), _ = ask(script, total=0.3)
    assert answer.outcome is Outcome.TIMEOUT
    assert time.monotonic() - start < 2


def test_a_chunked_body_that_breaks_off_is_marked_and_kept():
    (answer,), _ = ask(says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n5\r\nwo"))
    assert (answer.body, answer.headers[TRUNCATED]) == (b"hellowo", "1")


def test_a_packed_body_that_breaks_off_is_marked_though_its_length_was_right():
    packed = gzip.compress(bytes(range(256)) * 20)[:-12]
    (answer,), _ = ask(says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed))
    assert answer.body
    assert answer.headers[TRUNCATED] == "1"


def test_marks_of_ours_are_never_taken_from_outside():
    raw = b"HTTP/1.1 200 OK\r\nX-Qiguan-Truncated: 1\r\nx-qiguan-downgraded: 1\r\nContent-Length: 2\r\n\r\nok"
    (answer,), _ = ask(says(raw))
    assert TRUNCATED not in answer.headers
    assert DOWNGRADED not in answer.headers


def test_a_charset_in_the_place_of_a_packing_is_passed_over():
    (answer,), _ = ask(says(b"HTTP/1.1 200 OK\r\nContent-Encoding: utf-8\r\nContent-Length: 2\r\n\r\nok"))
    assert (answer.status, answer.body) == (200, b"ok")


@pytest.mark.parametrize(("coding", "path"), [("utf-8", "/%E7%A4%BA?a=%E4%BE%8B"), ("gb18030", "/%CA%BE?a=%C0%FD")])
def test_a_location_in_raw_chinese_is_followed(coding, path):
    async def script(head, writer):
        moved = b"HTTP/1.1 302 F\r\nContent-Length: 0\r\nLocation: " + "/示?a=例".encode(coding) + b"\r\n\r\n"
        writer.write(moved if head.startswith(b"GET / ") else OK)

    (answer,), heads = ask(script)
    assert answer.body == b"ok"
    assert heads[1].split(b" ")[1].decode() == path
    assert answer.url.endswith(path)


def test_no_line_of_a_request_comes_from_an_address():
    _, heads = ask(says(OK), "/x HTTP/1.1\r\nX-Evil: 1\r\n")
    assert b"\r\nX-Evil" not in heads[0]


def test_a_secret_in_a_body_is_not_sent_on_to_another_host():
    async def script(head, writer):
        port = head.split(b"Host: 127.0.0.1:")[1].split(b"\r\n")[0]
        writer.write(b"HTTP/1.1 307 T\r\nContent-Length: 0\r\nLocation: http://localhost:" + port + b"/\r\n\r\n")

    (answer,), heads = ask(script, request=lambda base: Request(base + "/", method="POST", json={"secret": "x"}))
    assert answer.outcome is Outcome.UNREACHABLE
    assert len(heads) == 1


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["10.0.0.1", "10.0.0.2"], ["10.0.0.1", "fc00::1", "127.0.0.1"], ["::ffff:127.0.0.1"], ["::7f00:1"]],
)
def test_a_name_that_leads_inside_is_refused_whatever_it_leads_to(addresses):
    (answer,), heads = ask(says(OK), url="http://inside.example:PORT/", resolver=Named(addresses), allow=False)
    assert answer.outcome is Outcome.PRIVATE_ADDRESS
    assert heads == []


def test_a_name_that_is_rebound_is_refused_though_it_was_good_before():
    resolver = Named(["127.0.0.1"], ["169.254.169.254"])

    async def go():
        server = await asyncio.start_server(lambda r, w: (w.write(OK), w.close()), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with Door(agent="t", allow_loopback=True, limits=Limits(total=3), resolver=resolver) as door:
            first = await door.fetch(Request(f"http://rebound.example:{port}/"))
            door._connector.clear_dns_cache()  # as after its time to live
            return first, await door.fetch(Request(f"http://rebound.example:{port}/"))

    first, second = asyncio.run(go())
    assert isinstance(first, Response)
    assert second.outcome is Outcome.PRIVATE_ADDRESS


def test_cookies_are_kept_for_nobody():
    _, heads = ask(says(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\n\r\nok"), requests=2)
    assert b"cookie" not in heads[1].lower()


def test_no_proxy_is_taken_from_the_environment(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    (answer,), _ = ask(says(OK))
    assert answer.body == b"ok"


def test_a_certificate_of_nobody_is_refused(tmp_path):
    (answer,), heads = ask(says(OK), tls=own_certificate(tmp_path))
    assert answer.outcome is Outcome.UNREACHABLE
    assert "Certificate" in answer.detail
    assert heads == []


def own_certificate(folder):
    """Make a certificate that its own holder signed."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1)).sign(
        key, hashes.SHA256()
    )
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "own.pem").write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    return context


def test_a_slow_host_takes_no_time_from_those_who_wait_behind_it():
    async def script(head, writer):
        await asyncio.sleep(0.2)
        writer.write(OK)

    async def go():
        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            await script(b"", writer)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with Door(agent="t", allow_loopback=True, limits=Limits(total=0.6, per_host=1)) as door:
            return await asyncio.gather(*(door.fetch(Request(url)) for _ in range(5)))

    assert all(isinstance(answer, Response) for answer in asyncio.run(go()))


def test_redirects_share_one_time():
    async def script(head, writer):
        await asyncio.sleep(0.2)
        n = int(head.split(b" ")[1].strip(b"/") or 0)
        writer.write(b"HTTP/1.1 302 F\r\nContent-Length: 0\r\nLocation: /%d\r\n\r\n" % (n + 1))

    (answer,), heads = ask(script, total=0.5)
    assert answer.outcome is Outcome.TIMEOUT
    assert len(heads) <= 3
