"""Why a delivery did not succeed, in words, and what helps; a way to reach somebody without its address."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

# word of Delivery.error → (what, remedy)
TROUBLES: Final[dict[str, tuple[str, str]]] = {
    "no_server": ("没有配置邮件服务器", "请管理员设置QIGUAN_MAIL_HOST和QIGUAN_MAIL_FROM"),
    "unreachable": ("连不上对方", "请检查网络和地址，稍后会再试"),
    "timeout": ("对方没有在时限内回答", "请先到群里或邮箱里看一眼，再决定要不要重发"),
    "busy": ("对方暂时不收", "稍后会再试"),
    "refused": ("对方拒收", "请核对地址和加签密钥"),
    "redirected": ("地址有跳转，不跟过去", "请填跳转以后的地址"),
    "private": ("这个地址不是公网地址", "内网地址要由管理员写进QIGUAN_NOTICE_NETWORKS"),
    "unreadable": ("地址的密钥变了，读不出来", "请本人重新填一次接收方式"),
    "login": ("邮件服务器不让登录", "请管理员核对QIGUAN_MAIL_USER和QIGUAN_MAIL_PASSWORD"),
    "no_such_box": ("没有这个邮箱", "请本人改正邮箱地址"),
    "crashed": ("发送时程序中断", "请先看一眼有没有收到，再决定要不要重发"),
    "internal": ("本系统出错", "请管理员看日志"),
}


def trouble(word: str) -> tuple[str, str]:
    """Return what happened and what helps; two empty strings where nothing did."""
    return TROUBLES.get(word, ("", ""))


def hint(kind: str, address: str) -> str:
    """Return what its owner recognises an address by, and nobody else could use: z…@example.gov.cn, or a host."""
    if kind == "email":
        name, _, host = address.rpartition("@")
        return f"{name[:1]}…@{host}" if name else ""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
