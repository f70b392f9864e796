"""What the WeChat official interfaces answer with: JSON whose `errcode` says what went wrong, always under HTTP 200.

Source of the codes: the platform's own list of return codes (developers.weixin.qq.com, read 2026-11).
"""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from qiguan.connectors.pages import outcome_of_page, outcome_of_status
from qiguan.core.errors import UnusableInput
from qiguan.core.source import Outcome, Reading, Request, Response
from qiguan.core.written_dates import SHANGHAI

code = ""  # no connector of its own

OFFICIAL = "https://api.weixin.qq.com"
_HOSTS = {"api.weixin.qq.com", "api2.weixin.qq.com", "sh.api.weixin.qq.com", "sz.api.weixin.qq.com", "hk.api.weixin.qq.com"}
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# the only paths a token is ever sent to: the permission set of the statistics could publish too, this program cannot
READING = frozenset(
    {
        "/datacube/getarticletotaldetail",
        "/cgi-bin/freepublish/batchget",
        "/cgi-bin/component/api_create_preauthcode",
        "/cgi-bin/component/api_query_auth",
        "/cgi-bin/component/api_authorizer_token",
        "/cgi-bin/component/api_get_authorizer_info",
    }
)
_WORDS = {
    40013: "AppID不对", 40125: "AppSecret不对", 40164: "本系统的地址不在白名单里", 61003: "账号没有授权给这个第三方平台", 61004: "本系统的地址不在第三方平台的白名单里",
    61005: "微信推送的票据已过期，等下一次推送", 61006: "微信推送的票据不是最新的", 61007: "第三方平台没有这个权限集", 61009: "授权码已用过或不对",
    61010: "授权码已过期", 61023: "刷新令牌已失效，要重新授权",
}  # fmt: skip
_CODES = {
    -1: Outcome.SERVER_ERROR,  # busy
    40001: Outcome.TOKEN_INVALID,
    40014: Outcome.TOKEN_INVALID,
    41001: Outcome.TOKEN_INVALID,  # none sent
    42001: Outcome.TOKEN_INVALID,  # expired
    42007: Outcome.UNAUTHORISED,  # the owner changed the password: to be authorised again
    40164: Outcome.FORBIDDEN,  # our address is not on the account's list
    45009: Outcome.RATE_LIMITED,  # the day's quota
    45011: Outcome.RATE_LIMITED,  # too many a minute
    47009: Outcome.GONE,  # the interface was switched off
    48001: Outcome.UNAUTHORISED,
    48004: Outcome.FORBIDDEN,  # the interface is barred for the account
    50001: Outcome.UNAUTHORISED,
    50002: Outcome.FORBIDDEN,  # the account is limited
    61003: Outcome.UNAUTHORISED,  # the component is not authorised
    61004: Outcome.FORBIDDEN,  # our address is not on the component's list
    61005: Outcome.UNAUTHORISED,  # the component's ticket has expired: the next one is pushed within ten minutes
    61006: Outcome.UNAUTHORISED,  # the component's ticket is not the pushed one
    61007: Outcome.UNAUTHORISED,  # the component lacks this permission set
    61009: Outcome.UNAUTHORISED,  # the authorisation code is void
    61010: Outcome.UNAUTHORISED,  # the authorisation code has expired
    61023: Outcome.UNAUTHORISED,  # the refresh token is void
}


def answer_of(response: Response, *, at: datetime) -> dict[str, Any] | Reading:
    """Return the answer's JSON object, or the Reading that a refusal ends in. Only the code goes into `detail`."""
    failed = outcome_of_status(response)
    if failed is not None:
        return failed
    try:
        found = json.loads(response.body)
    except (ValueError, RecursionError):
        if response.body.lstrip()[:1] == b"<":
            return outcome_of_page(response.body)
        cut = bool(response.headers.get("x-qiguan-truncated")) or response.body.lstrip()[:1] == b"{"
        return Reading(Outcome.TRUNCATED if cut else Outcome.NOT_A_FEED, detail="不是完整的JSON")
    if not isinstance(found, dict):
        return Reading(Outcome.NOT_A_FEED, detail="JSON的样子不对")
    refusal = found.get("errcode", 0)
    if refusal == 0:
        return found
    number = refusal if isinstance(refusal, int) else 0
    outcome = _CODES.get(number, Outcome.MALFORMED)
    words = f"（{_WORDS[number]}）" if number in _WORDS else ""
    return Reading(outcome, retry_after=_wait(number, at), detail=f"微信返回码{number}{words}")


def _wait(refusal: int, at: datetime) -> float | None:
    """A day's quota is new at midnight in Shanghai; a minute's after a minute."""
    if refusal == 45009:
        midnight = datetime.combine(at.astimezone(SHANGHAI).date() + timedelta(days=1), time(0, 5), SHANGHAI)
        return (midnight - at).total_seconds()
    return 60.0 if refusal == 45011 else None


def asked(base: str, path: str, token: str, body: dict[str, Any]) -> Request:
    """Return the request for an interface. A token goes to the platform's own hosts only (and to loopback, for trials).

    Raises ValueError, before anything is sent, for a path that is not in READING.
    """
    if path not in READING:
        raise ValueError(f"{path} is not a reading interface")
    return Request(f"{api_base(base)}{path}?access_token={quote(token, safe='')}", method="POST", json=body)


def api_base(base: str) -> str:
    """Return the address to ask: the official one, or a stand-in on loopback. Raises UnusableInput for any other."""
    if not base:
        return OFFICIAL
    try:
        parts = urlsplit(base)
        host, scheme = parts.hostname or "", parts.scheme
    except ValueError:
        host = scheme = ""
    if (scheme == "https" and host in _HOSTS and parts.port in {None, 443}) or (
        scheme in {"http", "https"} and host in _LOOPBACK
    ):
        return f"{scheme}://{parts.netloc.rpartition('@')[2]}"
    raise UnusableInput("接口地址不是微信的", place="采集地址", remedy=f"请留空，或填{OFFICIAL}")
