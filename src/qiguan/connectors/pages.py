"""What is not a list of posts: statuses, log-in pages, other pages. Shared by every connector that reads the web."""

from __future__ import annotations

import codecs
import re

from qiguan.core.source import Outcome, Reading, Response

code = ""  # no connector of its own

_LOGIN = re.compile(
    r"<title>[^<]{0,40}(?:登[录陆]|验证)|type=[\"']?password|请先?登[录陆]|登录后(?:继续|查看|访问)|用户登录|扫码登录|请在微信客户端打开|环境异常|完成验证后即可|安全验证|人机验证|验证码|captcha|sign ?in|log ?in to continue",
    re.IGNORECASE,
)
_TEXT_CODEC = re.compile(r"(?:utf[-_]?(?:8|16|32)|gb|big5|hz|iso|windows|cp\d|latin|shift|sjis|euc|koi8|mac|ascii|us-ascii|tis)")
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


def decode_as(body: bytes, name: str) -> str | None:
    """Return the text in an encoding, without BOM and without a character cut off at the end; None where it is not that.

    The name comes from outside: Python has codecs that unpack archives, so only those of text are taken.
    """
    known = name.lower()
    if not _TEXT_CODEC.match(known):
        return None
    try:
        actual = "gb18030" if known in {"gb2312", "gbk"} else known
        return codecs.getincrementaldecoder(actual)().decode(body).removeprefix("\ufeff")
    except (UnicodeError, LookupError):
        return None


def decoded(body: bytes) -> str:
    """Return a page's text: UTF-8 where it is that (never by chance), else as declared, else GB18030. Never raises."""
    declared = _CHARSET.search(body[:2048])
    names = ["utf-8"] + ([declared[1].decode("ascii")] if declared else []) + ["gb18030"]
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        names.insert(0, "utf-16")
    found = (decode_as(body, name) for name in names)
    return next((text for text in found if text is not None), None) or body.decode("utf-8", "replace")


def outcome_of_page(body: bytes) -> Reading:
    """Tell a page that asks to log in or verify from any other."""
    text = decoded(body[:200_000])
    return Reading(Outcome.LOGIN_PAGE) if _LOGIN.search(text) else Reading(Outcome.NOT_A_FEED)
