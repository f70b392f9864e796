"""A post's identity within its account: canonical link, else the official id, else a hash of title and minute."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from qiguan.core.platforms import name_key

_WECHAT = "mp.weixin.qq.com"
_WECHAT_LONG = re.compile(r"https?://mp\.weixin\.qq\.com/s\?([A-Za-z0-9_=&;.~-]{1,900})(?:#|$)")
_WECHAT_KEPT = ("__biz", "idx", "mid", "sn")  # in order
_WECHAT_NAMES = frozenset({"mid", "sn"})  # either names the post; older and temporary links name it otherwise and are kept whole
_WECHAT_READER = frozenset(
    {"xtrack", "clicktime", "enterid", "sessionid", "ascene", "devicetype", "version", "lang", "nettype", "pass_ticket", "wx_header", "key",
     "uin", "exportkey", "subscene"}
)  # fmt: skip
_TRACKING = frozenset(
    {"chksm", "scene", "from", "isappinstalled", "share_token", "fbclid", "gclid", "spm", "tt_from", "srcid", "sharer_shareid", "sharer_sharetime",
     "sharer_shareinfo", "poc_token"}
)  # fmt: skip


def post_key(*, url: str = "", official_id: str = "", title: str = "", at: datetime | None = None) -> str:
    """Return the key, at most 200 characters; "" where nothing identifies the post."""
    canonical = canonical_link(url) if url else ""
    if canonical:
        return canonical if len(canonical) <= 200 else "h:" + sha256(canonical.encode()).hexdigest()[:40]
    if official_id:
        return f"id:{official_id}"[:200]
    if not title:
        return ""
    minute = at.strftime("%Y%m%d%H%M") if at else ""
    return "t:" + sha256(f"{name_key(title) or title}|{minute}".encode("utf-8", "replace")).hexdigest()[:40]


@lru_cache(maxsize=8192)
def canonical_link(url: str) -> str:
    """Return the link without tracking parameters, fragment and case of the host; "" where it is no http link. Never raises."""
    if "?" not in url and "#" not in url and url.startswith("https://mp.weixin.qq.com/s/") and url.isascii():
        return url[8:]
    if (long := _WECHAT_LONG.match(url)) is not None and (quick := _wechat_key(long[1])):
        return quick
    return _canonical(url)


def _wechat_key(query: str) -> str:
    """The usual long link of WeChat, without the cost of a general parser; "" where it is not that."""
    given: dict[str, str] = {}
    for pair in query.replace("&amp;", "&").split("&"):
        name, _, value = pair.partition("=")
        if name in _WECHAT_KEPT:
            if name in given:
                return ""
            given[name] = value.replace("=", "%3D").replace(";", "%3B")
    if not (given.get("mid") or given.get("sn")):
        return ""
    return f"{_WECHAT}/s?" + "&".join(f"{k}={given[k]}" for k in _WECHAT_KEPT if k in given)


def _canonical(url: str) -> str:
    try:
        parts = urlsplit(url.strip().replace("&amp;", "&"))
        host = (parts.hostname or "").lower()
        port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
        if parts.scheme.lower() not in {"http", "https"} or not host:
            return ""
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100) if parts.query else []
    except ValueError:
        return ""
    kept = [(k, v) for k, v in query if k.lower() not in _TRACKING and not k.lower().startswith("utm_")]
    if host == _WECHAT:
        named = any(k in _WECHAT_NAMES and v for k, v in query)
        kept = [(k, v) for k, v in kept if (k in _WECHAT_KEPT if named else k.lower() not in _WECHAT_READER)]
    path = parts.path.rstrip("/") if parts.path != "/" else ""
    return urlunsplit(("", "", f"{host}{port}{path}", urlencode(sorted(kept)), ""))
