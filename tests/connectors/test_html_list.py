"""List pages."""

from __future__ import annotations

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
