"""One request and its answer, on a real socket: what is sent, which connections are kept, what is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp
import pytest

from qiguan.net.exchange import Exchanges

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-One: a\r\nX-One: b\r\n\r\nok"
Talk = Callable[[int, list[bytes], Exchanges, str], Awaitable[object]]


def talk(answers: list[list[bytes]], ask: Talk) -> tuple[object, list[bytes], int]:
    """Serve each connection its list of answers, then close it; return what `ask` says, the requests and the connections."""
    seen: list[bytes] = []
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        mine = answers[min(connections, len(answers) - 1)]
        connections += 1
        for answer in mine:
            head = await reader.readuntil(b"\r\n\r\n")
            found = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            seen.append(head + (await reader.readexactly(int(found[0].split(b":")[1])) if found else b""))
            writer.write(answer)
            await writer.drain()
        writer.close()

    async def go() -> object:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        connector = aiohttp.TCPConnector(limit=0)
        try:
            return await ask(port, seen, Exchanges(connector, "User-Agent: t\r\n", 2.0), f"http://127.0.0.1:{port}")
        finally:
            await connector.close()
            server.close()

    return asyncio.run(go()), seen, connections


async def read(exchanges: Exchanges, url: str, method: str = "GET", headers: dict[str, str] | None = None, body: object = None):
    async with exchanges.start(method, url, headers or {}, body) as head:
        return head.status, head.headers, await head.content.read()


@pytest.mark.parametrize(
    ("tail", "line"),
    [("", b"GET / "), ("/a/b?x=%20y", b"GET /a/b?x=%20y "), ("?x=/y", b"GET /?x=/y "), ("/?a//b", b"GET /?a//b ")],
)
def test_the_target_is_sent_as_it_was_written(tail, line):
    async def ask(port, seen, exchanges, base):
        return await read(exchanges, base + tail)

    (status, headers, body), seen, _ = talk([[OK]], ask)
    assert (status, headers["x-one"], body) == (200, "b", b"ok")
    assert seen[0].startswith(line + b"HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nUser-Agent: t\r\n" in seen[0]


@pytest.mark.parametrize(
    ("url", "host"),
    [("http://a.example/x", "a.example"), ("https://a.example:443/", "a.example"), ("https://a.example:8443", "a.example:8443"), ("http://[2001:db8::1]:81/", "[2001:db8::1]:81")],
)  # fmt: skip
def test_the_host_line_names_a_port_only_where_it_is_not_the_usual_one(url, host):
    async def go():
        return Exchanges(aiohttp.TCPConnector(), "", 1.0).start("GET", url, {}, None)._text

    assert f"\r\nHost: {host}\r\n".encode() in asyncio.run(go())


def test_a_header_cannot_bring_another_line():
    async def ask(port, seen, exchanges, base):
        return await read(exchanges, base, headers={"If-None-Match": "a\r\nX-Evil: 1\r\n\r\nGET /evil HTTP/1.1", "X-\r\nB": "c"})

    _, seen, _ = talk([[OK]], ask)
    lines = seen[0].split(b"\r\n")
    assert not [line for line in lines if line.startswith((b"X-Evil", b"GET /evil", b"B:"))]
    assert b"X-B: c" in lines


def test_json_is_sent_with_its_length():
    async def ask(port, seen, exchanges, base):
        return await read(exchanges, base, "POST", body={"名": 1})

    _, seen, _ = talk([[OK]], ask)
    assert seen[0].endswith(b'{"\\u540d": 1}')
    assert b"Content-Type: application/json\r\n" in seen[0]


def test_a_body_read_to_its_end_keeps_the_connection_and_one_left_unread_does_not():
    async def ask(port, seen, exchanges, base):
        await read(exchanges, base)
        await read(exchanges, base)
        async with exchanges.start("GET", base, {}, None) as head:
            assert head.status == 200
        return await read(exchanges, base)

    half = OK.replace(b"Content-Length: 2", b"Content-Length: 9")
    _, seen, connections = talk([[OK, OK, half], [OK]], ask)
    assert (len(seen), connections) == (4, 2)


def test_a_kept_connection_that_was_closed_meanwhile_is_replaced_for_a_get_and_a_post_is_never_sent_twice():
    async def get(port, seen, exchanges, base):
        await read(exchanges, base)
        return await read(exchanges, base)

    (status, *_), seen, connections = talk([[OK], [OK]], get)
    assert (status, len(seen), connections) == (200, 2, 2)

    async def post(port, seen, exchanges, base):
        with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)):
            await read(exchanges, base, "POST", body={})

    _, seen, connections = talk([[b""], [OK]], post)
    assert (len(seen), connections) == (1, 1)


def test_a_server_that_always_hangs_up_is_asked_twice_and_no_more():
    async def ask(port, seen, exchanges, base):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await read(exchanges, base)

    _, seen, connections = talk([[b""]], ask)
    assert (len(seen), connections) == (2, 2)


def test_an_interim_answer_is_passed_over():
    async def ask(port, seen, exchanges, base):
        return await read(exchanges, base)

    (status, _, body), _, _ = talk([[b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n" + OK]], ask)
    assert (status, body) == (200, b"ok")


def test_what_is_no_http_is_an_answer_that_cannot_be_read():
    async def ask(port, seen, exchanges, base):
        with pytest.raises(aiohttp.ClientPayloadError):
            await read(exchanges, base)

    talk([[b"SSH-2.0-OpenSSH_9.2\r\n"]], ask)


def test_origins_are_forgotten_before_they_fill_the_memory(monkeypatch):
    monkeypatch.setattr("qiguan.net.exchange._KEPT", 2)

    async def go():
        exchanges = Exchanges(aiohttp.TCPConnector(), "", 1.0)
        for n in range(5):
            exchanges.start("GET", f"http://h{n}.example/", {}, None)
        return len(exchanges._origins)

    assert asyncio.run(go()) <= 2
