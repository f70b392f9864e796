"""Dates as Chinese sites and offices write them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.written_dates import SHANGHAI, Unreadable, parse_day, parse_posted

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai


@pytest.mark.parametrize(
    ("text", "local", "precision"),
    [
        ("Thu, 17 Jun 2021 13:21:36 +0800", "2021-06-17 13:21:36", "second"),
        ("Mon, 17 Jun 2021 13:21:36", "2021-06-17 13:21:36", "second"),  # wrong weekday, no zone: +08:00
        ("17 Jun 21 13:21 GMT", "2021-06-17 21:21:00", "minute"),
        ("Thu, 17 Jun 2021 01:21:36 EST", "2021-06-17 14:21:36", "second"),
        ("2021-06-17T05:21:36Z", "2021-06-17 13:21:36", "second"),
        ("2021-06-17T05:21:36.123+00:00", "2021-06-17 13:21:36", "second"),
        ("2024年1月5日 09:30", "2024-01-05 09:30:00", "minute"),
        ("2024年1月5日 下午3:05", "2024-01-05 15:05:00", "minute"),
        ("2020- 09- 30  10: 54", "2020-09-30 10:54:00", "minute"),
        ("2019/4/25 9:32:09", "2019-04-25 09:32:09", "second"),
        ("2020年7月28日", "2020-07-29 00:00:00", "day"),  # a day counts to its end
        ("20190506", "2019-05-07 00:00:00", "day"),
        ("20190506T101112", "2019-05-06 10:11:12", "second"),
        ("2020-01-01 24:00", "2020-01-02 00:00:00", "minute"),
        ("7月16日", "2026-07-17 00:00:00", "day"),
        ("12-30", "2025-12-31 00:00:00", "day"),  # the latest past one
        ("昨天 10:05", "2026-09-15 10:05:00", "minute"),
        ("前天", "2026-09-15 00:00:00", "day"),
        ("3小时前", "2026-09-16 07:00:00", "minute"),
        ("2天前", "2026-09-15 00:00:00", "day"),
        ("刚刚", "2026-09-16 10:00:00", "minute"),
        ("1623900000", "2021-06-17 11:20:00", "second"),
        ("1623900000000", "2021-06-17 11:20:00", "second"),
        ("２０１９年５月６日", "2019-05-07 00:00:00", "day"),
        ("２０２４年１月５日　０９：３０", "2024-01-05 09:30:00", "minute"),
        ("Thu, 17 Jun 2021 13:21:36 GMT", "2021-06-17 21:21:36", "second"),
        ("Thu, 17 Jun 2021 13:21:36 -0530", "2021-06-18 02:51:36", "second"),
        ("2021-06-17 13:21:36", "2021-06-17 13:21:36", "second"),
        ("2021-06-17 13:21:36.789", "2021-06-17 13:21:36", "second"),
        ("2021-06-17 13:21:36 +0800", "2021-06-17 13:21:36", "second"),
        ("2024年1月5日 上午12:05", "2024-01-05 00:05:00", "minute"),
        ("2024年1月5日 中午12:05", "2024-01-05 12:05:00", "minute"),
        ("2024年1月5日 中午1:05", "2024-01-05 13:05:00", "minute"),
        ("2024年1月5日 下午12:05", "2024-01-05 12:05:00", "minute"),
        ("2016-12-31T23:59:60Z", "2017-01-01 07:59:59", "second"),
    ],
)
def test_a_posts_time_is_read_as_it_is_meant(text, local, precision):
    posted = parse_posted(text, at=AT)
    assert posted is not None
    assert posted.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S") == local
    assert posted.precision == precision
    assert posted.raw == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "敬请期待",
        "2019年10月份",
        "2019-13-01",
        "99 Foo 2020",
        "2月30日",
        "Thu, 31 Feb 2021 10:00:00 +0800",
        "+99:99",
        "2024-01-05 25:00",
        "2024-01-05 24:30",
        "2024-01-05 10:00:75",
        "2020093010",
        "Thu, 17 Foo 2021 13:21:36 +0800",
        "0001-01-01T00:00:00+23:00",
        "2021-06-17T25:21:36Z",
    ],
)
def test_what_is_no_date_is_none_and_never_a_guess(text):
    assert parse_posted(text, at=AT) is None


@given(st.text(max_size=60))
def test_no_text_makes_it_raise(text):
    posted = parse_posted(text, at=AT)
    assert posted is None or posted.at.tzinfo is not None


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))
def test_iso_with_zone_is_read_back_exactly(moment):
    aware = moment.replace(tzinfo=UTC, microsecond=0)
    assert parse_posted(aware.isoformat(), at=AT).at == aware


@pytest.mark.parametrize(
    "value",
    [
        "2019.5.6",
        "2019年5月6日",
        "2019/5/6",
        "2019-05-06",
        "20190506",
        20190506,
        20190506.0,
        43591,
        43591.0,
        "43591",
        "２０１９．５．６",
        " 2019.5.6。",
        datetime(2019, 5, 6, 9),
        date(2019, 5, 6),
        "2019-05-06 00:00:00",
        "2019年5月6号",
        "2019。5。6",
        "2019年5月6日上午10时",
        "2019年5月6日 星期一 09:30",
        "二〇一九年五月六日",
    ],
)
def test_a_day_is_read_in_every_usual_form(value):
    assert parse_day(value) == date(2019, 5, 6)


def test_the_1904_calendar_of_old_workbooks_is_known():
    assert parse_day(42129, date1904=True) == date(2019, 5, 6)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026年9月31日", "九月没有31日"),
        ("2026-11-31", "十一月没有31日"),
        ("2026-13-01", "没有13月"),
        ("2019年5月", "只有月份"),
        ("19.5.6", "年份只有两位"),
        ("2019", "只有年份"),
        ("2019-05-06起", "读不出日期"),
        ("二〇一九年九月三十一日", "九月没有31日"),
        ("二〇一九年五月十十日", "没有109日"),
        ("2019年5月61日 10:00" + "长" * 3000, "没有61日"),
        ("去年", "读不出日期"),
        (7, "不是日期"),
        (True, "不是日期"),
        ("1066-01-01", "年份不像"),
    ],
)
def test_a_cell_that_is_no_day_says_what_is_wrong(value, words):
    problem = parse_day(value)
    assert isinstance(problem, Unreadable)
    assert words in problem.message
    assert problem.remedy


@pytest.mark.parametrize("value", [None, "", "-", "无", "不详"])
def test_an_empty_cell_is_no_problem(value):
    assert parse_day(value) is None


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_day_is_read_back_from_every_form(day):
    han = "〇一二三四五六七八九"

    def said(n):
        return (("" if n < 20 else han[n // 10]) + "十" if n > 9 else "") + ("" if n % 10 == 0 else han[n % 10])

    year = "".join(han[int(c)] for c in str(day.year))
    serial = (day - date(1899, 12, 30)).days
    for form in (f"{day:%Y.%m.%d}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日", serial, float(serial), str(serial)):
        assert parse_day(form) == day
    assert parse_day(f"{year}年{said(day.month)}月{said(day.day)}日") == day
    assert parse_posted(f"{day:%Y-%m-%d}", at=AT).at == datetime(day.year, day.month, day.day, 16, tzinfo=UTC)


def test_the_real_forms_are_read_or_refused_on_purpose(real_data):
    forms = json.loads((real_data / "platforms.json").read_text(encoding="utf-8"))["date_forms"]
    unread = {f for f in forms if parse_posted(f.split("(")[0], at=AT) is None}
    assert unread == {f for f in forms if f.startswith(("2022年第", "2019年10月份", "截至"))}
    assert AT - timedelta(days=70) < parse_posted("7月16日", at=AT).at < AT
