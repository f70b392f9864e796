"""A small feed server on loopback that shows every poll outcome: `python -m qiguan.config.demo.feeds PORT BASE`.

`/feed/<story>/<seed>.xml` answers as the story's source behaves. BASE is the moment the town was founded: posts
before it lie still, and the living go on posting as time passes.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from qiguan.config.demo.stories import STORIES, Story, post_times, title_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
LOGIN_PAGE = (
    "<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><title>登录</title></head>"
    "<body><h1>请登录后继续访问</h1><form method='post'><input name='user'><input name='password' type='password'></form></body></html>"
)


def feed_of(story: Story, *, name: str, seed: str, base: datetime, now: datetime, limit: int = 20) -> str:
    """Return the RSS of an account: its latest posts, newest first."""
    times = list(post_times(story, seed=seed, at=base))
    if story.every and story.stopped <= 4 and now > base:  # the living go on
        step = timedelta(days=max(story.every, 0.2))
        moment = base
        while (moment := moment + step) <= now:
            times.append(moment.replace(microsecond=0))
    items = []
    for moment in reversed(times[-limit:]):
        stated = moment - timedelta(days=9) if story.feed == "backdated" and moment == times[-1] else moment
        title = escape(title_of(moment, seed=seed))
        if story.feed == "control_character":
            title += "\x08"
        link = f"https://mp.example.invalid/s/{sha256(f'{seed}{moment.isoformat()}'.encode()).hexdigest()[:16]}"
        items.append(
            f"<item><title>{title}</title><link>{link}</link><pubDate>{format_datetime(stated.astimezone(SHANGHAI))}</pubDate></item>"
        )
    shown = f"{name}（新）" if story.feed == "renamed" else name
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>{escape(shown)}</title>'
        f"<link>https://example.invalid/</link><description>示例市演示数据</description>{''.join(items)}</channel></rss>\n"
    )


class Answer(BaseHTTPRequestHandler):
    """One request: /feed/<story>/<seed>/<name>.xml."""

    base = datetime(2026, 1, 1, tzinfo=UTC)
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer as the story's source behaves."""
        parts = unquote(self.path.split("?")[0]).removesuffix(".xml").strip("/").split("/")
        if len(parts) != 4 or parts[0] not in {"feed", "new"} or parts[1] not in STORIES:
            self.reply(404, b"", "text/plain")
            return
        where, key, seed, name = parts
        story = STORIES[key]
        if story.feed == "login_page":
            self.reply(200, LOGIN_PAGE.encode(), "text/html; charset=utf-8")
        elif story.feed == "gone":
            self.reply(410, b"gone", "text/plain")
        elif story.feed == "server_error":
            self.reply(503, b"busy", "text/plain")
        elif story.feed == "rate_limited":
            self.reply(429, b"slow down", "text/plain", {"Retry-After": "900"})
        elif story.feed == "moved" and where == "feed":
            self.reply(301, b"", "text/plain", {"Location": self.path.replace("/feed/", "/new/", 1)})
        else:
            body = feed_of(story, name=name, seed=seed, base=self.base, now=datetime.now(UTC)).encode()
            if story.feed == "truncated":
                body = body[: len(body) * 2 // 3]
            self.reply(200, body, "application/rss+xml; charset=utf-8")

    def reply(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        """Send one answer; a body that the caller already has is answered with 304."""
        tag = f'"{sha256(body).hexdigest()[:20]}"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        self.send_response(status)
        for key, word in {"Content-Type": kind, "ETag": tag, "Content-Length": str(len(body)), **(headers or {})}.items():
            if not (status == 304 and key in {"Content-Type", "Content-Length"}):
                self.send_header(key, word)
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the demonstration's terminal is for its reader."""


def serve(port: int, base: datetime) -> ThreadingHTTPServer:
    """Return a server bound to loopback; port 0 picks a free one."""
    handler = type("TownAnswer", (Answer,), {"base": base})
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


if __name__ == "__main__":
    serve(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])).serve_forever()
