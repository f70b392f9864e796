"""Platforms by their official names."""

from __future__ import annotations

import unicodedata

PLATFORM_NAMES = {
    "wechat_mp": "微信公众号",
    "wechat_channels": "微信视频号",
    "weibo": "新浪微博",
    "toutiao": "今日头条",
    "douyin": "抖音",
    "kuaishou": "快手",
    "app": "移动客户端",
    "mini_program": "小程序",
    "other": "其他",
}


def name_key(text: str) -> str:
    """Normalise a name for matching."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
