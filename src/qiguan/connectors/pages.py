"""What is not a list of posts: statuses, log-in pages, other pages. Shared by every connector that reads the web."""

from __future__ import annotations

import re

from qiguan.core.source import Outcome, Reading, Response

code = ""  # no connector of its own

_LOGIN = re.compile(
    r"type=[\"']?password|请先?登[录陆]|登录后(?:继续|查看|访问)|用户登录|扫码登录|请在微信客户端打开|环境异常|完成验证后即可|安全验证|人机验证|验证码|captcha|sign ?in|log ?in to continue",
    re.IGNORECASE,
)
_CHARSET = re.compile(rb"charset=[\"']?([\w-]{2,20})", re.IGNORECASE)


def outcome_of_status(response: Response) -> Reading | None:
    """Return the Reading of an answer that is not 200; None for 200 (and other 2xx)."""
    status = response.status
    if status == 304:
        return Reading(Outcome.NOT_MODIFIED)
    if 200 <= status < 300:
        return None
    outcome = {
        401: Outcome.FORBIDDEN,
        403: Outcome.FORBIDDEN,
        404: Outcome.GONE,
        410: Outcome.GONE,
        429: Outcome.RATE_LIMITED,
    }.get(status, Outcome.SERVER_ERROR if status >= 500 else Outcome.NOT_A_FEED)
    wait = response.headers.get("retry-after", "")
    return Reading(outcome, retry_after=float(wait) if wait.isdecimal() and len(wait) < 8 else None, detail=f"HTTP {status}")


def decoded(body: bytes) -> str:
    """Return a page's text by its declared charset, else UTF-8, else GB18030. Never raises."""
    declared = _CHARSET.search(body[:2048])
    names = [declared[1].decode("ascii")] if declared else []
    for name in (*names, "utf-8", "gb18030"):
        try:
            return body.decode("gb18030" if name.lower() in {"gb2312", "gbk"} else name)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", "replace")


def outcome_of_page(body: bytes) -> Reading:
    """Tell a page that asks to log in or verify from any other."""
    text = decoded(body[:200_000])
    return Reading(Outcome.LOGIN_PAGE) if _LOGIN.search(text) else Reading(Outcome.NOT_A_FEED)
