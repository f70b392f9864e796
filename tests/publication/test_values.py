"""A bulletin's values: kinds of reasons, and the change of scope."""

from __future__ import annotations

import pytest

from qiguan.publication.queries.values import fact_of, untold_words


@pytest.mark.parametrize(
    ("because", "words"),
    [
        ("没有完整来源，也没有人工核查", "没有完整来源，也没有人工核查"),
        ("只看清到2026年11月23日20:29，没有到监测时间点；只看到一半", "没有看清到监测时间点"),
        ("2026-11-23人工核查时已被平台冻结，发不了内容，先办恢复", "平台冻结或受限"),
        ("2026年9月3日才开始看清，不满14天", "开始看清还不满期限"),
        ("2026-11-23人工核查时找不到这个账号，先核对账号", "核查时找不到账号"),
        ("2026年9月3日说不清", "说不清"),
        ("", "没有说明"),
    ],
)
def test_reasons_are_counted_by_kind_without_their_dates(because, words):
    assert untold_words(because) == words


@pytest.mark.parametrize(
    ("because", "fact"),
    [
        (
            "RSS、Atom（127.0.0.1）：最近更新2026年6月27日11:28，至监测时间点149天",
            "最近更新2026年6月27日11:28，至监测时间点149天",
        ),
        ("人工核查1、人工核查2：从未发布", "从未发布"),
        ("RSS、Atom（a.cn）、人工核查：从未发布", "从未发布"),
        (
            "东例区粮食局已于2024-03-15撤并，职能由东例区农业农村局承接；请变更主办单位、移交或注销",
            "东例区粮食局已于2024-03-15撤并，职能由东例区农业农村局承接；请变更主办单位、移交或注销",
        ),
        ("没有留言入口：菜单只有一页", "没有留言入口：菜单只有一页"),
    ],
)
def test_the_annex_says_the_fact_and_leaves_the_hand_to_the_evidence(because, fact):
    assert fact_of(because) == fact
