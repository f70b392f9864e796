"""The whole conversation over loopback HTTP, both ways: WeChat's stand-in pushes to us, we ask it, its administrator consents."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from qiguan.collection.actions.credentials import revoke_credential
from qiguan.collection.actions.polls import poll_due
from qiguan.collection.actions.wechat_authorising import begin_consent, finish_consent, finish_waiting, request_authorisation
from qiguan.collection.actions.wechat_components import keep_component, stop_component
from qiguan.collection.actions.wechat_notices import receive_push
from qiguan.collection.models import Credential, Source, WechatComponent, WechatPush, WechatRequest
from qiguan.collection.queries.wechat import component_for, grant_of
from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.jobs import clock
from qiguan.people.models import AuditEntry
from qiguan.people.secrets import decrypt
from tests.factories import make_account, make_town
from tests.wechat_stand_in import STATISTICS, WechatStandIn
from tests.wechat_third_party import Platform

pytestmark = pytest.mark.django_db(transaction=True)
COMPONENT_TOKEN = "/cgi-bin/component/api_component_token"


@pytest.fixture
def town():
    return make_town()


@pytest.fixture
def wechat():
    with WechatStandIn() as standing:
        standing.publish("群发一篇", at=standing.now - timedelta(days=3))
        standing.third = Platform(standing)
        yield standing


def keep(town, wechat, **changes):
    third = wechat.third
    given = {"appid": third.appid, "secret": third.secret, "token": third.token, "aes_key": third.aes_key, "base": wechat.base}
    return keep_component(organ=town.city, by=town.users["supervisor"], at=wechat.now, **(given | changes))


@pytest.fixture
def component(town, wechat, live_server):
    made = keep(town, wechat)
    wechat.third.push_url = f"{live_server.url}/wechat/{made.public_id}/events/"
    return made


@pytest.fixture
def account(town):
    return make_account(town.commerce, "南例商务", platform_id="gh_0123456789ab")


@pytest.fixture
def asked(town, wechat, component, account):
    assert wechat.third.push_ticket() == (200, "success")
    return request_authorisation(account=account, by=town.users["supervisor"], at=clock.now())


def consent_of(asked, back_to="http://testserver/back/"):
    asked.refresh_from_db()
    return begin_consent(request=WechatRequest.objects.get(pk=asked.pk), back_to=back_to, at=clock.now())


def code_in(address):
    return re.search(r"auth_code=([^&]+)", address)[1].replace("%40", "@")


def grant(wechat, asked, *sets):
    code = code_in(wechat.third.consent(consent_of(asked).desk, *(sets or (7,))))
    return finish_consent(request=asked, auth_code=code, at=clock.now())


def poll():
    Source.objects.update(next_at=clock.machine_now())
    return poll_due(at=clock.now())


def test_a_unit_authorises_by_link_and_its_posts_are_read(client, live_server, town, wechat, asked):
    link = f"/wechat/authorise/{asked.link_key}/"
    assert "请授权读取" in client.get(link).content.decode()
    assert wechat.calls == []  # a preview of the link asks for nothing
    page = client.post(link, headers={"host": urlsplit(live_server.url).netloc})
    desk = re.search(r'href="(https://mp\.weixin\.qq\.com/[^"]+)"', page.content.decode())[1].replace("&amp;", "&")
    assert page["Referrer-Policy"] == "origin"
    back = wechat.third.consent(desk, 7)
    assert back.startswith(live_server.url)
    answer = client.get(back.removeprefix(live_server.url))
    assert (answer.status_code, answer["Location"]) == (302, link)  # the code does not stay in the address
    assert "已授权，谢谢" in client.get(link).content.decode()
    asked.refresh_from_db()
    assert (asked.state, asked.credential.sets, asked.credential.organ) == ("granted", [7], town.commerce)
    Source.objects.update(settings={"days_back": 5})
    assert poll() == {"new": 1, "ok": 1}
    assert wechat.calls.count(COMPONENT_TOKEN) == 1


def test_the_newest_ticket_is_kept_encrypted_and_an_older_one_does_not_replace_it(wechat, component):
    third = wechat.third
    assert third.push_ticket()[0] == 200
    newest = third.tickets[-1][0]
    assert third.push_ticket(at=wechat.now - timedelta(minutes=5)) == (200, "success")
    component.refresh_from_db()
    assert decrypt(bytes(component.ticket)) == newest
    assert newest.encode() not in bytes(component.ticket)


def test_what_is_not_wechats_is_refused_in_one_shape_whatever_is_wrong(wechat, component, caplog):
    third, now = wechat.third, clock.machine_now()
    xml = f"<xml><AppId>{third.appid}</AppId><CreateTime>1</CreateTime><InfoType>x</InfoType></xml>"
    with caplog.at_level(logging.INFO):
        answers = {
            third.send(*third.sealed(xml, at=now, token="another")),
            third.send(*third.sealed(xml, at=now - timedelta(hours=1))),
            third.send(*third.sealed(xml, at=now, aes_key="ZZ" + third.aes_key[2:])),
            third.send(*third.sealed(xml.replace(third.appid, "wxother"), at=now)),
            third.send("", b"<xml>"),
            third.send("", b"x" * 70_000),
        }
        third.push_url = third.push_url.replace(component.public_id, "nobody")
        answers.add(third.send(*third.sealed(xml, at=now)))
    assert len(answers) == 1
    status, body = answers.pop()
    assert status == 400
    assert '"code": "refused"' in body
    assert third.token not in caplog.text
    assert not WechatPush.objects.exists()


def test_the_same_push_again_changes_nothing(wechat, asked):
    third = wechat.third
    grant(wechat, asked)
    assert third.withdraw() == (200, "success")
    withdrawn = third.sent[-1]
    assert grant_of(asked.account) is None
    again = request_authorisation(account=asked.account, by=None, at=clock.now())
    third.push_ticket()
    grant(wechat, again)
    assert third.send(*withdrawn) == (200, "success")
    assert grant_of(asked.account) is not None


def test_a_withdrawal_made_before_a_new_authorisation_does_not_revoke_it(wechat, asked):
    grant(wechat, asked)
    early = wechat.now - timedelta(minutes=5)
    wechat.third.push("unauthorized", at=early, AuthorizerAppid=wechat.appid)
    assert grant_of(asked.account) is not None


def test_a_withdrawal_at_the_unit_wipes_the_tokens_and_is_audited(wechat, asked):
    grant(wechat, asked)
    assert poll()["ok"] == 1
    wechat.third.withdraw()
    row = Credential.objects.get()
    assert (bytes(row.secret), bytes(row.token), row.revoked_at is None) == (b"", b"", False)
    assert AuditEntry.objects.filter(action="revoke_credential", by=None).count() == 1
    calls = len(wechat.calls)
    assert poll() == {"new": 0, "token_invalid": 1}
    assert len(wechat.calls) == calls


@pytest.mark.parametrize(
    ("sets", "words"),
    [((7, 11), "素材管理（11）"), ((1, 7, 15), "消息管理（1）、自定义菜单（15）"), ((11,), "素材管理（11）"), ((), "没有授予")],
)
def test_more_or_less_than_the_statistics_set_is_refused_and_explained(wechat, asked, sets, words):
    code = code_in(wechat.third.consent(consent_of(asked).desk, 7))
    wechat.third.sets = set(sets) or {7}
    if not sets:
        wechat.third._func_info = lambda: []
    done = finish_consent(request=asked, auth_code=code, at=clock.now())
    assert done.state == "refused"
    assert words in done.said
    assert not Credential.objects.exists()
    assert not Source.objects.exists()


def test_a_refused_administrator_may_try_again_by_the_same_link(wechat, asked):
    grant(wechat, asked, 7, 11)
    assert grant(wechat, asked).state == "granted"


def test_a_grant_that_grows_later_is_given_up(wechat, asked):
    grant(wechat, asked)
    assert wechat.third.change(7, 11) == (200, "success")
    assert finish_waiting(at=clock.now()) == 1
    asked.refresh_from_db()
    assert (asked.state, grant_of(asked.account)) == ("refused", None)
    assert bytes(Credential.objects.get().secret) == b""


def test_a_grant_that_stays_the_same_is_renewed(wechat, asked):
    grant(wechat, asked)
    wechat.third.change(7)
    finish_waiting(at=clock.now())
    assert grant_of(asked.account) is not None
    assert Credential.objects.filter(revoked_at=None).count() == 1
    assert poll()["ok"] == 1


def test_another_account_is_not_taken_for_the_asked_one(town, wechat, asked):
    wechat.third.user_name, wechat.third.nick_name = "gh_ffffffffffff", "别的账号"
    done = grant(wechat, asked)
    assert (done.state, "别的账号" in done.said) == ("refused", True)
    unknown = make_account(town.commerce, "只知道名字")
    second = request_authorisation(account=unknown, by=None, at=clock.now())
    wechat.third.nick_name = "只知道名字"
    assert grant(wechat, second).state == "granted"


def test_a_closed_page_costs_nothing_for_the_notice_brings_the_code_too(wechat, asked):
    wechat.third.consent(consent_of(asked).desk, 7, tell=True)
    assert finish_waiting(at=clock.now()) == 1
    assert grant_of(asked.account).sets == [7]
    assert finish_waiting(at=clock.now()) == 0


def test_the_code_that_comes_twice_is_exchanged_once(wechat, asked):
    code = code_in(wechat.third.consent(consent_of(asked).desk, 7, tell=True))
    finish_consent(request=asked, auth_code=code, at=clock.now())
    finish_waiting(at=clock.now())
    assert finish_consent(request=asked, auth_code=code, at=clock.now()).state == "granted"
    assert wechat.calls.count("/cgi-bin/component/api_query_auth") == 1


def test_a_code_that_wechat_could_not_take_now_is_tried_again(wechat, asked):
    code = code_in(wechat.third.consent(consent_of(asked).desk, 7))
    wechat.busy = True
    assert finish_consent(request=asked, auth_code=code, at=clock.now()).state == "open"
    wechat.busy = False
    finish_waiting(at=clock.now())
    assert grant_of(asked.account) is not None


def test_a_forged_code_gives_nothing(wechat, asked):
    done = finish_consent(request=asked, auth_code="forged", at=clock.now())
    assert (done.state, "61009" in done.said) == ("refused", True)
    with pytest.raises(UnusableInput):
        finish_consent(request=asked, auth_code="", at=clock.now())


def test_tokens_expire_and_the_refresh_token_is_replaced(wechat, asked):
    grant(wechat, asked)
    poll()
    first = list(wechat.third.refresh_tokens)
    wechat.now += timedelta(days=1)  # both tokens are past their end at WeChat, not by our clock
    wechat.third.push_ticket()  # its time is a day ahead: refused, so the stored ticket is the old one
    wechat.third.tickets[0] = (wechat.third.tickets[0][0], wechat.now)
    wechat.publish("新的一篇", at=wechat.now - timedelta(hours=30))
    Source.objects.update(next_at=clock.machine_now())
    assert poll_due(at=wechat.now)["ok"] == 1
    assert wechat.calls.count(COMPONENT_TOKEN) == 2
    assert len(wechat.third.refresh_tokens) == len(first) + 1
    assert wechat.third.refresh_tokens[-1] in decrypt(bytes(Credential.objects.get().secret))


def test_without_a_ticket_nothing_is_asked_and_the_reason_is_told(town, wechat, component, account):
    asked = request_authorisation(account=account, by=None, at=clock.now())
    with pytest.raises(QiguanError, match="component_verify_ticket"):
        consent_of(asked)
    assert wechat.calls == []


def test_one_code_serves_many_openings_of_the_page(wechat, asked):
    assert consent_of(asked) == consent_of(asked)
    assert wechat.calls.count("/cgi-bin/component/api_create_preauthcode") == 1


def test_an_expired_or_used_link_leads_nowhere(wechat, asked):
    with pytest.raises(UnusableInput, match="过期"):
        begin_consent(request=asked, back_to="x", at=clock.now() + timedelta(days=8))
    grant(wechat, asked)
    with pytest.raises(UnusableInput, match="用过"):
        consent_of(asked)


def test_the_old_aes_key_opens_pushes_after_a_change(town, wechat, component):
    keep(town, wechat, secret="", token="", aes_key="ZZ" + wechat.third.aes_key[2:])
    assert wechat.third.push_ticket()[0] == 200
    keep(town, wechat, secret="", token="", aes_key="YY" + wechat.third.aes_key[2:])
    assert wechat.third.push_ticket()[0] == 400


def test_a_component_is_checked_and_its_secrets_are_in_no_error(town, wechat):
    for field in ("appid", "secret", "token", "aes_key"):
        with pytest.raises(UnusableInput) as caught:
            keep(town, wechat, **{field: "不对的值x"})
        assert "不对的值x" not in str(caught.value)
    with pytest.raises(NotPermitted):
        keep_component(organ=town.city, appid=wechat.third.appid, by=town.users["east"], at=wechat.now)
    with pytest.raises(UnusableInput):
        keep(town, wechat, base="https://evil.example/")
    assert not WechatComponent.objects.exists()


def test_stopping_wipes_everything_and_revokes_all(town, wechat, component, asked):
    grant(wechat, asked)
    with pytest.raises(QiguanError, match="还有账号授权"):
        keep(town, wechat, appid="wx2222222222222222")
    assert stop_component(component=component, by=town.users["supervisor"], at=clock.now()) == 1
    assert (bytes(component.secret), bytes(component.ticket), bytes(component.token)) == (b"", b"", b"")
    assert component_for(asked.account) is None
    assert wechat.third.push_ticket()[0] == 400
    assert poll() == {"new": 0, "token_invalid": 1}


def test_the_nearest_platform_above_an_account_serves_it(town, wechat, component, account):
    near = keep_component(
        organ=town.south,
        appid="wx3333333333333333",
        secret="s" * 32,
        token="abc",
        aes_key=wechat.third.aes_key,
        by=None,
        at=clock.now(),
    )
    assert component_for(account) == near
    assert component_for(make_account(town.audit, "东例审计")) == component


def test_nothing_secret_is_in_a_page_a_log_or_an_audit_row(town, wechat, asked, account, caplog):
    with caplog.at_level(logging.DEBUG):
        grant(wechat, asked)
        poll()
    client, seen = Client(), ""
    client.force_login(town.users["supervisor"])
    for address in ("/office/sources/wechat/", f"/office/sources/authorise/{account.public_id}/", "/office/sources/keys/"):
        answer = client.get(address)
        assert answer.status_code == 200
        seen += answer.content.decode()
    seen += caplog.text + repr(list(AuditEntry.objects.values())) + repr(list(WechatRequest.objects.values()))
    seen += repr(list(WechatComponent.objects.values())) + repr(list(Credential.objects.values()))
    third = wechat.third
    tokens = [t.value for kind in wechat.issued.values() for t in kind]
    secret = [third.secret, third.token, third.aes_key, *third.refresh_tokens, *tokens, *(t for t, _ in third.tickets)]
    assert [word for word in secret if word in seen] == []
    assert "群发与通知（7）" in seen


def test_the_supervisor_sets_up_asks_and_revokes_by_page(client, town, wechat, account):
    client.force_login(town.users["supervisor"])
    third = wechat.third
    said = {
        "organ": town.city.public_id,
        "appid": third.appid,
        "secret": third.secret,
        "token": third.token,
        "aes_key": third.aes_key,
    }
    bad = client.post("/office/sources/wechat/", said | {"aes_key": "short", "do": "keep"})
    assert (bad.status_code, third.secret in bad.content.decode()) == (400, False)
    assert client.post("/office/sources/wechat/", said | {"do": "keep"}).status_code == 302
    page = client.get("/office/sources/wechat/").content.decode()
    assert f"/wechat/{WechatComponent.objects.get().public_id}/events/" in page
    assert third.secret not in page
    where = f"/office/sources/authorise/{account.public_id}/"
    client.post(where, {"do": "request"})
    asked = WechatRequest.objects.get()
    assert asked.link_key in client.get(where).content.decode()
    WechatComponent.objects.update(base=wechat.base)
    third.tickets.append(("ticket-1", wechat.now))
    xml = f"<xml><AppId>{third.appid}</AppId><CreateTime>{int(wechat.now.timestamp())}</CreateTime><InfoType>component_verify_ticket</InfoType><ComponentVerifyTicket>ticket-1</ComponentVerifyTicket></xml>"
    query, body = third.sealed(xml, at=wechat.now)
    signed = {k: v[0] for k, v in parse_qs(query).items()}
    receive_push(component=WechatComponent.objects.get(), body=body, query=signed, at=clock.machine_now())
    grant(wechat, asked)
    assert "撤销授权" in client.get(where).content.decode()
    client.post(where, {"do": "revoke"})
    assert grant_of(account) is None
    assert "授权后已撤销" in client.get(where).content.decode()
    assert (
        f"/office/sources/authorise/{account.public_id}/" in client.get(f"/office/accounts/{account.public_id}/").content.decode()
    )
    stop = {"organ": town.city.public_id, "do": "stop"}
    assert "不能恢复" in client.post("/office/sources/wechat/", stop).content.decode()
    assert bytes(WechatComponent.objects.get().secret) != b""
    client.post("/office/sources/wechat/", stop | {"confirmed": "1"})
    assert bytes(WechatComponent.objects.get().secret) == b""


def test_foreign_and_narrow_roles_neither_see_nor_set_up(client, town, wechat, asked, account):
    where = f"/office/sources/authorise/{account.public_id}/"
    client.force_login(town.users["east"])
    assert client.get(where).status_code == 404
    assert client.post("/office/sources/wechat/", {"organ": town.city.public_id, "do": "stop"}).status_code == 404
    client.force_login(town.users["unit"])
    assert client.get("/office/sources/wechat/").status_code == 403
    assert client.get(where).status_code == 200
    with pytest.raises(NotPermitted):
        revoke_credential(credential=grant(wechat, asked).credential, by=town.users["east"], at=clock.now())


def test_messages_of_citizens_are_answered_and_not_read(client, component):
    answer = client.post(f"/wechat/{component.public_id}/messages/wx1/", b"<xml>secret</xml>", content_type="text/xml")
    assert (answer.status_code, answer.content) == (200, b"success")


def test_the_statistics_are_all_that_the_token_was_used_for(wechat, asked):
    grant(wechat, asked)
    poll()
    assert {c for c in wechat.calls if not c.startswith("/cgi-bin/component/")} == {STATISTICS}


def test_only_one_process_renews_the_platforms_token(wechat, asked, monkeypatch):
    monkeypatch.setattr("qiguan.collection.actions.component_tokens._LOOKS", 2)
    monkeypatch.setattr("qiguan.collection.actions.component_tokens._PAUSE", 0.01)
    WechatComponent.objects.update(refresh_lease_until=clock.machine_now() + timedelta(seconds=60))
    with pytest.raises(QiguanError, match="另一个进程"):
        consent_of(asked)
    assert wechat.calls == []
    WechatComponent.objects.update(refresh_lease_until=clock.machine_now() - timedelta(seconds=1))
    assert consent_of(asked).desk


def test_a_void_platform_token_is_renewed_and_the_question_put_again(wechat, asked):
    consent_of(asked)
    WechatRequest.objects.update(pre_auth_until=None)
    wechat.new_token("component")  # somebody else asked for a newer one
    assert consent_of(asked).desk
    assert wechat.calls.count(COMPONENT_TOKEN) == 2


def test_after_a_change_of_the_outer_key_the_platform_must_be_filled_in_anew(wechat, asked, settings):
    settings.CREDENTIAL_KEY = "another-key"
    with pytest.raises(QiguanError, match="重新填写"):
        consent_of(asked)
    assert wechat.third.push_ticket()[0] == 400
