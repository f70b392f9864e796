"""Pushes: sealed by the stand-in as WeChat seals them, opened only when everything fits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from tests.wechat_stand_in import WechatStandIn
from tests.wechat_third_party import Platform

from qiguan.connectors.wechat_push import LARGEST, PushKeys, PushRefused, open_push, signature_of, usable_aes_key

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
OTHER_KEY = "ZZcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TICKET = (
    "<xml><AppId>wx1111111111111111</AppId><CreateTime>1789524000</CreateTime>"
    "<InfoType>component_verify_ticket</InfoType><ComponentVerifyTicket>ticket@@@1</ComponentVerifyTicket></xml>"
)


@pytest.fixture
def third():
    return Platform(WechatStandIn(now=AT))


def opened(third, query, body, *, at=AT, aes_keys=None, token=None):
    said = {k: v[0] for k, v in parse_qs(query).items()}
    keys = PushKeys(third.appid, third.token if token is None else token, aes_keys or (third.aes_key,))
    return open_push(body=body, query=said, keys=keys, at=at)


def refusal(*args, **more):
    with pytest.raises(PushRefused) as caught:
        opened(*args, **more)
    return caught.value.reason


def test_a_ticket_is_opened_and_never_shown(third):
    notice = opened(third, *third.sealed(TICKET, at=AT))
    assert (notice.kind, notice.ticket) == ("component_verify_ticket", "ticket@@@1")
    assert notice.created_at == datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
    assert "ticket@@@1" not in repr(notice)
    assert third.aes_key not in repr(PushKeys(third.appid, third.token, (third.aes_key,)))


def test_the_signature_is_the_documented_one():
    # printf 1409735669abcxyznoncetoken | sha1sum
    assert signature_of("token", "1409735669", "nonce", "abcxyz") == "bc641d33445db3113d63e6a743bb20fe40247860"


def test_a_wrong_signature_opens_nothing(third):
    query, body = third.sealed(TICKET, at=AT)
    assert refusal(third, query.replace("msg_signature=", "msg_signature=0"), body) == "signature"
    assert refusal(third, query, body, token="another") == "signature"
    assert refusal(third, query, body, token="") == "signature"
    assert refusal(third, query.replace("nonce=", "nonce=1"), body) == "signature"
    assert refusal(third, query, body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A")) == "signature"
    assert refusal(third, "", body) == "signature"
    assert refusal(third, query, b"<xml></xml>") == "signature"


@pytest.mark.parametrize("late", [timedelta(minutes=11), -timedelta(minutes=11)])
def test_an_old_or_future_push_is_refused(third, late):
    query, body = third.sealed(TICKET, at=AT)
    assert refusal(third, query, body, at=AT + late) == "window"
    assert opened(third, query, body, at=AT + late * 0.8).ticket


def test_the_key_before_a_change_still_opens(third):
    sealed = third.sealed(TICKET, at=AT)
    assert opened(third, *sealed, aes_keys=(OTHER_KEY, third.aes_key)).ticket
    assert refusal(third, *sealed, aes_keys=(OTHER_KEY,)) == "cipher"
    assert refusal(third, *sealed, aes_keys=("short",)) == "cipher"


def test_a_push_for_another_platform_is_refused(third):
    assert refusal(third, *third.sealed(TICKET, at=AT, appid="wx2222222222222222")) == "cipher"
    assert refusal(third, *third.sealed(TICKET.replace("wx1111", "wx2222"), at=AT)) == "content"
    assert refusal(third, *third.sealed(TICKET.replace("1789524000", "soon"), at=AT)) == "content"
    assert refusal(third, *third.sealed("not xml", at=AT)) == "xml"


def test_hostile_bodies_are_refused(third):
    query, _ = third.sealed(TICKET, at=AT)
    assert refusal(third, query, b"x" * (LARGEST + 1)) == "size"
    assert refusal(third, query, b"<xml>") == "xml"
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>'
    assert refusal(third, query, bomb) == "xml"
    assert refusal(third, *third.sealed(bomb.decode(), at=AT)) == "xml"


@pytest.mark.parametrize("encrypted", ["!!", "AAAA", "A" * 64])
def test_a_rightly_signed_text_that_is_no_cipher_is_refused(third, encrypted):
    stamp = str(int(AT.timestamp()))
    query = f"timestamp={stamp}&nonce=1&msg_signature={signature_of(third.token, stamp, '1', encrypted)}"
    assert refusal(third, query, f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()) == "cipher"


def test_only_43_letters_and_digits_are_a_key(third):
    assert usable_aes_key(third.aes_key)
    assert not usable_aes_key(third.aes_key[:-1])
    assert not usable_aes_key("!" * 43)
