"""Whom a message is for: duty words at first, then what people confirmed; explained by words that stand in it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from qiguan.core.learner import Learner
from qiguan.core.routing import SURE, Router, fields, kinds_of_organ, load_duties
from tests.conftest import shared_folder

ORGANS = {"示例市教育局": ["教育"], "示例市城市管理局": ["城市管理"], "东城区幸福街道办事处": []}


def test_what_ships_knows_who_does_what():
    router = Router(fields())
    for text, field in {
        "小区物业公司乱收停车费，业主要求退还": "城乡建设",
        "工地拖欠农民工工资，过年了还没发": "劳动和社会保障",
        "化工厂半夜排放废气，刺鼻气味": "环境保护",
        "公交车线路太少，等车要一个小时，司机还拒载": "交通运输",
        "小学入学学位不够，老师补课收费": "教育文体",
        "医院手术失误，患者要求处理": "卫生计生",
        "商家虚假宣传，会员卡不退款": "商贸旅游",
    }.items():
        assert router.route(text).label == field


def test_the_three_words_that_weighed_most_stand_in_the_text():
    text = "　尊敬的领导：我们学校的老师　办补习　ＡＢ班"
    routed = Router(fields()).route(text)
    assert routed.label == "教育文体"
    assert {w.word for w in routed.words} == {"学校", "老师", "补习"}
    assert all(text[w.start : w.end] == w.word for w in routed.words)


def test_a_person_decides_where_nothing_speaks():
    routed = Router(ORGANS).route("你好")
    assert not routed.sure
    assert routed.words == ()
    assert routed.p == pytest.approx(1 / 3)


def test_confirmed_routings_outgrow_the_duty_words():
    router = Router(ORGANS)
    text = "幸福街道学校门口的摊位没人管"
    assert router.route(text).label == "示例市教育局"
    for _ in range(6):
        router.learn([(text, "东城区幸福街道办事处"), ("教室漏风", "示例市教育局")])
    after = router.route("幸福街道门口摊位")
    assert after.label == "东城区幸福街道办事处"
    assert any(w.word in "幸福街道门口摊位" for w in after.words)
    again = Router(ORGANS, Learner.from_bytes(router.learner.to_bytes()))
    assert again.route(text) == router.route(text)


def test_a_router_of_one_organ_is_sure_and_one_of_none_is_a_mistake():
    assert Router({"示例市政府": []}).route("随便").sure
    with pytest.raises(ValueError, match="label"):
        Router({})


def test_an_organs_kind_is_read_from_its_name():
    assert kinds_of_organ("示例市住房和城乡建设局") == ["住房和城乡建设"]
    assert kinds_of_organ("示例市交警支队") == ["公安交管"]
    assert kinds_of_organ("幸福镇人民政府") == []


def test_every_kind_has_its_words_once():
    for duty in load_duties().values():
        assert len(set(duty.words)) == len(duty.words) >= 4, duty.kind
        assert duty.named


@pytest.mark.parametrize("text", ["", "\x00\ud800\u202e", "路" * 100_000, "ཞི་བདེ། ئۇيغۇر ᠮᠣᠩᠭᠣᠯ 😀"])
def test_any_text_is_answered(text: str):
    routed = Router(fields()).route(text)
    assert sum(p for _, p in routed.ranked) == pytest.approx(1)
    assert 0 <= routed.p < SURE


def test_the_method_holds_on_a_sample_of_real_messages(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    monkeypatch.setenv("QIGUAN_SHARED", str(shared_folder()))
    sys.modules.pop("bench_routing", None)
    import bench_routing as bench

    if not bench.MESSAGES.exists():
        pytest.skip("the messages do not lie beside the project")
    dealt = bench.split(bench.messages()[:360], 6)
    shipped = bench.new_router(sorted({label for fold in dealt for _, label in fold}))
    before = bench.measure([(shipped.route(text), label) for text, label in dealt[0]])
    figures = bench.one_fold(dealt, 0)
    assert before["macro-F1"] > 0.6
    assert figures["macro-F1"] > 0.7  # 300 messages; 7,262 reach more: docs/benchmarks.md
    assert figures["top-2"] > 0.9
    assert figures["macro-F1"] > before["macro-F1"]
