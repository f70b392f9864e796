"""A third-party platform's questions, against the stand-in; and that no token is ever sent to a path that writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.connectors.driving import a_json, drive, over_loopback
from tests.wechat_stand_in import WechatStandIn
from tests.wechat_third_party import Platform

from qiguan.connectors.wechat_answers import READING, asked
from qiguan.connectors.wechat_component import (
    authorizer_info,
    component_token,
    consent_links,
    granted_sets,
    pre_auth_code,
    query_auth,
    set_words,
)
from qiguan.core.source import Outcome

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


@pytest.fixture
def wechat():
    with WechatStandIn(now=AT) as standing:
        standing.third = Platform(standing, tickets=[("ticket-1", AT)])
        yield standing


def the_token(wechat, **changes):
    given = {"appid": wechat.third.appid, "secret": wechat.third.secret, "ticket": "ticket-1", "at": AT, "base": wechat.base}
    return drive(component_token(**(given | changes)), over_loopback)


def with_token(wechat, talk, **more):
    token = the_token(wechat).value
    return drive(talk(appid=wechat.third.appid, token=token, at=AT, base=wechat.base, **more), over_loopback)


def test_the_newest_ticket_gives_a_token_and_a_wrong_one_says_why(wechat):
    assert the_token(wechat).renew_at == AT + timedelta(seconds=7200 - 300)
    assert the_token(wechat, ticket="x").detail == "微信返回码61006（微信推送的票据不是最新的）"
    assert the_token(wechat, secret="x").detail == "微信返回码40125（AppSecret不对）"
    wechat.now += timedelta(hours=13)
    refused = the_token(wechat)
    assert (refused.outcome, "61005" in refused.detail) == (Outcome.UNAUTHORISED, True)


def test_a_code_becomes_tokens_once(wechat):
    code = with_token(wechat, pre_auth_code)
    assert code.until == AT + timedelta(seconds=1800)
    assert code.value not in repr(code)
    desk, _ = consent_links(appid=wechat.third.appid, code_value=code.value, back_to="http://x.invalid/b/")
    back = parse_qs(urlsplit(wechat.third.consent(desk, 7)).query)["auth_code"][0]
    grant = with_token(wechat, query_auth, auth_code=back)
    assert (grant.appid, grant.sets) == (wechat.appid, (7,))
    assert grant.token.refresh == wechat.third.refresh_tokens[-1]
    assert grant.token.refresh not in repr(grant)
    assert with_token(wechat, query_auth, auth_code=back).outcome is Outcome.UNAUTHORISED
    who = with_token(wechat, authorizer_info, authorizer_appid=wechat.appid)
    assert (who.user_name, who.nick_name) == ("gh_0123456789ab", "南例商务")


def test_a_void_component_token_is_told_as_such(wechat):
    for talk, more in ((pre_auth_code, {}), (query_auth, {"auth_code": "x"}), (authorizer_info, {"authorizer_appid": "x"})):
        answer = drive(talk(appid=wechat.third.appid, token="void", at=AT, base=wechat.base, **more), over_loopback)
        assert answer.outcome is Outcome.TOKEN_INVALID


@pytest.mark.parametrize(
    ("talk", "more", "body"),
    [
        (pre_auth_code, {}, {}),
        (pre_auth_code, {}, {"pre_auth_code": "", "expires_in": 600}),
        (pre_auth_code, {}, {"pre_auth_code": "p", "expires_in": "600"}),
        (query_auth, {"auth_code": "c"}, {}),
        (query_auth, {"auth_code": "c"}, {"authorization_info": {"authorizer_appid": 1, "func_info": []}}),
        (query_auth, {"auth_code": "c"}, {"authorization_info": {"authorizer_appid": "a"}}),
        (authorizer_info, {"authorizer_appid": "a"}, {"authorizer_info": []}),
        (authorizer_info, {"authorizer_appid": "a"}, {"authorizer_info": {"user_name": None}}),
    ],
)
def test_an_answer_of_another_shape_is_malformed(talk, more, body):
    assert drive(talk(appid="a", token="t", at=AT, **more), lambda _: a_json(body)).outcome is Outcome.MALFORMED


def test_an_account_without_interfaces_gives_no_tokens():
    body = {"authorization_info": {"authorizer_appid": "a", "func_info": []}}
    grant = drive(query_auth(appid="a", token="t", auth_code="c", at=AT), lambda _: a_json(body))
    assert (grant.sets, grant.token.value, grant.token.refresh) == ((), "", "")


def test_every_granted_set_counts_and_is_named():
    rows = [{"funcscope_category": {"id": n}} for n in (15, 7, 7)]
    assert granted_sets([*rows, "x", {}, {"funcscope_category": 3}, {"funcscope_category": {"id": "9"}}]) == (7, 15)
    assert set_words([7, 999]) == "群发与通知（7）、其他权限（999）"


def test_the_link_asks_for_the_statistics_alone_and_for_one_account_where_known():
    desk, phone = consent_links(appid="wxc", code_value="preauthcode@@@1", back_to="https://x.invalid/b/", account_appid="wxa")
    for link, host in ((desk, "mp.weixin.qq.com"), (phone, "open.weixin.qq.com")):
        parts = urlsplit(link)
        said = {k: v[0] for k, v in parse_qs(parts.query).items()}
        assert parts.hostname == host
        assert said["pre_auth_code"] == "preauthcode@@@1"
        assert (said["category_id_list"], said["auth_type"], said["biz_appid"]) == ("7", "1", "wxa")
        assert said["redirect_uri"] == "https://x.invalid/b/"
    assert phone.endswith("#wechat_redirect")
    assert "biz_appid" not in consent_links(appid="wxc", code_value="p", back_to="b")[0]


def test_a_token_is_never_sent_to_a_path_that_writes():
    for path in ("/cgi-bin/message/mass/sendall", "/cgi-bin/freepublish/submit", "/cgi-bin/draft/add", "/datacube/../x", ""):
        with pytest.raises(ValueError, match="reading"):
            asked("", path, "t", {})
    assert not [
        p for p in READING if any(word in p for word in ("mass", "submit", "add", "delete", "send", "custom", "template"))
    ]
