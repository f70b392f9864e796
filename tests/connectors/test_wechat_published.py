"""The list of un-pushed posts, against the stand-in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.driving import a_json, drive, over_loopback
from tests.wechat_stand_in import WechatStandIn

from qiguan.connectors import wechat, wechat_published
from qiguan.core.source import Outcome, SourceSpec

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


@pytest.fixture
def platform():
    with WechatStandIn(now=AT) as standing:
        yield standing


@pytest.fixture
def spec(platform: WechatStandIn) -> SourceSpec:
    return SourceSpec(platform.base, token=platform.new_token().value)


def read(spec: SourceSpec):
    return drive(wechat_published.read(spec, at=AT), over_loopback)


def test_unpushed_posts_are_read_over_pages_and_pushed_ones_are_not_seen(platform, spec):
    for n in range(45):
        platform.publish(f"第{n}篇", at=AT - timedelta(hours=n), pushed=False)
    platform.publish("群发的", at=AT)
    reading = read(spec)
    assert (reading.outcome, len(reading.items), len(platform.calls)) == (Outcome.OK, 45, 3)
    assert {i.pushed for i in reading.items} == {False}
    assert "不含" in wechat_published.title
    assert not wechat_published.official


def test_only_what_is_new_is_paged_through(platform, spec):
    for n in range(100):
        platform.publish(f"第{n}篇", at=AT - timedelta(days=n), pushed=False)
    read(replace(spec, since=AT - timedelta(days=2)))
    assert len(platform.calls) == 1


def test_it_names_a_post_as_the_statistics_do(platform, spec):
    platform.publish("甲", "乙", at=AT - timedelta(days=1), pushed=False)
    ours = read(spec).items
    theirs = drive(wechat.read(replace(spec, since=AT - timedelta(days=2)), at=AT), over_loopback).items
    assert [(i.key, i.source_id) for i in ours] == [(i.key, i.source_id) for i in theirs]
    assert ours[0].posted.precision == "second"


def test_a_deleted_post_is_marked_and_kept(platform, spec):
    platform.publish("甲", at=AT, pushed=False)[0].deleted = True
    assert [i.deleted for i in read(spec).items] == [True]


def test_no_posts_prove_nothing(platform, spec):
    reading = read(spec)
    assert (reading.outcome, reading.items) == (Outcome.OK, ())


def test_a_refusal_keeps_what_the_pages_before_it_told(platform, spec):
    for n in range(30):
        platform.publish(f"第{n}篇", at=AT - timedelta(hours=n), pushed=False)
    platform.quota = 1
    reading = read(spec)
    assert (reading.outcome, len(reading.items)) == (Outcome.RATE_LIMITED, 20)


def test_messages_of_another_shape_are_counted_and_passed_over():
    bad = [
        3, {"content": []}, {"content": {"news_item": [1]}},
        {"article_id": "a", "update_time": True, "content": {"news_item": [{"title": "无时间", "url": "http://[::1"}]}},
    ]  # fmt: skip
    reading = drive(wechat_published.read(SourceSpec(), at=AT), lambda _: a_json({"item": bad}))
    assert (reading.dropped, len(reading.items)) == (3, 1)
    assert (reading.items[0].key, reading.items[0].posted) == ("id:a_1", None)
    assert drive(wechat_published.read(SourceSpec(), at=AT), lambda _: a_json({})).items == ()
