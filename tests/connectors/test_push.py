"""The push interface's body."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.connectors.driving import a_json, drive

from qiguan.connectors import push, wechat
from qiguan.connectors.push import push_body, read_push
from qiguan.core.errors import UnusableInput
from qiguan.core.source import Outcome, SourceSpec

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
GOOD = {"title": "通知", "link": "https://x.invalid/1?utm_source=a", "time": "2026-09-15 10:00", "id": 7}


def test_good_posts_are_taken_and_each_bad_one_is_told():
    bad = [
        3,
        {},
        {**GOOD, "time": "?"},
        {**GOOD, "link": "javascript:x"},
        {**GOOD, "time": "2027-01-01"},
        {"time": "2026-09-15"},
        {**GOOD, "time": True},
    ]
    given = read_push([GOOD, *bad], at=AT)
    (item,) = given.reading.items
    assert (item.key, item.source_id, item.posted.at) == ("x.invalid/1", "7", datetime(2026, 9, 15, 2, tzinfo=UTC))
    assert [p.place for p in given.problems] == [f"第{n}篇" for n in range(2, 9)]
    assert [p.message for p in given.problems] == [
        "不是一篇的样子", "没有写发布时间，或读不出来", "没有写发布时间，或读不出来", "链接不是http或https地址", "发布时间在将来", "标题、链接和编号都没有", "没有写发布时间，或读不出来",
    ]  # fmt: skip
    assert (given.reading.outcome, given.reading.dropped) == (Outcome.OK, 7)
    assert given.reading.covers_until == item.posted.at


def test_a_sender_may_vouch_for_a_span():
    frame = {
        "posts": [{**GOOD, "pushed": False, "deleted": True}],
        "name": "示例发布",
        "covers_from": "2026-09-01",
        "covers_until": "2026-09-16T00:00:00+08:00",
    }
    reading = read_push(frame, at=AT).reading
    assert (reading.name, reading.covers_until) == ("示例发布", datetime(2026, 9, 15, 16, tzinfo=UTC))
    assert (reading.items[0].pushed, reading.items[0].deleted) == (False, True)


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "x",
        {"items": []},
        [GOOD] * 2001,
        {"posts": [], "covers_from": "2026-09-01"},
        {"posts": [], "covers_from": "2026-09-10", "covers_until": "2026-09-01"},
        {"posts": [], "covers_from": "2026-09-01", "covers_until": "2026-12-01"},
    ],
)
def test_a_body_that_cannot_be_used_is_refused_as_a_whole(payload):
    with pytest.raises(UnusableInput) as refused:
        read_push(payload, at=AT)
    assert refused.value.remedy


def test_what_the_unit_read_comes_out_as_it_went_in():
    row = {
        "ref_date": "2026-09-14",
        "msgid": "22_1",
        "publish_type": 1,
        "title": "甲",
        "content_url": "http://mp.weixin.qq.com/s?__biz=A&mid=22&idx=1&sn=b",
    }
    spec = SourceSpec(since=datetime(2026, 9, 13, 16, tzinfo=UTC))
    read = drive(
        wechat.read(spec, at=AT),
        lambda r: a_json({"list": [row] if r.json["begin_date"] == "2026-09-14" else [], "is_delay": False}),
    )
    again = read_push(json.loads(push_body(read)), at=AT)
    assert again.problems == ()
    assert again.reading.items == read.items
    assert (again.reading.covers_from, again.reading.covers_until) == (read.covers_from, read.covers_until)


def test_a_post_to_the_second_and_deleted_goes_over_too():
    given = read_push([{**GOOD, "time": "2026-09-15T10:00:01+08:00", "deleted": True}], at=AT)
    again = read_push(json.loads(push_body(given.reading)), at=AT).reading.items[0]
    assert (again.posted.at, again.deleted) == (given.reading.items[0].posted.at, True)


def test_it_is_never_fetched():
    with pytest.raises(UnusableInput, match="推送"):
        next(push.read(SourceSpec(), at=AT))


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20), lambda x: st.lists(x, max_size=4) | st.dictionaries(st.sampled_from(["posts", "title", "link", "time", "id", "covers_from"]), x, max_size=5), max_leaves=20)  # fmt: skip


@given(JSON)
def test_no_body_makes_it_fail_otherwise(payload):
    with suppress(UnusableInput):
        read_push(payload, at=AT)
