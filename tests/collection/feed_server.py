"""A feed server on loopback that tests steer: a path holds bytes or a status, with ETag and 304; it counts what it answered."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


def rss(name: str, posts: Iterable[tuple[str, datetime]]) -> bytes:
    """A feed of (title, moment), newest first; the link is made of the title."""
    items = "".join(
        f"<item><title>{title}</title><link>https://news.example.invalid/{sha256(title.encode()).hexdigest()[:12]}</link><pubDate>{format_datetime(moment)}</pubDate></item>"
        for title, moment in sorted(posts, key=lambda p: p[1], reverse=True)
    )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>".encode()
    )


class FeedServer:
    """`with FeedServer() as server: server.pages["/a"] = b"…"`. A page: bytes, a status, or (status, headers, bytes)."""

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.answered: Counter[int] = Counter()
        self.delay: dict[str, threading.Event] = {}

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"owner": self}))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: FeedServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path in self.owner.delay:
            self.owner.delay[self.path].wait(20)
        page = self.owner.pages.get(self.path, 404)
        status, headers, body = page if isinstance(page, tuple) else (page, {}, b"") if isinstance(page, int) else (200, {}, page)
        tag = '"' + sha256(body).hexdigest()[:16] + '"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.owner.answered[status] += 1
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
        if status in {200, 304}:
            lines.append(f"ETag: {tag}")
        self.wfile.write(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    def log_message(self, *args: object) -> None:
        pass
