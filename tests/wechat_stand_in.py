"""A stand-in for the WeChat official interfaces, on loopback: it keeps state as the platform does, and tests steer it.

Tokens expire and are voided by a newer one, quotas are used up and come back the next day, interfaces are granted or
not, lists come in pages, a day's statistics are late. As the host of a third-party platform it pushes tickets and notices,
encrypted, and asks the account's administrator for consent. Use: `with WechatStandIn() as wechat: wechat.publish(...)`, then
ask `wechat.base`. By hand: `python -m tests.wechat_stand_in PORT`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
import threading
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

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
    third: Platform | None = None  # of the account's authorisations; None: any component token will do
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


@dataclass
class Platform:
    """A third-party platform at WeChat (第三方平台) and the one account that may authorise it. `push_url`: its 授权事件接收URL."""

    wechat: WechatStandIn
    push_url: str = ""
    appid: str = "wx1111111111111111"
    secret: str = "0123456789abcdef0123456789abcdef"
    token: str = "pushtoken"
    aes_key: str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
    user_name: str = "gh_0123456789ab"
    alias: str = ""
    nick_name: str = "南例商务"
    sets: set[int] = field(default_factory=set)  # granted now; {} where not authorised
    tickets: list[tuple[str, datetime]] = field(default_factory=list)
    pre_codes: dict[str, datetime] = field(default_factory=dict)
    codes: dict[str, datetime] = field(default_factory=dict)
    refresh_tokens: list[str] = field(default_factory=list)  # the last one is good
    sent: list[tuple[str, bytes]] = field(default_factory=list)  # pushes, to be replayed

    def push(self, kind: str, *, at: datetime | None = None, **said: str) -> tuple[int, str]:
        """Push a notice, encrypted and signed, and return status and body of the answer."""
        at = at or self.wechat.now
        inner = {"AppId": self.appid, "CreateTime": str(int(at.timestamp())), "InfoType": kind, **said}
        xml = "<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in inner.items()) + "</xml>"
        return self.send(*self.sealed(xml, at=at))

    def sealed(self, xml: str, *, at: datetime, token: str = "", aes_key: str = "", appid: str = "") -> tuple[str, bytes]:
        """Return query and body of a push."""
        key = base64.b64decode((aes_key or self.aes_key) + "=")
        text = xml.encode()
        plain = secrets.token_bytes(16) + len(text).to_bytes(4, "big") + text + (appid or self.appid).encode()
        padding = 32 - len(plain) % 32
        plain += bytes([padding]) * padding
        sealer = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
        encrypted = base64.b64encode(sealer.update(plain) + sealer.finalize()).decode()
        timestamp, nonce = str(int(at.timestamp())), secrets.token_hex(5)
        signature = hashlib.sha1("".join(sorted((token or self.token, timestamp, nonce, encrypted))).encode()).hexdigest()
        query = {"signature": "0" * 40, "timestamp": timestamp, "nonce": nonce, "encrypt_type": "aes", "msg_signature": signature}
        body = f"<xml><AppId><![CDATA[{self.appid}]]></AppId><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        return urlencode(query), body.encode()

    def send(self, query: str, body: bytes) -> tuple[int, str]:
        """Post a sealed push to the platform's address."""
        self.sent.append((query, body))
        made = urllib.request.Request(f"{self.push_url}?{query}", data=body, headers={"Content-Type": "text/xml"})
        try:
            with urllib.request.urlopen(made, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def push_ticket(self, *, at: datetime | None = None) -> tuple[int, str]:
        """Push the ticket, as WeChat does every ten minutes."""
        made = at or self.wechat.now
        self.tickets.append((f"ticket@@@{secrets.token_hex(8)}", made))
        return self.push("component_verify_ticket", at=made, ComponentVerifyTicket=self.tickets[-1][0])

    def consent(self, link: str, *sets: int, tell: bool = False, **changed: str) -> str:
        """Be the administrator on WeChat's page of consent: grant `sets`; return the address one is sent back to."""
        query = {k: v[0] for k, v in parse_qs(urlsplit(link).query).items()}
        assert query["component_appid"] == self.appid, "unknown component"
        until = self.pre_codes.pop(query["pre_auth_code"], None)  # good once
        assert until is not None, "void pre_auth_code"
        assert self.wechat.now < until, "expired pre_auth_code"
        self.sets = set(sets)
        code = self.new_code()
        if tell:
            self.push("authorized", AuthorizerAppid=self.wechat.appid, AuthorizationCode=code, PreAuthCode=query["pre_auth_code"])
        return f"{query['redirect_uri']}?{urlencode({'auth_code': code, 'expires_in': 600})}"

    def new_code(self) -> str:
        code = f"queryauthcode@@@{secrets.token_hex(12)}"
        self.codes[code] = self.wechat.now + timedelta(seconds=600)
        return code

    def change(self, *sets: int) -> tuple[int, str]:
        """The account changes what it grants."""
        self.sets = set(sets)
        return self.push("updateauthorized", AuthorizerAppid=self.wechat.appid, AuthorizationCode=self.new_code(), PreAuthCode="")

    def withdraw(self) -> tuple[int, str]:
        """The account takes everything back."""
        self.sets, self.refresh_tokens = set(), []
        for token in self.wechat.issued["third"]:
            token.void_at = self.wechat.now
        return self.push("unauthorized", AuthorizerAppid=self.wechat.appid)

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        """Answer one call under /cgi-bin/component/."""
        name = path.rpartition("/")[2]
        if body.get("component_appid") != self.appid:
            return refusal(40013)
        if name == "api_component_token":
            return self._component_token(body)
        value = query.get("access_token", "")
        wrong = self.wechat._token_fault(value) or (0 if value.startswith("component-") else 40001)
        if wrong:
            return refusal(wrong)
        if name == "api_create_preauthcode":
            code = f"preauthcode@@@{secrets.token_urlsafe(12)}"
            self.pre_codes[code] = self.wechat.now + timedelta(seconds=1800)
            return {"pre_auth_code": code, "expires_in": 1800}
        if name == "api_query_auth":
            return self._query_auth(body)
        if name == "api_authorizer_token":
            return self._authorizer_token(body)
        if not self.sets:
            return refusal(61003)
        return {
            "authorizer_info": {"nick_name": self.nick_name, "user_name": self.user_name, "alias": self.alias},
            "authorization_info": {"authorizer_appid": self.wechat.appid, "func_info": self._func_info()},
        }

    def _component_token(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("component_appsecret") != self.secret:
            return refusal(40125)
        made = dict(self.tickets).get(str(body.get("component_verify_ticket")))
        if made is None:
            return refusal(61006)
        if self.wechat.now - made > timedelta(hours=12):
            return refusal(61005)
        token = self.wechat.new_token("component", overlap=self.wechat.overlap)
        return {"component_access_token": token.value, "expires_in": int(LASTS.total_seconds())}

    def _query_auth(self, body: dict[str, Any]) -> dict[str, Any]:
        until = self.codes.pop(str(body.get("authorization_code")), None)
        if until is None or self.wechat.now >= until:
            return refusal(61009 if until is None else 61010)
        return {"authorization_info": {"authorizer_appid": self.wechat.appid, **self._fresh(), "func_info": self._func_info()}}

    def _authorizer_token(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("authorizer_appid") != self.wechat.appid:
            return refusal(40013)
        if not self.sets:
            return refusal(61003)
        if body.get("authorizer_refresh_token") != self.refresh_tokens[-1]:
            return refusal(61023)
        return self._fresh()

    def _fresh(self) -> dict[str, Any]:
        """Give out a token and, in place of the old one, a refresh token."""
        token = self.wechat.new_token("third", overlap=self.wechat.overlap)
        self.refresh_tokens.append(f"refreshtoken@@@{len(self.refresh_tokens)}-{secrets.token_hex(8)}")
        return {
            "authorizer_access_token": token.value, "expires_in": int(LASTS.total_seconds()), "authorizer_refresh_token": self.refresh_tokens[-1],
        }  # fmt: skip

    def _func_info(self) -> list[dict[str, Any]]:
        return [{"funcscope_category": {"id": n}} for n in sorted(self.sets)]


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
