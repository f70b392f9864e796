"""Platforms by their official names, every spelling seen in real bulletins, and the ids that links carry."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs, urlsplit

PLATFORM_NAMES: Final[dict[str, str]] = {
    "wechat_mp": "微信公众号",
    "wechat_channels": "微信视频号",
    "weibo": "新浪微博",
    "toutiao": "今日头条",
    "douyin": "抖音",
    "kuaishou": "快手",
    "baijiahao": "百家号",
    "dayuhao": "大鱼号",
    "qiehao": "企鹅号",
    "tieba": "百度贴吧",
    "bilibili": "哔哩哔哩",
    "xiaohongshu": "小红书",
    "zhihu": "知乎",
    "app": "移动客户端",
    "mini_program": "小程序",
    "other": "其他",
}

# Every spelling of shared/data/platforms.json, normalised; those that name no platform stand in _UNSURE.
_SPELLINGS: Final[dict[str, str]] = {
    "微信公众号": "wechat_mp", "政务微信": "wechat_mp", "微信": "wechat_mp", "微信订阅号": "wechat_mp", "微信服务号": "wechat_mp",
    "政务微信公众号": "wechat_mp", "微信官方公众号": "wechat_mp", "公众号": "wechat_mp", "订阅号": "wechat_mp", "服务号": "wechat_mp",
    "微信公众平台": "wechat_mp", "公众微信": "wechat_mp", "wechat": "wechat_mp", "官方微信": "wechat_mp",
    "微信视频号": "wechat_channels", "视频号": "wechat_channels",
    "新浪微博": "weibo", "政务微博": "weibo", "微博": "weibo", "官方微博": "weibo", "weibo": "weibo", "腾讯微博": "other",
    "今日头条": "toutiao", "今日头条号": "toutiao", "头条": "toutiao", "头条号": "toutiao", "政务头条": "toutiao",
    "抖音": "douyin", "抖音号": "douyin", "政务抖音号": "douyin", "抖音短视频": "douyin", "政务抖音": "douyin", "抖音政务号": "douyin",
    "快手": "kuaishou", "快手号": "kuaishou", "百家号": "baijiahao", "百度百家号": "baijiahao", "大鱼号": "dayuhao", "企鹅号": "qiehao",
    "百度贴吧": "tieba", "贴吧": "tieba", "哔哩哔哩": "bilibili", "b站": "bilibili", "小红书": "xiaohongshu", "知乎": "zhihu", "知乎号": "zhihu",
    "移动客户端": "app", "app": "app", "客户端": "app", "手机app": "app", "移动应用": "app", "移动客户端app": "app", "政务app": "app",
    "小程序": "mini_program", "微信小程序": "mini_program", "支付宝小程序": "mini_program", "百度小程序": "mini_program",
    "其他": "other", "其它": "other", "其他类型": "other", "其他平台账号": "other",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlatformGuess:
    """A platform as read: `sure` False asks a person to look; `note` says why."""

    code: str
    sure: bool
    note: str = ""


def canonical(text: str) -> PlatformGuess:
    """Read a platform's spelling. What names no platform becomes `other` and asks."""
    key = name_key(text)
    if not key:
        return PlatformGuess("other", False, "没有写平台")
    if key in _SPELLINGS:
        return PlatformGuess(_SPELLINGS[key], True)
    for spelling in sorted(_SPELLINGS, key=len, reverse=True):
        if len(spelling) >= 2 and spelling in key and "之一" not in text:
            return PlatformGuess(_SPELLINGS[spelling], False, f"“{text[:20]}”按“{PLATFORM_NAMES[_SPELLINGS[spelling]]}”读")
    return PlatformGuess("other", False, f"“{text[:20]}”不是已知的平台名称")


@lru_cache(maxsize=65536)
def name_key(text: str) -> str:
    """Normalise a name for matching: NFKC, case folded, letters and digits only."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


_BIZ = re.compile(r"[A-Za-z0-9+/]{12,22}={1,2}$")


def id_sort(platform: str, value: str) -> str:
    """Name the kind of an identifier: WeChat has three (gh_…, 微信号, __biz)."""
    if platform == "wechat_mp":
        if value.startswith("gh_"):
            return "gh"
        return "biz" if _BIZ.match(value) else "wxid"
    return "id"


def id_from_link(link: str) -> tuple[str, str] | None:
    """Return (platform, id) where a link carries one, else None. Never raises: links come from outside."""
    try:
        parts = urlsplit(link.strip())
        host = (parts.hostname or "").lower()
        query = parse_qs(parts.query, max_num_fields=50)
    except ValueError:
        return None
    if host == "mp.weixin.qq.com":
        biz = query.get("__biz", [""])[0]
        return ("wechat_mp", biz) if biz else None
    path = [p for p in parts.path.split("/") if p]
    for suffix, platform, marks in (
        ("weibo.com", "weibo", {"u", "n"}),
        ("weibo.cn", "weibo", {"u", "n", "profile"}),
        ("douyin.com", "douyin", {"user"}),
        ("toutiao.com", "toutiao", {"user", "token"}),
        ("kuaishou.com", "kuaishou", {"profile"}),
        ("bilibili.com", "bilibili", set()),
    ):
        if (host == suffix or host.endswith("." + suffix)) and path:
            rest = [p for p in path if p not in {"c", "mp"}]
            if rest and rest[0] in marks and len(rest) > 1:
                if rest[1] == "token" and len(rest) > 2:
                    return platform, rest[2]
                return platform, rest[1]
            if rest and rest[0].isdecimal():
                return platform, rest[0]
    return None
