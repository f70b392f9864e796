"""The text of a bulletin: official sections, figures by name, nothing said that was not looked at."""

from __future__ import annotations

from dataclasses import replace

from qiguan.core.bulletin import Correction, Demand, Recheck, RecheckRow
from qiguan.core.bulletin_check import written
from qiguan.core.bulletin_tables import tables
from qiguan.core.bulletin_text import Part, _numeral, attachments, compose, fill
from qiguan.core.verdict import Word
from tests.core.bulletins import town


def text_of(bulletin):
    return "\n".join(words for _, words in written(bulletin))


def without(bulletin, *verdicts):
    return replace(bulletin, rows=[row for row in bulletin.rows if row.verdict not in verdicts])


def test_the_sections_are_those_of_an_official_bulletin():
    headings = [p.template for p in compose(town()) if p.part is Part.HEADING]
    assert headings == ["一、总体情况", "二、存在问题", "三、上期问题整改情况", "四、有关要求"]


def test_every_placeholder_is_filled():
    assert "{" not in text_of(town())
    assert fill("{不合格数}与{谁}", {"不合格数": "4"}) == "4与{谁}"


def test_both_denominators_and_what_nobody_looked_at_are_printed():
    text = text_of(town())
    assert "合格率60.0%" in text
    assert "按上期检查范围计算，有结论的10个，合格5个，合格率50.0%" in text
    assert "“严重表述错误”未检查，不在结论之内" in text
    assert "未能判定2个，占检查数的16.7%，不计入合格，也不计入不合格" in text


def test_a_same_scope_and_a_first_round_say_so():
    assert "本期检查范围与上期相同" in text_of(replace(town(), scope_changes=()))
    first = text_of(replace(town(), scope_changes=(), last=None, rechecks=(), rules=(), settings="", basis=""))
    assert "上期（" not in first
    assert "没有需要复查的上期不合格账号" in first
    assert "上期没有不合格账号，无需复查" in text_of(replace(town(), rechecks=()))
    left_known = replace(town(), scope_changes=[c for c in town().scope_changes if c.verdict])
    assert "移出后不再检查" not in text_of(left_known)
    assert "未检查，不在结论之内" not in text_of(replace(town(), not_looked=()))


def test_a_round_without_failures_or_without_any_conclusion_claims_no_more_than_it_knows():
    assert "有结论的账号中没有发现不合格的" in text_of(without(town(), Word.FAIL))
    assert "均未能得出结论" in text_of(without(town(), Word.FAIL, Word.PASS))
    text = text_of(without(town(), Word.UNTOLD))
    assert "未能判定2" not in text
    assert "人工核查" not in text


def test_long_lists_are_cut_in_the_text_and_whole_in_the_annex():
    row = next(r for r in town().rows if r.account == "东例科技")
    many = replace(town(), rows=[replace(row, account=f"甲{n}") for n in range(20)])
    assert "等。" in text_of(many)
    assert "甲9" not in text_of(many)
    assert len(tables(many)[0].rows) == 20
    assert "印发前已整改" not in text_of(many)
    still = [RecheckRow(f"乙{n}", "微博", "", "内容不更新", Recheck.NOT_YET) for n in range(9)]
    assert "“乙7”等未整改到位" in text_of(replace(town(), rechecks=still))
    assert "未整改到位，按规定" not in text_of(replace(town(), rechecks=[RecheckRow("乙", "", "", "", Recheck.UNTOLD)]))


def test_a_row_without_platform_level_and_owner_is_named_all_the_same():
    bare = replace(town(), rows=[replace(r, platform="", level="", owner="") for r in town().rows])
    assert "（未注明）" in text_of(bare)
    assert "按平台分" not in text_of(bare)


def test_demands_name_day_and_reason_and_keep_the_offices_own_words():
    demand = Demand(town().demand.deadline, more=("请各单位举一反三，不合格{不合格数}个的教训要记取。",))
    text = text_of(replace(town(), demand=demand))
    assert "于2026年7月24日前完成整改。" in text
    assert "不合格4个的教训" in text
    assert "前完成整改" not in text_of(replace(town(), demand=None))


def test_a_correction_names_what_it_corrects():
    text = text_of(replace(town(), corrects=Correction("上一份", "示府办函〔2026〕11号", "第9行日期有误")))
    assert text.startswith("本通报更正《上一份》（示府办函〔2026〕11号）：第9行日期有误。")
    assert "《上一份》：" in text_of(replace(town(), corrects=Correction("上一份", "", "x")))
    assert "第9行有误。下列" in text_of(replace(town(), corrects=Correction("上一份", "", "第9行有误。")))


def test_the_attachments_are_the_tables_and_what_the_office_adds():
    titles = attachments(replace(town(), attachments=("整改报告格式",)))
    assert titles[0] == "不合格账号清单"
    assert titles[-1] == "整改报告格式"
    assert "检查范围" not in titles


def test_numerals_of_subheadings():
    assert [_numeral(n) for n in (1, 10, 11, 20, 21, 99)] == ["一", "十", "十一", "二十", "二十一", "九十九"]


def test_many_reasons_are_told_in_one_sum_after_the_commonest():
    row = next(r for r in town().rows if r.verdict is Word.UNTOLD)
    many = replace(town(), rows=[replace(row, untold_because=f"原因{n}") for n in range(9)])
    assert "、其余原因3个" in text_of(many)
