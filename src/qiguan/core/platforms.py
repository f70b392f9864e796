"""Platforms by their official names, every spelling seen in real bulletins, and the ids that links carry."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

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
    "新浪微博": "weibo", "政务微博": "weibo", "微博": "weibo", "官方微博": "weibo", "weibo": "weibo",
    "今日头条": "toutiao", "今日头条号": "toutiao", "头条": "toutiao", "头条号": "toutiao", "政务头条": "toutiao",
    "抖音": "douyin", "抖音号": "douyin", "政务抖音号": "douyin", "抖音短视频": "douyin", "政务抖音": "douyin", "抖音政务号": "douyin",
    "快手": "kuaishou", "快手号": "kuaishou", "百家号": "baijiahao", "百度百家号": "baijiahao", "大鱼号": "dayuhao", "企鹅号": "qiehao",
    "百度贴吧": "tieba", "贴吧": "tieba", "哔哩哔哩": "bilibili", "b站": "bilibili", "小红书": "xiaohongshu", "知乎": "zhihu", "知乎号": "zhihu",
    "移动客户端": "app", "app": "app", "客户端": "app", "手机app": "app", "移动应用": "app", "移动客户端app": "app", "政务app": "app",
    "小程序": "mini_program", "微信小程序": "mini_program", "支付宝小程序": "mini_program", "百度小程序": "mini_program",
    "其他": "other", "其它": "other", "其他类型": "other", "其他平台账号": "other", "其他平台": "other",
    # Platforms of their own whose names hold the name of another: never to be read as that one.
    "腾讯微博": "other", "网易微博": "other", "企业微信": "other", "企业号": "other", "微信企业号": "other", "微信群": "other", "微信小商店": "other",
    "趣头条": "other", "支付宝生活号": "other", "qq公众号": "other", "人民号": "other", "澎湃号": "other", "网易号": "other", "搜狐号": "other",
    "一点号": "other", "南方号": "other", "强国号": "other", "西瓜视频": "other",
}  # fmt: skip
_LONGEST_FIRST: Final = sorted(_SPELLINGS, key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class PlatformGuess:
    """A platform as read: `sure` False asks a person to look; `note` says why."""

    code: str
    sure: bool
    note: str = ""


@lru_cache(maxsize=4096)
def canonical(text: str) -> PlatformGuess:
    """Read a platform's spelling. What names no platform, or several, becomes `other` and asks."""
    key = name_key(text)
    if not key:
        return PlatformGuess("other", False, "没有写平台")
    if key in _SPELLINGS:
        return PlatformGuess(_SPELLINGS[key], True)
    said = text.strip()[:20]
    rest, found = key, []
    for spelling in _LONGEST_FIRST:  # the longest first, each taken out: 微信视频号 holds 微信, and is not both
        if spelling in rest:
            found.append(_SPELLINGS[spelling])
            rest = rest.replace(spelling, " ")
    named = list(dict.fromkeys(c for c in found if c != "other"))
    if len(named) > 1:
        names = "、".join(PLATFORM_NAMES[c] for c in named)
        return PlatformGuess("other", False, f"“{said}”写了几个平台（{names}），请每个平台写一行")
    if len(named) == 1:
        return PlatformGuess(named[0], False, f"“{said}”按“{PLATFORM_NAMES[named[0]]}”读")
    if found:
        return PlatformGuess("other", False, f"“{said}”按“其他”读")
    return PlatformGuess("other", False, f"“{said}”不是已知的平台名称")


