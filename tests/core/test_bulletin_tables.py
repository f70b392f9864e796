"""The tables: every row of its kind, in official columns; real rows come out in the columns of the originals."""

from __future__ import annotations

import json
from datetime import date

import pytest

from qiguan.core.bulletin import Bulletin, BulletinRow, Problem
from qiguan.core.bulletin_check import contradictions
from qiguan.core.bulletin_tables import CROSSED, FAILED, NOTED, SCOPE, STATISTICS, UNTOLD, tables
from qiguan.core.days import end_of
from qiguan.core.verdict import Word
from tests.core.bulletins import town


def by_title(bulletin):
    return {table.title: table for table in tables(bulletin)}


def test_every_row_stands_in_the_table_of_its_verdict():
    made = by_title(town())
    assert [len(made[t].rows) for t in (FAILED, NOTED, UNTOLD, SCOPE)] == [4, 1, 2, 12]
    assert all(len(row) == len(table.header) == len(table.widths) for table in made.values() for row in table.rows)
    assert made[FAILED].rows[0][8] == "已整改：7月6日备案注销"
    assert made[FAILED].rows[2][-1] == "密码丢失，平台找回要10个工作日。"


def test_statistics_split_by_platform_level_and_state_and_add_up():
    table = by_title(town())[STATISTICS]
    total = table.rows[-1]
    for kind in ("平台", "级别", "状态"):
        rows = [row for row in table.rows if row[0] == kind]
        assert [sum(row[i] for row in rows) for i in range(2, 7)] == list(total[2:7])


def test_the_crossed_table_needs_two_platforms_and_a_level():
    made = by_title(town())
    assert made[CROSSED].rows[0] == ("县区", "6/3", "1/0", "7/3")
    alone = Bulletin("甲", "乙", "丙", end_of(date(2026, 6, 30)), date(2026, 7, 1), [BulletinRow("a", "微博", "b", Word.PASS)])
    assert CROSSED not in by_title(alone)
    assert [row[0] for row in by_title(alone)[STATISTICS].rows] == ["平台", "合计"]


def test_a_table_without_rows_is_not_printed():
    empty = Bulletin("甲", "乙", "丙", end_of(date(2026, 6, 30)), date(2026, 7, 1), [])
    assert tables(empty) == []


def real_bulletins(real_data):
    return json.loads((real_data / "bulletins.json").read_text(encoding="utf-8"))


def as_entered(raw) -> Bulletin:
    """Enter a real bulletin's rows as findings: its own word beside the verdict, what it leaves out left out."""
    rows = [
        BulletinRow(
            account=r["account"],
            platform=r["platform"] or "",
            owner=r["org"] or "",
            verdict=Word.PASS if r["verdict"].startswith("合格") else Word.FAIL,
            problems=(Problem(r["problem_text"] or ""),),
            label=r["verdict"],
        )
        for r in raw["rows"]
    ]
    return Bulletin(raw["issuer"], raw["bulletin_title"], raw["check_date"], end_of(date(2026, 6, 30)), date(2026, 7, 10), rows)


def test_rows_of_real_bulletins_come_out_in_the_columns_of_the_originals(real_data):
    seen = 0
    for raw in real_bulletins(real_data):
        made = by_title(as_entered(raw))
        printed = []
        for title in (FAILED, NOTED):
            for cells in made[title].rows if title in made else ():
                row = dict(zip(made[title].header, cells, strict=True))
                printed.append((row["账号名称"], row["平台"], row["主办单位"], row["存在问题"], row["结论"]))
        wanted = [(r["account"], r["platform"] or "", r["org"] or "", r["problem_text"] or "", r["verdict"]) for r in raw["rows"]]
        assert printed == wanted
        seen += len(printed)
    assert seen >= 30


@pytest.mark.parametrize(("nth", "listed", "said"), [(0, "18", "29"), (1, "3", "6"), (3, "7", "2")])
def test_the_contradictions_of_real_bulletins_are_found(real_data, nth, listed, said):
    """Their totals and their lists do not agree: so many 不合格 in the text, so many rows below it."""
    raw = real_bulletins(real_data)[nth]
    stated = {"检查数": str(raw["totals"]["accounts_checked"]), "不合格数": str(raw["totals"]["unqualified"])}
    found = [str(c) for c in contradictions(as_entered(raw), stated=stated)]
    assert any(f"另处写的是{said}，表里数出来是{listed}" in words for words in found)
