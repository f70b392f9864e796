"""Tokens, against the stand-in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.connectors.driving import a_json, drive, over_loopback
from tests.wechat_stand_in import WechatStandIn

from qiguan.connectors.wechat_token import authorizer_token, stable_token
from qiguan.core.source import Outcome

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


@pytest.fixture
def platform():
    with WechatStandIn(now=AT) as standing:
        yield standing


def ask(platform: WechatStandIn, **changes):
    given = {"appid": platform.appid, "secret": platform.secret, "at": platform.now, "base": platform.base, **changes}
    return drive(stable_token(**given), over_loopback)


def test_a_valid_token_is_left_as_it_is_and_a_forced_one_voids_it(platform):
    first = ask(platform)
    assert ask(platform).value == first.value
    assert first.renew_at == AT + timedelta(seconds=7200 - 300)
    assert ask(platform, force=True).value != first.value
    assert platform.issued["stable"][0].void_at == AT


def test_a_token_near_its_end_is_renewed_with_both_good_for_a_while(platform):
    first = ask(platform)
    platform.now += timedelta(seconds=7000)
    assert ask(platform).value != first.value
    assert platform._token_fault(first.value) == 0
    platform.now += timedelta(minutes=6)
    assert platform._token_fault(first.value) == 40001


def test_forcing_is_bounded(platform):
    ask(platform)
    values = set()
    for _ in range(20):
        platform.now += timedelta(seconds=31)
        values.add(ask(platform, force=True).value)
    assert len(values) == 20
    platform.now += timedelta(seconds=31)
    assert ask(platform, force=True).outcome is Outcome.RATE_LIMITED


def test_a_wrong_secret_is_no_expired_token(platform):
    assert ask(platform, secret="x").outcome is Outcome.UNAUTHORISED
    assert ask(platform, appid="x").outcome is Outcome.UNAUTHORISED


def test_secrets_are_not_shown(platform):
    token = ask(platform)
    assert token.value not in repr(token)
    assert platform.secret not in repr(ask(platform, secret=platform.secret + "x"))


def test_a_third_party_renews_by_its_refresh_token(platform):
    given = {
        "component_appid": "c",
        "component_token": platform.new_token().value,
        "authorizer_appid": platform.appid,
        "at": AT,
        "base": platform.base,
    }
    token = drive(authorizer_token(refresh_token="refresh-1", **given), over_loopback)
    assert token.refresh == "refresh-1"
    assert platform._token_fault(token.value) == 0
    assert drive(authorizer_token(refresh_token="x", **given), over_loopback).outcome is Outcome.UNAUTHORISED


@pytest.mark.parametrize(
    "body", [{}, {"access_token": 3, "expires_in": 7200}, {"access_token": "", "expires_in": 7200}, {"access_token": "t"}]
)
def test_an_answer_without_a_token_is_malformed(body):
    assert drive(stable_token(appid="a", secret="s", at=AT), lambda _: a_json(body)).outcome is Outcome.MALFORMED
