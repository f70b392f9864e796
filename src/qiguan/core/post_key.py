"""A post's identity within its account: canonical link, else the official id, else a hash of title and minute."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from qiguan.core.platforms import name_key

_WECHAT_KEPT = ("__biz", "mid", "idx", "sn")
_TRACKING = frozenset(
    {"chksm", "scene", "from", "isappinstalled", "xtrack", "clicktime", "enterid", "sessionid", "ascene", "devicetype", "version", "lang", "nettype",
     "pass_ticket", "wx_header", "key", "uin", "exportkey", "subscene", "share_token", "fbclid", "gclid", "spm", "timestamp", "tt_from"}
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
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
        port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
        if parts.scheme.lower() not in {"http", "https"} or not host:
            return ""
        query = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=100) if parts.query else []
    except ValueError:
        return ""
    if host == "mp.weixin.qq.com":
        kept = [(k, v) for k, v in query if k in _WECHAT_KEPT]
    else:
        kept = [(k, v) for k, v in query if k.lower() not in _TRACKING and not k.lower().startswith("utm_")]
    path = parts.path.rstrip("/") if parts.path != "/" else ""
    return urlunsplit(("", "", f"{host}{port}{path}", urlencode(sorted(kept)), ""))
