"""A stand-in for the WeChat official interfaces, on loopback: it keeps state as the platform does, and tests steer it.

Tokens expire and are voided by a newer one, quotas are used up and come back the next day, interfaces are granted or
not, lists come in pages, a day's statistics are late. Use: `with WechatStandIn() as wechat: wechat.publish(...)`, then
ask `wechat.base`. By hand: `python -m tests.wechat_stand_in PORT`.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST_DAY = date(2025, 11, 1)
STATISTICS, PUBLISHED = "/datacube/getarticletotaldetail", "/cgi-bin/freepublish/batchget"
LASTS = timedelta(seconds=7200)
WORDS = {
    -1: "system error", 40001: "invalid credential, access_token is invalid or not latest", 40002: "invalid grant_type", 40013: "invalid appid",
    40097: "invalid args", 40125: "invalid appsecret", 41001: "access_token missing", 42001: "access_token expired", 43002: "require POST method",
    45009: "reach max api daily quota limit", 47001: "data format error", 48001: "api unauthorized", 61023: "refresh_token is invalid",
    61501: "date range error", 61003: "component is not authorized by this account", 61005: "component ticket is expired",
    61006: "component ticket is invalid", 61007: "api is unauthorized to component", 61009: "code is invalid", 61010: "code is expired",
}  # fmt: skip


@dataclass
class Article:
    """One post as the platform knows it."""

    mid: int
    idx: int
    title: str
    at: datetime
    pushed: bool
    deleted: bool = False

    @property
    def url(self) -> str:
        return f"http://mp.weixin.qq.com/s?__biz=MzA5OTk5OTk5OQ==&mid={self.mid}&idx={self.idx}&sn=sn{self.mid}{self.idx}&chksm=c{self.mid}#rd"


@dataclass
class Issued:
    """A token given out. `void_at`: when a newer one made it useless."""

    value: str
    until: datetime
    void_at: datetime | None = None


@dataclass
class WechatStandIn:
    """The platform, for one account. Change its fields from a test; `now` is its clock."""

    appid: str = "wx0000000000000000"
    secret: str = "a-secret-of-the-stand-in"
    refresh_token: str = "refresh-1"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    overlap: timedelta = timedelta(minutes=5)  # both tokens are good so long when a plain renewal replaces one
    quota: int = 1000  # of each interface a day
    granted: set[str] = field(default_factory=lambda: {STATISTICS, PUBLISHED})
    late: set[date] = field(default_factory=set)  # days whose statistics are not complete yet
    busy: bool = False
    articles: list[Article] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    used: Counter[tuple[str, date]] = field(default_factory=Counter)
    issued: dict[str, list[Issued]] = field(default_factory=lambda: {"stable": [], "plain": [], "third": [], "component": []})
    forced: list[datetime] = field(default_factory=list)
    third: Any = (
        None  # a `wechat_third_party.Platform`, keeper of the account's authorisations; None: any component token will do
    )
    _count: int = 0
    _server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"platform": self}))
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def base(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    def publish(self, *titles: str, at: datetime, pushed: bool = True) -> list[Article]:
        """Publish one message of one or more posts."""
        mid = 2247480000 + len({a.mid for a in self.articles}) + 1
        made = [Article(mid, idx, title, at, pushed) for idx, title in enumerate(titles, start=1)]
        self.articles += made
        return made

    def new_token(self, kind: str = "stable", *, overlap: timedelta = timedelta(0)) -> Issued:
        """Give out a token and void the last one of its kind after `overlap`."""
        for old in self.issued[kind]:
            old.void_at = old.void_at or self.now + overlap
        self._count += 1
        token = Issued(f"{kind}-{self._count}-" + "x" * 100, self.now + LASTS)
        self.issued[kind].append(token)
        return token

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> dict[str, Any]:
        """Answer one call as the platform does: always HTTP 200, what is wrong in `errcode`."""
        self.calls.append(path)
        if self.busy:
            return refusal(-1)
        if path == "/cgi-bin/token":
            return self._plain_token(query)
        if method != "POST":
            return refusal(43002)
        if not isinstance(body, dict):
            return refusal(47001)
        if path == "/cgi-bin/stable_token":
            return self._stable_token(body)
        if self.third is not None and path.startswith("/cgi-bin/component/"):
            return self.third.answer(path, query, body)
        if path == "/cgi-bin/component/api_authorizer_token":
            return self._third_party_token(body)
        wrong = self._token_fault(query.get("access_token", "")) or self._grant_fault(path)
        if wrong:
            return refusal(wrong)
        return self._statistics(body) if path == STATISTICS else self._published(body)

    def _plain_token(self, query: dict[str, str]) -> dict[str, Any]:
        wrong = self._secret_fault(query)
        if wrong:
            return refusal(wrong)
        token = self.new_token("plain", overlap=self.overlap)
        return {"access_token": token.value, "expires_in": int(LASTS.total_seconds())}

    def _stable_token(self, body: dict[str, Any]) -> dict[str, Any]:
        wrong = self._secret_fault(body)
        if wrong:
            return refusal(wrong)
        last = self.issued["stable"][-1] if self.issued["stable"] else None
        good = last is not None and last.void_at is None and last.until - self.now > timedelta(minutes=5)
        if body.get("force_refresh") is True and last is not None:
            today = [m for m in self.forced if m.astimezone(SHANGHAI).date() == self.today]
            if len(today) >= 20:
                return refusal(45009)
            if not self.forced or self.now - self.forced[-1] >= timedelta(seconds=30):
                self.forced.append(self.now)
                last, good = self.new_token("stable"), True
        if last is None or not good:
            last = self.new_token("stable", overlap=self.overlap)
        return {"access_token": last.value, "expires_in": int((last.until - self.now).total_seconds())}

    def _third_party_token(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("authorizer_appid") != self.appid:
            return refusal(40013)
        if body.get("authorizer_refresh_token") != self.refresh_token:
            return refusal(61023)
        token = self.new_token("third", overlap=self.overlap)
        return {
            "authorizer_access_token": token.value, "expires_in": int(LASTS.total_seconds()), "authorizer_refresh_token": self.refresh_token,
        }  # fmt: skip

    def _secret_fault(self, given: dict[str, Any]) -> int:
        if given.get("grant_type") != "client_credential":
            return 40002
        return 40013 if given.get("appid") != self.appid else 40125 if given.get("secret") != self.secret else 0

    def _token_fault(self, value: str) -> int:
        if not value:
            return 41001
        known = next((t for tokens in self.issued.values() for t in tokens if t.value == value), None)
        if known is None or (known.void_at is not None and self.now >= known.void_at):
            return 40001
        return 42001 if self.now >= known.until else 0

    def _grant_fault(self, path: str) -> int:
        if self.third is not None and 7 not in self.third.sets:
            return 61003 if not self.third.sets else 61007
        if path not in self.granted:
            return 48001
        self.used[path, self.today] += 1
        return 45009 if self.used[path, self.today] > self.quota else 0

    def _statistics(self, body: dict[str, Any]) -> dict[str, Any]:
        try:
            begin, end = (date.fromisoformat(str(body[k])) for k in ("begin_date", "end_date"))
        except (KeyError, ValueError):
            return refusal(61501)
        if begin != end or not FIRST_DAY <= begin < self.today:
            return refusal(61501)
        late = begin in self.late
        rows = [
            {
                "ref_date": begin.isoformat(), "msgid": f"{a.mid}_{a.idx}", "publish_type": 0 if a.pushed else 1, "title": a.title, "content_url": a.url,
                "detail_list": [{"stat_date": begin.isoformat(), "read_user": 12, "share_user": 1}],
            }
            for a in self.articles
            if a.at.astimezone(SHANGHAI).date() == begin
        ]  # fmt: skip
        return {"list": [] if late else rows, "is_delay": late}

    def _published(self, body: dict[str, Any]) -> dict[str, Any]:
        offset, count = body.get("offset"), body.get("count")
        if not isinstance(offset, int) or not isinstance(count, int) or not 1 <= count <= 20 or offset < 0:
            return refusal(40097)
        messages: dict[int, list[Article]] = {}
        for article in sorted((a for a in self.articles if not a.pushed), key=lambda a: (a.at, a.mid, -a.idx), reverse=True):
            messages.setdefault(article.mid, []).append(article)
        page = list(messages.items())[offset : offset + count]
        items = [
            {
                "article_id": f"article-{mid}", "update_time": int(posts[0].at.timestamp()),
                "content": {"news_item": [{"title": a.title, "url": a.url, "is_deleted": a.deleted, "author": ""} for a in posts]},
            }
            for mid, posts in page
        ]  # fmt: skip
        return {"total_count": len(messages), "item_count": len(items), "item": items}


def refusal(code: int) -> dict[str, Any]:
    return {"errcode": code, "errmsg": f"{WORDS.get(code, 'error')} rid: 65f0c0de-00000000-{abs(code)}"}


class _Handler(BaseHTTPRequestHandler):
    platform: WechatStandIn
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._reply("GET", None)

    def do_POST(self) -> None:
        raw = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 1_000_000))
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        self._reply("POST", body)

    def _reply(self, method: str, body: Any) -> None:
        parts = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        found = json.dumps(self.platform.answer(method, parts.path, query, body), ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; encoding=utf-8")
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found)

    def log_message(self, *args: object) -> None:
        pass


if __name__ == "__main__":
    platform = WechatStandIn()
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), type("Bound", (_Handler,), {"platform": platform})).serve_forever()
