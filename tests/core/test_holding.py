"""Holding rules."""

from __future__ import annotations

import pytest

from qiguan.core.holding import HOLD_RULE, HOLD_RULES, rules_met


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("身份证11010519491231002X，求补办", ["private"]),
        ("代开发票加微信", ["spam"]),
        ("贷款秒批 www.x.top", ["spam"]),
        ("https://a.cn https://b.cn https://c.cn https://d.cn", ["spam"]),
        ("看这个链接 https://gov.cn/x 说的对吗", []),
        ("局长就是个混蛋，政策糟透了", []),
    ],
)
def test_the_machine_holds_for_two_things_only(text, codes):
    assert [r.code for r in rules_met(text)] == codes


def test_every_rule_says_why_and_how_to_mend_it():
    assert {r.code for r in HOLD_RULES if r.by_machine} == {"private", "spam"}
    assert all(r.why and r.mend for r in HOLD_RULES)
    assert HOLD_RULE["illegal"].by_machine is False
