"""Ending an account with order: the platform's freeze, the notice's elements, the way back to a lost password.

Freeze: rules register RC-11 (微信公众号, 2017, confidence C: it may have changed since; said so to the user). Elements of the
notice: RC-12. For new media no national length of a notice was found (RC-10 is for websites): the days are a setting of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from qiguan.core.days import say_day
from qiguan.core.platforms import PLATFORM_NAMES

WECHAT_FREEZE: Final = ((10_000, 15), (100_000, 30))
WECHAT_LONGEST = 60
NO_SUCCESSOR = "无"


@dataclass(frozen=True, slots=True)
class Wait:
    """How many days must lie between the notice and the cancellation, and why."""

    days: int
    because: str


def wait_of(platform: str, followers: int | None, *, notice_days: int) -> Wait:
    """Return the days to wait: the platform's freeze or the notice, whichever is longer. Unknown followers count as many."""
    ours = f"公告至少{notice_days}天（本系统设定，新媒体没有全国规定）"
    if platform != "wechat_mp":
        return Wait(notice_days, ours + "；平台的冻结期没有查到，以平台页面为准")
    if followers is None:
        freeze, why = WECHAT_LONGEST, "没有填粉丝数，按最长的算"
    else:
        freeze = next((days for limit, days in WECHAT_FREEZE if followers <= limit), WECHAT_LONGEST)
        why = f"粉丝{followers}"
    words = f"微信公众号自主注销冻结{freeze}天（{why}；平台2017年规则，可能已变，以平台页面为准）"
    return Wait(freeze, words) if freeze >= notice_days else Wait(notice_days, f"{ours}；{words}")


def earliest_end(notice_on: date, wait: Wait) -> date:
    """Return the first day on which the account may be cancelled."""
    return notice_on + timedelta(days=wait.days)


@dataclass(frozen=True, slots=True)
class Ending:
    """What a cancellation notice must say."""

    owner: str
    name: str
    platform: str
    platform_id: str
    basis: str
    notice_on: date
    closes_on: date
    instead: str  # where to follow from now on; 无 where there is nothing


def missing_elements(ending: Ending) -> list[str]:
    """Name the elements that are empty."""
    said = {"依据文件": ending.basis, "今后关注哪个账号": ending.instead, "账号名称": ending.name, "主办单位": ending.owner}
    return [word for word, text in said.items() if not text.strip()]


def notice_text(ending: Ending) -> str:
    """Return the notice to the public, one paragraph a line: basis, list, dates, where to follow instead."""
    which = f"{PLATFORM_NAMES.get(ending.platform, ending.platform)}“{ending.name}”"
    if ending.platform_id:
        which += f"（{ending.platform_id}）"
    on = (
        "没有替代账号，有关信息请到本单位网站查看。"
        if ending.instead.strip() == NO_SUCCESSOR
        else f"今后请关注：{ending.instead}。"
    )
    return "\n".join(
        (
            "关于注销政务新媒体账号的公告",
            f"根据{ending.basis}，{ending.owner}决定注销以下账号：",
            f"{which}。该账号自{say_day(ending.notice_on)}起停止更新，{say_day(ending.closes_on)}注销。",
            f"{on}感谢您一直以来的关注。",
            ending.owner,
            say_day(ending.notice_on),
        )
    )


_EVERYWHERE = "先问登记册上“账号保管”里的管理员、手机和邮箱；人已调走的，请他配合交还一次。"
_LATEST = "平台的办法会变，以平台当下的页面为准。"
_PASSWORD: Final[dict[str, tuple[str, ...]]] = {
    "wechat_mp": (
        "在公众平台登录页找回：用登记的邮箱，或由管理员扫码确认。",
        "管理员已经不在的，由主办单位按平台的“管理员变更”办，备好单位证件和公函。",
    ),
    "wechat_channels": ("由绑定的公众号或管理员微信进后台；都没有的，按平台的认证单位人工申诉办，备好单位证件和公函。",),
    "weibo": ("用绑定的手机或邮箱找回；都不在的，由认证单位凭公函向平台的政务服务人员申请。",),
    "douyin": ("用绑定的手机找回；手机不在的，由认证单位凭公函申诉找回。",),
    "app": ("向开发和运维单位要应用商店的开发者账号；合同到期的，凭合同和公函向应用商店申请转移。",),
    "mini_program": ("同微信公众号：登记邮箱找回，或由单位办管理员变更。",),
}


def password_help(platform: str) -> list[str]:
    """Return what a unit can do that lost the password, in order."""
    own = _PASSWORD.get(platform, ("用绑定的手机或邮箱找回；都不在的，由认证单位凭公函向平台申请。",))
    return [_EVERYWHERE, *own, _LATEST]
