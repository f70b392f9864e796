"""A stand-in for WeChat as the host of a third-party platform: it pushes tickets and notices, encrypted, and asks for consent.

Tickets go stale after twelve hours, codes are good once, refresh tokens are replaced. Use: `wechat.third = Platform(wechat)`.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.wechat_stand_in import LASTS, WechatStandIn, refusal


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
