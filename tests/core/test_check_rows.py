"""What people write into a check sheet."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from qiguan.core.cells import column_letters
from qiguan.core.check_rows import BEFORE_HEADER, EXPORT_HEADER, read_checks
from qiguan.core.days import day_of
from qiguan.core.errors import UnusableInput
from qiguan.core.facts import Said
from qiguan.core.sheet import Sheet

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
HEADER = list(EXPORT_HEADER)


def line(**cells):
    return [cells.get(word, "") for word in HEADER]


def read(*rows):
    return read_checks(Sheet("表", [["核查记录表"], HEADER, *rows]), at=AT)


def test_a_filled_line_is_read():
    (row,) = read(
        line(
            账号名称="南例商务",
            平台="公众号",
            账号ID="gh_1",
            结果="有发布",
            最新发布日期="2026.9.1",
            核查时间="2026-09-15 10:00",
            核查人="甲",
            留言功能="能用",
            菜单="不能用",
            截图="有",
        )
    ).rows
    assert (row.said, row.platform, row.hand, row.message_box, row.menu, row.proof) == (
        Said.NEWEST,
        "wechat_mp",
        "甲",
        True,
        False,
        True,
    )
    assert row.newest.at == datetime(2026, 9, 1, 16, tzinfo=UTC)
    assert row.at == datetime(2026, 9, 15, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("从未发布", Said.NEVER),
        ("搜不到", Said.NOT_FOUND),
        ("已冻结", Said.FROZEN),
        ("已注销", Said.CANCELLED),
        ("改名为示例文旅", Said.RENAMED),
        ("2026年9月1日", Said.NEWEST),
        ("", Said.NEWEST),
    ],
)
def test_the_result_may_be_a_word_or_a_day(word, said):
    reading = read(line(账号名称="甲", 结果=word, 最新发布日期="" if word else "2026-09-01"))
    assert reading.problems == []
    assert reading.rows[0].said is said
    if said is Said.RENAMED:
        assert reading.rows[0].new_name == "示例文旅"


def test_lines_nobody_filled_in_are_left_out():
    assert read(line(账号名称="甲"), line(结果="从未发布")).rows == []


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"结果": "不清楚"}, "写的是“不清楚”"),
        ({"结果": "有发布"}, "没有写最新发布日期"),
        ({"最新发布日期": "2026-09-31"}, "九月没有31日"),
        ({"最新发布日期": "2026-09-01", "核查时间": "上周"}, "读不出时间"),
        ({"最新发布日期": "2026-09-10", "核查时间": "2026-09-01"}, "晚于核查时间"),
        ({"最新发布日期": "2027-09-10"}, "晚于核查时间"),
        ({"最新发布日期": "2026-09-01", "核查时间": "2026-10-01"}, "在将来"),
        ({"最新发布日期": "去年"}, "读不出日期"),
        ({"最新发布日期": "无"}, "读不出日期"),
        ({"最新发布日期": 9.1}, "不是日期"),
        ({"结果": "从未发布", "最新发布日期": "2026-09-01"}, "从未发布，却写了"),
    ],
)
def test_a_line_that_cannot_be_right_is_named(cells, words):
    reading = read(line(账号名称="甲", **cells))
    assert reading.rows == []
    assert words in reading.problems[0].message
    assert reading.problems[0].row == 3


def test_a_sheet_without_its_header_is_refused():
    with pytest.raises(UnusableInput, match="表头"):
        read_checks(Sheet("表", [["a", "b"]]), at=AT)


def test_a_look_of_today_without_an_hour_was_before_now():
    rows = read(
        line(账号名称="甲", 结果="从未发布", 核查时间="2026-09-16"), line(账号名称="甲", 结果="从未发布", 核查时间="2026-09-15")
    ).rows
    assert [r.at for r in rows] == [AT, datetime(2026, 9, 15, 16, tzinfo=UTC)]


def test_cells_that_are_unclear_cost_only_themselves():
    reading = read(line(账号名称="'=甲", 平台="论坛", 结果="更名为：「示例文旅」", 留言功能="√", 菜单="偶尔", 截图="没有"))
    (row,) = reading.rows
    assert (row.name, row.platform, row.new_name, row.message_box, row.menu, row.proof) == (
        "=甲",
        "",
        "示例文旅",
        True,
        None,
        False,
    )
    assert [(p.field, p.fatal) for p in reading.problems] == [("platform", False), ("menu", False)]


def test_a_date_cell_or_a_serial_is_a_day_and_a_new_name_may_have_its_own_column():
    rows = read(
        line(账号名称="甲", 最新发布日期=46266.0),
        line(账号名称="乙", 最新发布日期=datetime(2026, 9, 1, 9, 30)),
        line(账号名称="丙", 结果="已改名", 新名称="示例文旅"),
    ).rows
    assert [r.newest.precision if r.newest else None for r in rows] == ["day", "second", None]
    assert rows[0].newest.at == datetime(2026, 9, 1, 16, tzinfo=UTC)
    assert rows[2].new_name == "示例文旅"


def test_a_row_shorter_than_its_header_is_read_as_far_as_it_goes():
    header = ["结果", "账号名称", "核查时间"]
    (row,) = read_checks(Sheet("表", [header, ["从未发布", "甲"]]), at=AT).rows
    assert (row.name, row.at) == ("甲", None)


@pytest.mark.parametrize("platform", ["小程序", "移动客户端"])
def test_an_app_that_works_needs_no_day(platform):
    reading = read(line(账号名称="南例通", 平台=platform, 结果="有发布", 菜单="能用"))
    (row,) = reading.rows
    assert (row.said, row.newest, row.menu, reading.problems) == (Said.NEWEST, None, True, [])


@pytest.mark.parametrize("platform", ["公众号", "", "说不清的平台"])
def test_what_is_read_needs_the_day_of_its_newest_post(platform):
    reading = read(line(账号名称="南例商务", 平台=platform, 结果="有发布"))
    assert reading.rows == []
    assert "没有写最新发布日期" in reading.problems[-1].message


def test_every_part_of_the_front_door_is_read_back_and_a_wrong_word_costs_only_its_cell():
    reading = read(line(账号名称="甲", 结果="从未发布", 服务链接="能用", 小程序="不能用", 电话="0791-88880000", 自动回复="没试"))
    (row,) = reading.rows
    assert row.window == {"service": True, "mini": False}
    (problem,) = reading.problems
    assert not problem.fatal
    assert f"{column_letters(HEADER.index('电话'))}列" in str(problem)
    assert "能用、不能用、没试" in str(problem)


@pytest.mark.parametrize(
    ("written", "said", "day"),
    [
        ("2026-09-10", Said.NEWEST, 10),
        ("没有", Said.NEVER, None),
        ("看不清", None, None),
        ("", None, None),
        ("不晓得", None, None),
    ],
)
def test_the_newest_post_before_a_check_point_has_a_column_of_its_own(written, said, day):
    filled = [*line(账号名称="南例商务", 结果="有发布", 最新发布日期="2026-09-15", 核查时间="2026-09-15 10:00"), written]
    found = read_checks(Sheet("表", [[*HEADER, BEFORE_HEADER], filled]), at=AT)
    (row,) = found.rows
    assert row.before_said == said
    assert (row.before and day_of(row.before.at).day) == day
    assert [p.message for p in found.problems] == (["写的是“不晓得”，读不出日期"] if written == "不晓得" else [])