@lru_cache(maxsize=65536)
def name_key(text: str) -> str:
    """Normalise a name for matching: NFKC, case folded; letters, digits and the vowel signs of Tibetan, Uyghur, Mongolian.

    A name without any of them (an emoji alone) stays as it is: two such names are not one.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(
        c for c in folded if c.isalnum() or (c > "\u02ff" and unicodedata.category(c) in _SIGNS and c not in _VARIANTS)
    )
    kept = kept or "".join(folded.split())
    return kept if unicodedata.is_normalized("NFKC", kept) else unicodedata.normalize("NFKC", kept)


_SIGNS: Final = frozenset({"Mn", "Mc"})
_VARIANTS: Final = frozenset(chr(c) for c in (*range(0xFE00, 0xFE10), *range(0x180B, 0x1810), *range(0xE0100, 0xE01F0)))
_BIZ = re.compile(r"[A-Za-z0-9+/]{8,22}={1,2}$|M[A-Za-z0-9+/]{15}$")


def id_sort(platform: str, value: str) -> str:
    """Name the kind of an identifier: WeChat has three: `gh` (原始ID, gh_…), `biz` (__biz: a number in base64), `wxid` (微信号)."""
    if platform == "wechat_mp":
        if re.fullmatch(r"gh_[0-9a-f]{8,16}", value):
            return "gh"
        return "biz" if is_biz(value) else "wxid"
    return "id"


def is_biz(value: str) -> bool:
    """Say whether a text is a WeChat __biz: base64 of a decimal number, as MzA4MDM1Njg3NQ== is of 3080356875."""
    if not _BIZ.match(value):
        return False
    try:
        return b64decode(value, validate=True).isdigit()
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Site:
    """Where a platform's links carry the account: the path before it, and what an id looks like there."""

    host: str
    platform: str
    path: re.Pattern[str]


_SITES: Final = tuple(
    _Site(host, platform, re.compile(path))
    for host, platform, path in (
        ("weibo.com", "weibo", r"/(?:u/|p/100\d{3})?(\d{1,12})(?:/|$)"),  # /n/… carries a nickname: a name, not an id
        ("weibo.cn", "weibo", r"/(?:u/|profile/|p/100\d{3})?(\d{1,12})(?:/|$)"),
        ("douyin.com", "douyin", r"/(?:share/)?user/([\w.-]{6,120})"),
        ("iesdouyin.com", "douyin", r"/share/user/([\w.-]{6,120})"),
        ("toutiao.com", "toutiao", r"/c/user/(?:token/)?([\w.-]{4,160})"),
        ("kuaishou.com", "kuaishou", r"/profile/([\w.-]{4,60})"),
        ("space.bilibili.com", "bilibili", r"/(\d{1,20})(?:/|$)"),
        ("author.baidu.com", "baijiahao", r"/home/(\d{6,24})"),
        ("xiaohongshu.com", "xiaohongshu", r"/user/profile/([0-9a-f]{16,32})"),
        ("zhihu.com", "zhihu", r"/(?:org|people)/([\w.-]{2,80})"),
    )
)


# Where a platform's posts are read, short links of its own included; a platform not named here may be anywhere.
_POST_HOSTS: Final[dict[str, tuple[str, ...]]] = {
    "wechat_mp": ("mp.weixin.qq.com",),
    "wechat_channels": ("weixin.qq.com",),
    "weibo": ("weibo.com", "weibo.cn", "t.cn"),
    "toutiao": ("toutiao.com", "toutiaocdn.com", "ixigua.com"),
    "douyin": ("douyin.com", "iesdouyin.com"),
    "kuaishou": ("kuaishou.com", "gifshow.com", "chenzhongtech.com"),
    "baijiahao": ("baidu.com",),
    "dayuhao": ("uc.cn",),
    "qiehao": ("qq.com",),
    "tieba": ("baidu.com",),
    "bilibili": ("bilibili.com", "b23.tv"),
    "xiaohongshu": ("xiaohongshu.com", "xhslink.com"),
    "zhihu": ("zhihu.com",),
}


def is_on_platform(platform: str, host: str) -> bool:
    """Say whether a post of this platform can stand at this host; True where nobody knows the platform's hosts."""
    hosts = _POST_HOSTS.get(platform)
    name = host.lower().rstrip(".")
    return hosts is None or any(name == h or name.endswith("." + h) for h in hosts)


_URL = re.compile(r"(?:https?://)?(?:[^/?#@]*@)?([^/?#:@\s]+)(?::\d+)?(/[^?#]*)?(?:\?([^#]*))?", re.IGNORECASE)


def id_from_link(link: str) -> tuple[str, str] | None:
    """Return (platform, id) where a link carries an account's id, else None. Never raises: links come from outside."""
    match = _URL.match(link.strip()[:4000])
    if match is None:
        return None
    host, path, query = match[1].lower().rstrip("."), match[2] or "", match[3] or ""
    if host == "mp.weixin.qq.com":
        biz = unquote(found[1]) if (found := re.search(r"(?:^|&)__biz=([^&]+)", query)) else ""
        return ("wechat_mp", biz) if is_biz(biz) else None
    for site in _SITES:
        if (host == site.host or host.endswith("." + site.host)) and (found := site.path.match(path)):
            return site.platform, found[1]
    return None
