"""One request and its answer over aiohttp's connector: connections, TLS, names and HTTP are its own.

The session above it is left out: it brings what the door refuses anyway (cookies, redirects, proxies, retries of its own),
and costs half of the time of a GET that changed nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import http_exceptions
from aiohttp.client_proto import ResponseHandler
from aiohttp.streams import StreamReader
from yarl import URL

_LONGEST_LINE = 16384
_MOST_HEADERS = 128
_KEPT = 1000  # origins remembered
_BREAKS = str.maketrans("", "", "\r\n\0")


@dataclass(frozen=True, slots=True)
class Head:
    """The head of an answer and the stream of its body; `names` are in lower case, of a repeated one the last."""

    status: int
    headers: dict[str, str]
    content: StreamReader


@dataclass(slots=True)
class Exchanges:
    """Exchanges over one connector. `always`: the header lines that each request carries, each with its CR LF."""

    connector: aiohttp.TCPConnector
    always: str
    connect: float
    _origins: dict[str, tuple[aiohttp.ClientRequest, str]] = field(default_factory=dict)

    def start(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> Exchange:
        """Prepare an exchange; `url` as `sendable` returns it; `body` is sent as JSON unless it is None."""
        cut = url.find("/", 8)
        ask = url.find("?", 8)
        if cut < 0 or 0 < ask < cut:
            cut = ask
        origin, target = (url, "/") if cut < 0 else (url[:cut], url[cut:])
        if target.startswith("?"):
            target = "/" + target
        request, host = self._origins.get(origin) or self._origin(origin)
        lines = "".join([f"{_line(name)}: {_line(value)}\r\n" for name, value in headers.items()])
        sent = b""
        if body is not None:
            sent = json.dumps(body).encode()
            lines += f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
        text = f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{self.always}{lines}\r\n".encode("utf-8", "surrogateescape") + sent
        return Exchange(self, request, text, method)

    def _origin(self, origin: str) -> tuple[aiohttp.ClientRequest, str]:
        """Remember what the connector needs to know of an origin, and its Host header."""
        if len(self._origins) >= _KEPT:
            self._origins.clear()
        request = aiohttp.ClientRequest("GET", URL(origin, encoded=True), loop=asyncio.get_running_loop())
        found = self._origins[origin] = (request, request.headers["Host"])
        return found


def _line(text: str) -> str:
    return text if text.isprintable() else text.translate(_BREAKS)  # what is printable breaks no line


class Exchange:
    """`async with` gives the Head. The connection goes back to the pool if the body was read to its end, else it is closed."""

    __slots__ = ("_connection", "_exchanges", "_method", "_request", "_text")

    def __init__(self, exchanges: Exchanges, request: aiohttp.ClientRequest, text: bytes, method: str) -> None:
        self._exchanges, self._request, self._text, self._method = exchanges, request, text, method
        self._connection: aiohttp.connector.Connection | None = None

    async def __aenter__(self) -> Head:
        """Send and read the head. A kept connection that the other side had closed meanwhile is replaced, once, for a GET."""
        try:
            return await self._ask()
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            if self._method != "GET" or isinstance(error, aiohttp.ClientConnectorError):
                raise
            return await self._ask()

    async def _ask(self) -> Head:
        exchanges = self._exchanges
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=exchanges.connect)
        try:
            self._connection = connection = await exchanges.connector.connect(self._request, [], timeout)
        except TimeoutError as error:  # nothing was sent yet: whoever posts must be able to tell
            raise aiohttp.ConnectionTimeoutError("connect") from error
        try:
            protocol: ResponseHandler | None = connection.protocol
            if protocol is None or protocol.transport is None:
                raise aiohttp.ServerDisconnectedError
            protocol.set_response_params(
                read_until_eof=True,
                auto_decompress=False,
                skip_payload=self._method == "HEAD",
                max_line_size=_LONGEST_LINE,
                max_field_size=_LONGEST_LINE,
                max_headers=_MOST_HEADERS,
            )
            protocol.transport.write(self._text)
            while True:
                message, payload = await protocol.read()
                if message.code > 199 or message.code in {0, 101}:
                    break
            return Head(message.code, {name.lower(): value for name, value in message.headers.items()}, payload)
        except BaseException as error:
            connection.close()
            if isinstance(error, http_exceptions.HttpProcessingError):
                raise aiohttp.ClientPayloadError(type(error).__name__) from error
            raise

    async def __aexit__(self, *error: object) -> None:
        """Give the connection back; the connector closes it where something of the body is still to come."""
        if self._connection is not None:
            if error[0] is None:
                self._connection.release()
            else:
                self._connection.close()
