"""Bars: every figure is in the title, nothing that exists is drawn away, nothing divides by zero."""

from __future__ import annotations

import pytest

from qiguan.core.facts import State
from qiguan.ui.pictures import Bar, columns, coverage_bar, mix_bar, months_of_silence, spark
from tests.ui.markup import svg, title


def widths(text: str) -> list[float]:
    return [float(r.get("width", "").rstrip("%")) for r in svg(text).iter("rect")]


def test_the_mix_says_every_state_but_the_closed():
    text = mix_bar({**dict.fromkeys(State, 1), State.ACTIVE: 121, State.UNKNOWN: 20})
    assert title(text).endswith("：正常121、临期1、超期未更新1、睡眠1、僵尸1、从未发布1、平台受限1、待核实20、停更待注销1")
    assert "已关停" not in text
    assert len(widths(text)) == 9
    assert sum(widths(text)) == pytest.approx(100 - 9 * 0.25, abs=0.1)


def test_one_among_ten_thousand_is_still_seen():
    drawn = widths(mix_bar({State.ACTIVE: 10_000, State.ZOMBIE: 1}))
    assert min(drawn) > 0.2
    assert sum(drawn) < 100


def test_states_by_their_value_count_as_states():
    assert title(mix_bar({"active": 3})).endswith("正常3")
    with pytest.raises(ValueError):
        mix_bar({"happy": 3})


def test_our_not_seeing_is_dotted_and_their_silence_hatched():
    fills = {r.get("fill") for r in svg(mix_bar({State.UNKNOWN: 1, State.OVERDUE: 1, State.NEVER_POSTED: 1})).iter("rect")}
    assert fills == {"url(#p-unk)", "url(#p-over)", "url(#p-never)"}


@pytest.mark.parametrize("counts", [{}, {State.ACTIVE: 0}, {State.CLOSED: 5}])
def test_an_empty_register_has_a_bar_too(counts):
    text = mix_bar(counts)
    assert "还没有在册账号" in title(text)
    assert widths(text) == [100]


def test_coverage_says_its_parts():
    assert title(coverage_bar(complete=94, checked=72, partial=12, blind=8)) == (
        "186个账号：有完整来源94、有人工核查72、来源不完整12、没有来源8"
    )
    assert title(coverage_bar(complete=0, checked=0, partial=0, blind=0)) == "还没有在册账号"


def test_silences_are_gathered_by_whole_months():
    text = months_of_silence([0.2, 0.9, 1.0, 5.99, 6, 12, 40, -1], limits=[(6, "6个月：僵尸")])
    assert title(text) == "静默月数：不足1个月3个、1个月1个、5个月1个、6个月1个、12个月以上2个"
    hatched = [r for r in svg(text).iter("rect") if r.get("fill") == "url(#p-over)"]
    assert len(hatched) == 2  # 6 months, and 12 or more
    limit = svg(text).find("line[@class='lim']")
    assert float(limit.get("x1").rstrip("%")) == pytest.approx(6 * 100 / 13, abs=0.01)


def test_nobody_silent_is_said():
    assert title(months_of_silence([])) == "没有静默的账号"


def test_columns_show_their_numbers_and_bands():
    text = columns([Bar("今天", 3, near=True), Bar("", 0), Bar("<b>", 7, odd=True)], title="t", bands=[(1, 2, "中秋假期")])
    said = [t.text for t in svg(text).iter("text")]
    assert said == ["中秋假期", "3", "今天", "7", "<b>"]
    assert len([r for r in svg(text).iter("rect") if r.get("class") in {"near", "bar"}]) == 2


def test_the_outermost_names_stay_inside():
    first, middle, last = svg(columns([Bar("不足1", 0), Bar("1", 0), Bar("12以上", 0)], title="t")).iter("text")
    assert (first.get("text-anchor"), middle.get("text-anchor"), last.get("text-anchor")) == (None, "middle", "end")
    assert float(last.get("x").rstrip("%")) < 100


def test_columns_without_bars_say_so():
    assert svg(columns([], title="t")).findtext("text") == "没有数"


def test_a_spark_says_where_it_began_and_where_it_is():
    assert title(spark([6, 7, 9])) == "要处理的账号，3周由6到9"
    assert title(spark([4])) == "要处理的账号，1周由4到4"
    assert title(spark([])) == "要处理的账号：还没有往期"


def test_sparks_of_one_span_share_one_scale():
    def heights(values, span):
        ys = [float(e.get("y1")) for e in svg(spark(values, span=span)).iter("line")]
        return max(ys) - min(ys)

    assert heights([0, 1, 0], 4) == pytest.approx(heights([0, 4, 0], 4) / 4)
    assert heights([5, 5, 5], 4) == 0
