"""Tokens end to end over loopback, against a stand-in of the platform that keeps state."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from qiguan.collection.actions.credentials import authorise_wechat, revoke_credential
from qiguan.collection.actions.polls import poll_due
from qiguan.collection.actions.sources import add_source
from qiguan.collection.actions.tokens import LEASE
from qiguan.collection.actions.wechat_components import keep_component
from qiguan.collection.models import CoverageSpan, Credential, Post, Source, WechatComponent
from qiguan.core.errors import UnusableInput
from qiguan.jobs import clock
from qiguan.people.secrets import decrypt, encrypt
from tests.factories import make_account, make_town
from tests.wechat_stand_in import STATISTICS, WechatStandIn
from tests.wechat_third_party import Platform

pytestmark = pytest.mark.django_db
TOKEN_PATH = "/cgi-bin/component/api_authorizer_token"


@pytest.fixture
def town():
    return make_town()


@pytest.fixture
def wechat():
    with WechatStandIn() as wechat:
        wechat.publish("群发一篇", "次条", at=wechat.now - timedelta(days=3))
        wechat.third = Platform(wechat, sets={7}, refresh_tokens=["refresh-1"], tickets=[("ticket-1", wechat.now)])
        yield wechat


@pytest.fixture
def credential(town, wechat):
    third = wechat.third
    component = keep_component(
        organ=town.city, appid=third.appid, secret=third.secret, token=third.token, aes_key=third.aes_key, base=wechat.base,
        by=town.users["supervisor"], at=wechat.now,
    )  # fmt: skip
    WechatComponent.objects.update(ticket=encrypt("ticket-1"), ticket_at=wechat.now)
    given = {"authorizer_appid": wechat.appid, "refresh_token": "refresh-1"}
    return authorise_wechat(
        organ=town.commerce, title="统计权限", given=given, component=component, by=town.users["unit"], at=wechat.now
    )


def a_source(town, wechat, credential, name="南例商务"):
    return add_source(
        account=make_account(town.commerce, name),
        connector_code="wechat",
        url=wechat.base,
        credential=credential,
        by=None,
        at=wechat.now,
    )


@pytest.fixture
def source(town, wechat, credential):
    made = a_source(town, wechat, credential)
    Source.objects.update(settings={"days_back": 5})
    return made


def poll(wechat, at=None):
    Source.objects.update(next_at=clock.machine_now())
    return poll_due(at=at or wechat.now)


def test_the_official_interface_vouches_for_itself_to_the_end_of_yesterday(wechat, source):
    assert (source.complete, source.complete_said_by) == (True, "官方接口")
    assert poll(wechat) == {"new": 2, "ok": 1}
    span = CoverageSpan.objects.get()
    assert span.until < wechat.now
    assert span.until.isoformat().endswith("16:00:00+00:00")  # midnight in Shanghai
    assert wechat.calls.count(TOKEN_PATH) == 1


def test_nothing_secret_lies_open_in_the_database(wechat, source):
    poll(wechat)
    row = Credential.objects.values().get()
    token = wechat.issued["third"][-1].value
    assert decrypt(bytes(row["token"])) == token
    everything = repr(row) + repr(list(Source.objects.values())) + repr(list(WechatComponent.objects.values()))
    third = wechat.third
    secret = (
        token,
        *third.refresh_tokens,
        third.secret,
        third.token,
        third.aes_key,
        "ticket-1",
        wechat.issued["component"][-1].value,
    )
    assert all(word not in everything for word in secret)
    assert json.loads(decrypt(bytes(row["secret"])))["refresh_token"] == third.refresh_tokens[-1] != "refresh-1"


def test_many_sources_share_one_token_and_it_is_asked_for_once(town, wechat, credential, source):
    for n in range(4):
        a_source(town, wechat, credential, f"商务{n}")
    Source.objects.update(settings={"days_back": 3})
    assert poll(wechat)["ok"] == 5
    assert wechat.calls.count(TOKEN_PATH) == 1


@pytest.mark.parametrize("fault", ["voided", "expired"])
def test_a_refused_token_is_renewed_once_and_the_source_read_again(wechat, source, fault):
    poll(wechat)
    day = timedelta(days=1)
    if fault == "voided":  # 40001: somebody else asked for a newer one
        wechat.new_token("third")
        wechat.now += day
    else:  # 42001
        wechat.now += day
        Credential.objects.update(token_until=clock.machine_now() + day)
    wechat.third.tickets = [("ticket-1", wechat.now)]  # the platform's own token is renewed too, by the ticket of the moment
    wechat.publish("新的一篇", at=wechat.now - timedelta(hours=30))
    assert poll(wechat)["ok"] == 1
    assert wechat.calls.count(TOKEN_PATH) == 3  # one of them with the platform's own token of yesterday


def test_a_token_refused_again_is_told_and_not_asked_for_without_end(wechat, source, monkeypatch):
    monkeypatch.setattr(WechatStandIn, "_token_fault", lambda self, value: 40001)
    assert poll(wechat) == {"new": 0, "token_invalid": 1}
    assert wechat.calls.count(TOKEN_PATH) == 2


def test_a_used_up_quota_waits_until_the_platforms_midnight(wechat, source):
    wechat.quota = 0
    assert poll(wechat) == {"new": 0, "rate_limited": 1}
    source.refresh_from_db()
    assert source.next_at - clock.machine_now() >= timedelta(minutes=29)


def test_a_permission_not_granted_is_named(wechat, source):
    wechat.granted.discard(STATISTICS)
    assert poll(wechat) == {"new": 0, "unauthorised": 1}
    assert not CoverageSpan.objects.exists()


def test_a_void_authorisation_is_told_and_no_post_is_asked_for(wechat, source):
    wechat.third.refresh_tokens.append("another")
    assert poll(wechat) == {"new": 0, "unauthorised": 1}
    assert STATISTICS not in wechat.calls


def test_a_revoked_authorisation_is_used_no_more_and_leaves_nothing_to_steal(town, wechat, credential, source):
    poll(wechat)
    revoke_credential(credential=credential, by=town.users["unit"], at=wechat.now)
    calls = len(wechat.calls)
    assert poll(wechat) == {"new": 0, "token_invalid": 1}
    assert len(wechat.calls) == calls
    assert (bytes(credential.secret), bytes(credential.token), credential.token_until) == (b"", b"", None)


def test_only_the_holder_of_the_lease_asks_and_a_crashed_one_blocks_nobody_for_long(wechat, source, monkeypatch):
    monkeypatch.setattr("qiguan.collection.actions.tokens._LOOKS", 2)
    monkeypatch.setattr("qiguan.collection.actions.tokens._PAUSE", 0.01)
    Credential.objects.update(refresh_lease_until=clock.machine_now() + LEASE)
    assert poll(wechat) == {"new": 0, "token_invalid": 1}
    assert wechat.calls == []
    Credential.objects.update(refresh_lease_until=clock.machine_now() - timedelta(seconds=1))
    assert poll(wechat) == {"new": 2, "ok": 1}


def test_after_a_change_of_the_key_the_authorisation_must_be_given_anew(wechat, source, settings):
    settings.CREDENTIAL_KEY = "another-key"
    assert poll(wechat) == {"new": 0, "unauthorised": 1}


def test_an_authorisation_serves_only_its_own_organs_accounts(town, wechat, credential):
    with pytest.raises(UnusableInput, match="不是该账号主办单位"):
        add_source(
            account=make_account(town.audit, "东例审计"),
            connector_code="wechat",
            url=wechat.base,
            credential=credential,
            by=None,
            at=wechat.now,
        )
    assert not Post.objects.exists()
