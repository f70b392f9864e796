"""The bulletin of `qiguan check`: who is counted, what is said of the run."""

from __future__ import annotations

from datetime import date, timedelta

from qiguan.core.bulletin_check import contradictions, written
from qiguan.core.days import end_of
from qiguan.core.facts import State
from qiguan.core.verdict import Word
from qiguan.publication.render.check_bulletin import bulletin_of
from qiguan.publication.render.check_report import CheckLine, CheckRun

AT = end_of(date(2026, 9, 15))


def line(name, verdict, rule="", reason="", state=State.ACTIVE, last=None, silent=None):
    return CheckLine(name, "wechat_mp", "", "示例市某局", state, last, silent, None, verdict, rule, "", reason)


def run(**changes):
    known = {"at": AT, "observed_at": AT, "pack": "national", "pack_settings": "两周按14天计", "whose": "", "assumed": False}
    return CheckRun(
        **(known | {"register": "r.csv", "problems": (), "not_looked": {"GB19-M-V3a 没有有效互动功能": "没有人看过"}} | changes)
    )


LINES = [
    line("甲", "不合格", "GB19-M-V2a", "两周内无更新；主办单位已撤并", State.ZOMBIE, AT - timedelta(days=20, hours=3), 20),
    line("乙", "未能判定", "GB19-M-V2a", "来源不完整；多看一次"),
    line("丙", "合格"),
    line("丁", ""),
]


def test_lines_become_rows_and_those_without_a_verdict_are_told_apart():
    made = bulletin_of(LINES, run())
    assert [row.verdict for row in made.rows] == [Word.FAIL, Word.UNTOLD, Word.PASS]
    assert made.rows[0].problems[0].words == "两周内无更新；主办单位已撤并"
    assert made.rows[1].untold_because == "来源不完整"
    text = "\n".join(words for _, words in written(made))
    assert "账号1条未计入" in text
    assert "“没有有效互动功能”未检查" in text
    assert contradictions(made) == []


def test_assumptions_and_a_later_collection_are_printed():
    text = "\n".join(w for _, w in written(bulletin_of(LINES[:3], run(assumed=True, observed_at=AT + timedelta(hours=5)))))
    assert "假定由运行人作出" in text
    assert "采集时间为2026年9月16日05:00" in text
    assert "未计入" not in text
