"""WeChat statistics against a stand-in that keeps state."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.connectors.driving import a_json, drive, over_loopback
from tests.wechat_stand_in import STATISTICS, WechatStandIn

from qiguan.connectors import wechat
from qiguan.connectors.wechat_token import Token, stable_token
from qiguan.core.errors import UnusableInput
from qiguan.core.source import Outcome, Response, SourceSpec

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
SINCE = datetime(2026, 9, 12, 16, 0, tzinfo=UTC)  # covered to the end of the 12th


def day(n: int, hour: int = 10) -> datetime:
    return datetime(2026, 9, n, hour - 8, tzinfo=UTC)


@pytest.fixture
def platform():
    with WechatStandIn(now=AT) as standing:
        yield standing


@pytest.fixture
def spec(platform: WechatStandIn) -> SourceSpec:
    return SourceSpec(platform.base, token=platform.new_token().value, since=SINCE)


def read(spec: SourceSpec, at: datetime = AT):
    return drive(wechat.read(spec, at=at), over_loopback)


def test_pushed_and_unpushed_posts_up_to_yesterday_are_read(platform, spec):
    platform.publish("甲", "乙", at=day(13))
    platform.publish("丙", at=day(15), pushed=False)
    platform.publish("今天的", at=day(16, 9))
    reading = read(spec)
    assert reading.outcome is Outcome.OK
    assert [(i.title, i.pushed, i.source_id) for i in reading.items] == [
        ("甲", True, "2247480001_1"),
        ("乙", True, "2247480001_2"),
        ("丙", False, "2247480002_1"),
    ]
    assert reading.items[0].key == "mp.weixin.qq.com/s?__biz=MzA5OTk5OTk5OQ%3D%3D&idx=1&mid=2247480001&sn=sn22474800011"
    assert reading.items[0].posted.precision == "day"
    assert (reading.covers_from, reading.covers_until) == (SINCE, datetime(2026, 9, 15, 16, tzinfo=UTC))
    assert not reading.whole
    assert platform.calls == [STATISTICS] * 3


def test_a_window_without_posts_is_covered_but_never_empty_of_all_time(platform, spec):
    reading = read(spec)
    assert (reading.outcome, reading.items) == (Outcome.OK, ())
    assert (reading.covers_from, reading.covers_until) == (SINCE, datetime(2026, 9, 15, 16, tzinfo=UTC))


def test_what_was_read_is_not_asked_again(platform, spec):
    reading = read(replace(spec, since=datetime(2026, 9, 15, 16, tzinfo=UTC)))
    assert (reading.outcome, reading.covers_until) == (Outcome.NOT_MODIFIED, datetime(2026, 9, 15, 16, tzinfo=UTC))
    assert platform.calls == []


def test_a_first_look_goes_back_a_hundred_days_in_two_conversations(platform, spec):
    first = read(replace(spec, since=None))
    assert len(platform.calls) == wechat.DAYS_AT_ONCE
    assert first.covers_from == datetime(2026, 6, 7, 16, tzinfo=UTC)
    second = read(replace(spec, since=first.covers_until))
    assert second.covers_from == first.covers_until
    assert second.covers_until == datetime(2026, 9, 15, 16, tzinfo=UTC)


def test_days_before_the_data_begin_are_not_vouched_for(platform, spec):
    platform.now = at = datetime(2025, 11, 4, 2, tzinfo=UTC)
    reading = read(replace(spec, since=None, settings={"days_back": 365}, token=platform.new_token().value), at)
    assert reading.covers_from == datetime(2025, 10, 31, 16, tzinfo=UTC)
    assert len(platform.calls) == 3
    assert (
        read(replace(spec, since=None, settings={"days_back": "x"}, token=platform.new_token().value), at).outcome is Outcome.OK
    )


def test_a_delayed_day_is_not_covered(platform, spec):
    platform.publish("甲", at=day(13))
    platform.late.add(date(2026, 9, 15))
    reading = read(spec)
    assert reading.covers_until == datetime(2026, 9, 14, 16, tzinfo=UTC)
    assert "还没有出齐" in reading.detail
    assert [i.title for i in reading.items] == ["甲"]


@pytest.mark.parametrize("kind", ["expired", "replaced", "nonsense", "none"])
def test_a_void_token_is_told_so_that_one_refresher_mends_it(platform, spec, kind):
    if kind == "expired":
        platform.now += timedelta(hours=3)
    elif kind == "replaced":
        platform.new_token()
    else:
        spec = replace(spec, token="x y&z" if kind == "nonsense" else "")
    assert read(spec).outcome is Outcome.TOKEN_INVALID
    token = drive(stable_token(appid=platform.appid, secret=platform.secret, at=platform.now, base=platform.base), over_loopback)
    assert isinstance(token, Token)
    assert read(replace(spec, token=token.value)).outcome is Outcome.OK


def test_a_token_voided_half_way_is_told_and_all_is_asked_again(platform, spec):
    platform.publish("甲", at=day(13))

    def then_void(request):
        answer = over_loopback(request)
        platform.new_token()
        return answer

    assert drive(wechat.read(spec, at=AT), then_void).outcome is Outcome.TOKEN_INVALID


def test_a_quota_used_up_half_way_keeps_the_days_already_told(platform, spec):
    platform.publish("甲", at=day(13))
    platform.quota = 2
    reading = read(spec)
    assert (reading.outcome, len(reading.items)) == (Outcome.OK, 1)
    assert reading.covers_until == datetime(2026, 9, 14, 16, tzinfo=UTC)
    assert "45009" in reading.detail
    refused = read(spec)
    assert refused.outcome is Outcome.RATE_LIMITED
    assert refused.retry_after == 14 * 3600 + 300  # five past midnight in Shanghai
    platform.now += timedelta(days=1)
    assert read(replace(spec, token=platform.new_token().value)).outcome is Outcome.OK


def test_an_interface_that_was_not_granted_is_named(platform, spec):
    platform.granted.clear()
    reading = read(spec)
    assert (reading.outcome, reading.detail) == (Outcome.UNAUTHORISED, "微信返回码48001")


def test_a_busy_platform_is_asked_later(platform, spec):
    platform.busy = True
    assert read(spec).outcome is Outcome.SERVER_ERROR


def test_a_row_that_cannot_be_read_stops_the_vouching_at_its_day():
    rows = [{"ref_date": "x", "msgid": "1_1", "title": "无日期", "publish_type": True}, {}, 3]
    reading = drive(wechat.read(SourceSpec(since=SINCE), at=AT), lambda _: a_json({"list": rows}))
    assert (reading.dropped, reading.covers_until) == (2, SINCE)
    (item,) = reading.items
    assert (item.key, item.posted.raw, item.pushed) == ("id:1_1", "2026-09-13", False)
    missing = drive(wechat.read(SourceSpec(since=SINCE), at=AT), lambda _: a_json({"is_delay": False}))
    assert missing.covers_until == SINCE


def test_a_token_is_sent_to_the_platform_and_to_nobody_else():
    talk = wechat.read(SourceSpec(token="t/?", since=SINCE), at=AT)
    request = next(talk)
    assert request.url == "https://api.weixin.qq.com/datacube/getarticletotaldetail?access_token=t%2F%3F"
    assert request.json == {"begin_date": "2026-09-13", "end_date": "2026-09-13"}
    assert not request.conditional
    for bad in (
        "https://example.org",
        "http://api.weixin.qq.com",
        "https://api.weixin.qq.com:8443",
        "https://api.weixin.qq.com@evil.example",
        "http://[::1",
    ):
        with pytest.raises(UnusableInput, match="不是微信的"):
            next(wechat.read(SourceSpec(bad, token="t", since=SINCE), at=AT))


def test_http_failures_are_outcomes():
    assert drive(wechat.read(SourceSpec(since=SINCE), at=AT), lambda _: Response(502)).outcome is Outcome.SERVER_ERROR
