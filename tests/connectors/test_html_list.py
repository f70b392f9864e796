"""List pages."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from qiguan.connectors import html_list
from qiguan.core.errors import QiguanError
from qiguan.core.source import Outcome, Response, SourceSpec

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
PAGE = """<html><head><title>通知公告</title></head><body><ul class="nav"><li><a href="/">首页</a></li></ul>
<ul><li><a href="/a/1.html" title="关于停水的通知">关于停水…</a><span>2026-09-15</span></li><li><a href="2.html">用工信息 2026年9月1日</a></li><li><a href="javascript:x()">坏的</a></li></ul></body></html>"""


def test_rows_with_a_link_and_a_date_are_posts():
    reading = html_list.read_bytes(PAGE.encode(), at=AT, base="https://example.gov.cn/list/index.html")
    assert (reading.outcome, reading.name) == (Outcome.OK, "通知公告")
    assert [(i.title, i.url, i.posted.precision) for i in reading.items] == [
        ("关于停水的通知", "https://example.gov.cn/a/1.html", "day"),
        ("用工信息", "https://example.gov.cn/list/2.html", "day"),
    ]


def test_selectors_may_be_given():
    reading = html_list.read_bytes(
        b"<table><tr class=x><td><a href='/1'>t</a></td><td class=d>2026.9.1</td></tr></table>",
        at=AT,
        base="https://x.invalid/",
        selectors={"row": "tr.x", "date": ".d"},
    )
    assert reading.items[0].posted.at == datetime(2026, 9, 1, 16, tzinfo=UTC)
    with pytest.raises(QiguanError, match="选择器"):
        html_list.read_bytes(b"<p>x</p>", at=AT, selectors={"row": "[["})


def test_a_login_page_and_a_broken_page_are_named():
    assert html_list.read_bytes("<html>请先登录<input type=password></html>".encode(), at=AT).outcome is Outcome.LOGIN_PAGE
    assert html_list.read_bytes("<html><p>没有列表</p></html>".encode(), at=AT).outcome is Outcome.NOT_A_FEED
    assert (
        html_list.read_bytes(PAGE.replace("</html>", "").encode(), at=AT, base="https://x.invalid/").outcome is Outcome.TRUNCATED
    )


def test_the_conversation_asks_once():
    talk = html_list.read(SourceSpec("https://x.invalid/"), at=AT)
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send(Response(200, PAGE.encode("gb18030"), {}, "https://x.invalid/"))
    assert len(end.value.value.items) == 2


def test_a_failed_answer_is_an_outcome():
    talk = html_list.read(SourceSpec("https://x.invalid/"), at=AT)
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send(Response(404))
    assert end.value.value.outcome is Outcome.GONE


def test_rows_hold_dates_as_stamps_or_words_and_bad_ones_cost_only_themselves():
    page = """<html><ul><li>没有链接 2026-09-01</li><li><a href="/1">甲</a><time datetime="2026-09-15T10:00:00+08:00">昨天</time></li>
    <li><a href="http://[bad">乙</a> 9月14日</li><li><a href="/3"></a>2026-09-01</li><li><a href="/4">无日期</a></li></ul></html>"""
    items = html_list.read_bytes(page.encode(), at=AT, base="https://x.invalid/").items
    assert [(i.title, i.url) for i in items] == [("甲", "https://x.invalid/1"), ("乙", "")]
    assert items[0].posted.at == datetime(2026, 9, 15, 2, tzinfo=UTC)


def test_a_chosen_row_without_its_date_is_kept_without_one():
    page = b"<html><p class=r><a href='/1'>t</a></p></html>"
    (item,) = html_list.read_bytes(page, at=AT, base="https://x.invalid/", selectors={"row": ".r", "date": ".d"}).items
    assert item.posted is None


def test_a_page_of_endless_rows_is_bounded():
    page = "<html><ul>" + "<li>x</li>" * 6000 + "<li><a href='/1'>a</a>2026-09-01</li></ul></html>"
    assert html_list.read_bytes(page.encode(), at=AT, base="https://x.invalid/").outcome is Outcome.NOT_A_FEED


def test_one_lone_dated_link_is_no_list_but_proves_life():
    reading = html_list.read_bytes(
        b"<html><ul><li><a href='/1'>a</a>2026-09-01</li></ul></html>", at=AT, base="https://x.invalid/"
    )
    assert (reading.outcome, len(reading.items)) == (Outcome.NOT_A_FEED, 1)


def test_a_page_nested_beyond_reason_is_refused_before_it_is_parsed():
    before = time.process_time()
    assert html_list.read_bytes(b"<html>" + b"<div class=item>" * 200_000, at=AT).detail == "网页嵌套过深"
    assert html_list.read_bytes(b"<html>" + b"<p></div>" * 20_000, at=AT).detail == ""
    assert html_list.read_bytes(b"<html>" + b"<div></div>" * 20_000, at=AT).detail == ""
    assert time.process_time() - before < 5


def test_of_rows_within_rows_the_inner_one_is_the_row():
    page = "<html><table><tr><td><ul><li><a href='/1'>甲</a>2026-09-01</li><li><a href='/2'>乙</a>2026-09-02</li></ul></td></tr></table></html>"
    assert len(html_list.read_bytes(page.encode(), at=AT, base="https://x.invalid/").items) == 2
    deep = "<div>" * 150 + "<li><a href='/1'>甲</a>2026-09-01</li>" + "</div>" * 150
    assert html_list.read_bytes(f"<html>{deep}</html>".encode(), at=AT, base="https://x.invalid/").items == ()
