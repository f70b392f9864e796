"""Every outcome of a poll in plain words: what happened, what to do, and who must act."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from qiguan.core.source import Outcome


class Severity(StrEnum):
    """How soon somebody must act."""

    NONE = "none"  # nothing to do
    WAIT = "wait"  # it may pass by itself; act if it repeats
    ACT = "act"  # it will not pass by itself


@dataclass(frozen=True, slots=True)
class Remedy:
    """Words for one outcome. `who` is "" where nobody need act (`who_words` says so)."""

    title: str
    remedy: str
    who: str
    severity: Severity = Severity.ACT

    @property
    def who_words(self) -> str:
        """Who must act, for users."""
        return self.who or "无需处理"


REMEDIES: Final[dict[Outcome, Remedy]] = {
    Outcome.OK: Remedy("读到了", "不用做什么", "", Severity.NONE),
    Outcome.NOT_MODIFIED: Remedy("没有变化", "不用做什么", "", Severity.NONE),
    Outcome.EMPTY: Remedy("读到了，里面一篇也没有", "如果账号其实有内容，请核对采集地址", "监管员", Severity.WAIT),
    Outcome.LOGIN_PAGE: Remedy("拿到的是登录或验证页", "换一个不用登录的地址，或请主办单位授权", "监管员"),
    Outcome.NOT_A_FEED: Remedy("拿到的不是内容列表", "核对采集地址", "监管员"),
    Outcome.TRUNCATED: Remedy("内容只传来一半", "下次会再读；连续出现请联系网站维护方", "网站维护方", Severity.WAIT),
    Outcome.MALFORMED: Remedy("格式有错，读不出来", "请网站维护方修正格式", "网站维护方"),
    Outcome.RENAMED: Remedy("读到了，名称变了", "核对账号是否改名，改了要办变更备案", "主办单位"),
    Outcome.MOVED: Remedy("地址永久变更，已在新地址读到", "确认新地址后更新采集源", "监管员"),
    Outcome.GONE: Remedy("地址已不存在", "向主办单位要新地址，或改为人工核查", "监管员"),
    Outcome.FORBIDDEN: Remedy("对方不允许访问", "请主办单位授权，或改为人工核查", "主办单位"),
    Outcome.RATE_LIMITED: Remedy("对方要求慢一点", "系统会按对方要求的时间再读", "", Severity.WAIT),
    Outcome.SERVER_ERROR: Remedy("对方服务器出错", "下次会再读；连续出现请联系网站维护方", "网站维护方", Severity.WAIT),
    Outcome.TIMEOUT: Remedy("等了太久没有回应", "下次会再读；连续出现请检查网络", "系统管理员", Severity.WAIT),
    Outcome.UNREACHABLE: Remedy("连不上", "核对地址，检查域名、证书和网络", "系统管理员", Severity.WAIT),
    Outcome.TOO_LARGE: Remedy("内容太大，没有读完", "换一个只列最近内容的地址", "监管员"),
    Outcome.PRIVATE_ADDRESS: Remedy("地址指向内部网络，已拒绝", "换成公网地址", "监管员"),
    Outcome.REDIRECT_LOOP: Remedy("地址来回跳转", "核对采集地址", "监管员"),
    Outcome.TOKEN_INVALID: Remedy("授权失效", "请主办单位重新授权", "主办单位"),
    Outcome.UNAUTHORISED: Remedy("没有授予这项权限", "请主办单位授权“群发与通知”权限集（统计接口在里面）", "主办单位"),
    Outcome.INTERNAL: Remedy("本系统出错", "请系统管理员看日志", "系统管理员"),
}
