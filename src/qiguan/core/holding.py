"""暂存规则: what a public text is held back for, before anybody is asked to act on it. Public, each with its reason.

Holding is not deleting: the text stays, its sender sees the rule and may appeal, another person than the one who held it
decides. Nothing else is a reason: not tone, not the view taken, not who is complained of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from qiguan.core.private_numbers import private_numbers


@dataclass(frozen=True, slots=True)
class HoldRule:
    """One reason to hold a text. `by_machine`: the product itself holds for it; the others only a person can find."""

    code: str
    title: str
    why: str
    mend: str
    by_machine: bool


HOLD_RULES: Final = (
    HoldRule("private", "有身份证号或银行卡号", "避免多一个人看到您的证件号码", "监管员划去号码后照常办理；您也可以删掉号码重新写", True),
    HoldRule("spam", "像是广告或群发", "网址或联系方式堆在一起，没有说一件事", "删掉网址和广告词重新写；不是广告就点申诉", True),
    HoldRule("others_private", "有别人的隐私", "别人的住址、电话、病情没有经过本人同意", "去掉别人的信息重新写", False),
    HoldRule("illegal", "有法律禁止传播的内容", "《网络信息内容生态治理规定》第六条所列内容", "可以申诉，由另一人复核", False),
    HoldRule("elsewhere", "属于有法定渠道的事", "信访、检举控告、复议诉讼有自己的程序和期限，放在这里会耽误", "按给出的渠道办；认为不是就点申诉", False),
)  # fmt: skip
HOLD_RULE: Final = {rule.code: rule for rule in HOLD_RULES}

_LINK = re.compile(r"https?://|www\.|[a-z0-9-]+\.(?:com|cn|net|top|xyz|vip)\b", re.IGNORECASE)
_ADS: Final = (
    "加微信",
    "加V",
    "加薇",
    "代开发票",
    "兼职日结",
    "刷单",
    "贷款秒批",
    "博彩",
    "彩金",
    "优惠码",
    "代办证件",
    "招代理",
    "低价出售",
)


def rules_met(text: str) -> Sequence[HoldRule]:
    """Return the rules for which the machine holds a text, in their order; none for almost all."""
    found = []
    if private_numbers(text):
        found.append(HOLD_RULE["private"])
    links, ads = len(_LINK.findall(text)), sum(word in text for word in _ADS)
    if links >= 4 or ads >= 2 or (ads and links):
        found.append(HOLD_RULE["spam"])
    return found
