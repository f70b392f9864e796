"""Lists exported from a platform's back end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qiguan.connectors import csv_export
from qiguan.connectors.csv_export import read_export
from qiguan.core.errors import UnusableInput
from qiguan.core.sheet import Sheet, read_workbook
from qiguan.core.source import SourceSpec

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def test_a_back_end_s_table_is_read_under_its_title_rows():
    data = "内容分析,,,\n导出时间 2026-09-16,,,\n内容标题,发表时间,内容url,发表类型\n甲,2026/9/15 10:00,https://mp.weixin.qq.com/s/Aa,群发\n乙,20260914,,发布\n,,,\n丙,改天,,\n"
    given = read_export(read_workbook("a.csv", data.encode("gb18030")), at=AT)
    assert [(i.title, i.key[:20], i.pushed) for i in given.reading.items] == [
        ("甲", "mp.weixin.qq.com/s/A", True),
        ("乙", given.reading.items[1].key[:20], False),
    ]
    assert [str(p) for p in given.problems] == [
        "B7：没有写发布时间，或读不出来（写的是“改天”）。请改好这一行再上传，其他行已收下"
    ]
    assert given.reading.covers_until == datetime(2026, 9, 15, 2, tzinfo=UTC)


def test_the_moment_of_export_is_a_person_s_word():
    sheet = Sheet("", [["标题", "发布时间"], ["甲", datetime(2026, 9, 1, 8, 30)]])
    assert read_export([sheet], at=AT).reading.covers_until == datetime(2026, 9, 1, 0, 30, tzinfo=UTC)
    assert read_export([sheet], at=AT, exported_at=datetime(2030, 1, 1, tzinfo=UTC)).reading.covers_until == AT


def test_serials_deleted_rows_and_short_rows_are_read():
    sheet = Sheet(
        "作品", [["作品名称", "状态", "发布时间"], ["甲", "已删除", 46279], ["乙", "正常"], ["丙", "正常", "2026-12-30"]]
    )
    given = read_export([Sheet("说明", [["看下一张"]]), sheet], at=AT)
    (item,) = given.reading.items
    assert (item.deleted, item.posted.at) == (True, datetime(2026, 9, 14, 16, tzinfo=UTC))
    assert [p.place for p in given.problems] == ["作品 C3", "作品 C4"]


def test_a_row_that_names_nothing_is_told_by_row():
    sheet = Sheet("", [["链接", "时间"], ["ftp://x", "2026-09-01"]])
    assert read_export([sheet], at=AT).problems[0].place == "第2行"


def test_a_table_without_a_header_is_refused():
    with pytest.raises(UnusableInput, match="表头"):
        read_export([Sheet("", [["甲", "乙"]])], at=AT)
    with pytest.raises(UnusableInput, match="上传"):
        next(csv_export.read(SourceSpec(), at=AT))
