"""The whole path on the pages, without a script: write, code, routed, answered, read, 是/部分/否, reopened once."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from qiguan.dialogue import public_track
from qiguan.dialogue.models import Message
from qiguan.intake.actions.allow import Rate
from qiguan.jobs import clock
from tests.dialogue.conftest import write
from tests.factories import AT

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)


def form_key(page) -> str:
    return re.search(r'name="key" value="([^"]+)"', page.content.decode())[1]


def text_of(answer) -> str:
    return answer.content.decode()


def test_a_citizen_writes_and_reads_the_answer_by_code(client, desk_town):
    account = desk_town.account.public_id
    page = client.get(f"/ask/write/?account={account}")
    said = {"account": account, "kind": "enquiry", "text": "消费券过期了还能补领吗？", "key": form_key(page)}
    looked = client.post("/ask/write/", {**said, "do": "look"})
    assert "2026年9月22日前" in text_of(looked)  # five working days, Sunday the 20th is worked
    assert "周日9月20日调休上班，计入" in text_of(looked)
    assert not Message.objects.exists()
    sent = client.post("/ask/write/", {**said, "do": "send"})
    assert "no-store" in sent["Cache-Control"]
    assert "noindex" in sent["X-Robots-Tag"]
    assert sent["Referrer-Policy"] == "no-referrer"
    code = re.search(r'class="num"><span class="id">([^<]+)', text_of(sent))[1]
    message = Message.objects.get()
    assert message.handler == desk_town.commerce
    assert message.due_on == date(2026, 9, 22)
    assert code.replace("-", "") not in {message.tracking, message.spoken, message.public_id}

    client.force_login(desk_town.users["unit"])
    assert "消费券过期了还能补领吗" in text_of(client.get("/office/messages/"))
    done = client.post(f"/office/messages/{message.public_id}/", {"do": "reply", "text": "可以，九月三十日前在原平台补领。"})
    assert done.status_code == 302
    client.logout()

    read = client.post("/ask/track/", {"code": code.lower()})
    assert "九月三十日前在原平台补领" in text_of(read)
    marked = client.post("/ask/track/", {"code": code, "do": "mark", "mark": "no"})
    assert "再开一次" in text_of(marked)
    again = client.post("/ask/track/", {"code": code, "do": "reopen", "words": "原平台打不开"})
    assert "已再开一次" in text_of(again)
    message.refresh_from_db()
    assert (message.state, message.mark) == ("open", "no")
    client.force_login(desk_town.users["unit"])
    client.post(f"/office/messages/{message.public_id}/", {"do": "reply", "text": "平台已修好，请再试。"})
    client.logout()
    twice = client.post("/ask/track/", {"code": code, "do": "reopen", "words": "还是打不开"})
    assert twice.status_code == 400
    assert "只能再开一次" in text_of(twice)


def test_a_form_sent_again_is_the_same_message_with_the_same_code(client, desk_town):
    page = client.get(f"/ask/write/?organ={desk_town.commerce.public_id}")
    said = {
        "organ": desk_town.commerce.public_id,
        "kind": "help",
        "text": "门口的路灯坏了三天了",
        "key": form_key(page),
        "do": "send",
    }
    first, second = client.post("/ask/write/", said), client.post("/ask/write/", said)
    codes = [re.search(r'class="num"><span class="id">([^<]+)', text_of(a))[1] for a in (first, second)]
    assert codes[0] == codes[1]
    assert Message.objects.count() == 1


def test_codes_cannot_be_tried_out(client, desk_town, monkeypatch):
    monkeypatch.setattr(public_track, "OF_VISITOR", Rate(10, timedelta(hours=1)))
    for _ in range(10):
        assert client.post("/ask/track/", {"code": "AAAA-BBBB-CCCC-DDDD"}).status_code == 404
    answer = client.post("/ask/track/", {"code": "AAAA-BBBB-CCCC-DDDD"})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


def test_the_telephone_code_opens_nothing_for_a_citizen(client, desk_town):
    sent = write(desk_town.commerce)
    assert client.post("/ask/track/", {"code": sent.spoken}).status_code == 404
    client.force_login(desk_town.users["clerk"])
    read = client.post("/office/messages/counter/", {"do": "read", "spoken": f"{sent.spoken[:4]} {sent.spoken[4:]}"})
    assert "南例县商务局正在办" in text_of(read)


def test_a_late_message_stands_first_and_says_so(client, desk_town, monkeypatch):
    write(desk_town.commerce)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=7))
    client.force_login(desk_town.users["unit"])
    assert "1条超期" in text_of(client.get("/office/messages/"))


def test_who_names_nobody_is_shown_the_doors(client, town):
    assert client.get("/ask/write/").url == "/ask/"


def test_a_place_that_only_shows_doors_keeps_nothing(client, town):
    page = text_of(client.get(f"/ask/write/?organ={town.commerce.public_id}"))
    assert "不在这里收留言" in page
    assert "<textarea" not in page
    answer = client.post(
        "/ask/write/", {"organ": town.commerce.public_id, "kind": "help", "text": "路灯坏了三天了", "do": "send", "key": "x"}
    )
    assert answer.status_code == 400
    assert not Message.objects.exists()


def test_the_doors_find_whom_to_write_to(client, desk_town):
    page = text_of(client.get("/ask/?q=南例县商务"))
    assert f"organ={desk_town.commerce.public_id}" in page
    assert "打12388" in page
    assert "tel:110" in page


def test_the_page_is_refused_without_the_token(desk_town):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/ask/write/", {"organ": desk_town.commerce.public_id, "do": "send"}).status_code == 403
