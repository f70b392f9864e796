"""What happens to a message: routing, transfers with one clock, review, holds, traces, consent, deletion."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from qiguan.core.errors import NotPermitted, QiguanError, TooMany, UnusableInput
from qiguan.dialogue.actions import sending
from qiguan.dialogue.actions.citizen import appeal_held, delete_message, erase_contact, mark_answer, reopen_message, set_consent
from qiguan.dialogue.actions.desks import set_review
from qiguan.dialogue.actions.keeping import (
    decide_held,
    hold_message,
    open_contact,
    open_original,
    redact_message,
    release_message,
)
from qiguan.dialogue.actions.replying import review_reply, write_reply
from qiguan.dialogue.actions.routing import return_message, route_message
from qiguan.dialogue.actions.sending import FORM
from qiguan.dialogue.models import Contact, ContactLook, MailNotice, Message, MessageOriginal, Reply, RoutingSample
from qiguan.dialogue.queries.finding import likely_answers, search_public
from qiguan.intake.actions.allow import Rate
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.intake.models import Attachment
from qiguan.jobs import clock
from qiguan.people.actions import add_user, found_organ
from qiguan.people.models import AuditEntry, Role
from tests.dialogue.conftest import write
from tests.factories import AT, PASSWORD
from tests.intake.test_attachments import PDF, photo

pytestmark = pytest.mark.django_db
ID = "11010519491231002X"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def bureaus(desk_town):
    """示例市 with two bureaus of its own to route to."""
    town = desk_town
    town.medical = found_organ(name="示例市医疗保障局", parent=town.city, level="city", by=None, at=AT)
    town.bus = found_organ(name="示例市交通运输局", parent=town.city, level="city", by=None, at=AT)
    return town


def test_a_sure_word_routes_and_an_unsure_one_asks_a_person(bureaus):
    sure = write(bureaus.city, "异地就医住院费报销，医保卡在哪里办").message
    assert sure.handler == bureaus.medical
    assert sure.transfers.get().sort == "machine"
    unsure = write(bureaus.city, "公交车上能用医保卡吗").message
    assert unsure.handler is None
    assert {row[0] for row in unsure.suggested} == {bureaus.medical.public_id, bureaus.bus.public_id}
    assert all(len(row[2]) <= 3 for row in unsure.suggested)


def test_a_persons_decision_is_kept_for_learning_without_numbers(bureaus, client):
    message = write(bureaus.city, "公交车上能用医保卡吗，手机13800000000").message
    client.force_login(bureaus.users["supervisor"])
    page = client.get(f"/office/messages/{message.public_id}/").content.decode()
    assert "<mark>医保卡</mark>" in page
    assert "看的词：医保卡" in page
    client.post(f"/office/messages/{message.public_id}/", {"do": "route", "to": bureaus.bus.public_id})
    sample = RoutingSample.objects.get()
    assert (sample.organ, sample.text) == (bureaus.bus, "公交车上能用医保卡吗，手机［手机号］")


def test_passing_on_resets_no_clock(bureaus):
    boss = bureaus.users["supervisor"]
    message = write(bureaus.city, "异地就医住院费报销，医保卡在哪里办").message
    due = message.due_on
    clerk = add_user(username="yb", shown_name="", password=PASSWORD, roles=[(bureaus.medical, Role.UNIT_ADMIN)], by=None, at=AT)
    return_message(message=message, why="这是交通局的事", by=clerk, at=AT + timedelta(days=3))
    route_message(message=message, to=bureaus.bus, by=boss, at=AT + timedelta(days=4))
    message.refresh_from_db()
    assert message.due_on == due
    assert [t.sort for t in message.transfers.all()] == ["machine", "returned", "routed"]
    assert not Message.objects.visible_to(clerk).exists()
    with pytest.raises(QiguanError, match="不能分给"):
        route_message(message=message, to=bureaus.city.parent or bureaus.commerce.__class__(path="/999/"), by=boss, at=AT)


def test_a_reply_is_looked_at_by_another_where_the_unit_wants_it(desk_town):
    unit, second, operator = (desk_town.users[n] for n in ("unit", "unit2", "operator"))
    set_review(organ=desk_town.commerce, review=True, by=unit, at=AT)
    message = write(desk_town.commerce).message
    reply = write_reply(message=message, text="可以补领，九月底前。", by=operator, at=AT)
    assert reply.state == Reply.State.WAITING
    with pytest.raises(QiguanError, match="等审核"):
        write_reply(message=message, text="可以补领，九月底前。", by=unit, at=AT)
    with pytest.raises(NotPermitted):
        review_reply(reply=reply, send=True, by=operator, at=AT)
    review_reply(reply=reply, send=False, note="写上地点", by=unit, at=AT)
    mine = write_reply(message=message, text="可以补领，九月底前，在大厅。", by=unit, at=AT)
    with pytest.raises(NotPermitted, match="另一个人审核"):
        review_reply(reply=mine, send=True, by=unit, at=AT)
    review_reply(reply=mine, send=True, by=second, at=AT)
    message.refresh_from_db()
    assert message.state == Message.State.ANSWERED


def test_a_contractor_sees_no_message_and_an_operator_his_own_organs(desk_town):
    write(desk_town.commerce)
    write(desk_town.audit, "审计报告在哪里看")
    assert not Message.objects.visible_to(desk_town.users["contractor"]).exists()
    assert Message.objects.visible_to(desk_town.users["operator"]).count() == 1
    assert Message.objects.visible_to(desk_town.users["east"]).count() == 1


def test_a_number_holds_the_message_with_its_rule_and_it_goes_on_after_redaction(desk_town, client):
    sent = write(desk_town.commerce, f"我的身份证{ID}，帮我查消费券")
    message, boss = sent.message, desk_town.users["county"]
    assert message.held
    assert not Message.objects.visible_to(desk_town.users["unit"]).exists()
    page = client.post("/ask/track/", {"code": sent.code}).content.decode()
    assert "有身份证号或银行卡号" in page
    assert "申诉" in page
    redact_message(message=message, text="我的身份证［身份证号］，帮我查消费券", why="证件号码", by=boss, at=AT)
    decide_held(message=message, release=True, by=boss, at=AT)
    message.refresh_from_db()
    assert message.handler == desk_town.commerce
    assert Message.objects.visible_to(desk_town.users["unit"]).get() == message
    assert MessageOriginal.objects.get().text.count(ID) == 1
    with pytest.raises(NotPermitted):
        open_original(message=message, why="核对", by=desk_town.users["unit"], at=AT)
    assert ID in open_original(message=message, why="核对", by=boss, at=AT)
    assert "查看了原文" in client.post("/ask/track/", {"code": sent.code}).content.decode()


def test_a_hold_by_a_person_is_appealed_and_another_decides(desk_town):
    county, boss = desk_town.users["county"], desk_town.users["supervisor"]
    message = write(desk_town.commerce).message
    hold_message(message=message, rule="elsewhere", by=county, at=AT)
    message.refresh_from_db()
    appeal_held(message=message, words="这不是信访", at=AT)
    with pytest.raises(NotPermitted, match="另一个人复核"):
        decide_held(message=message, release=True, by=county, at=AT)
    decide_held(message=message, release=True, by=boss, at=AT)
    message.refresh_from_db()
    assert not message.held
    assert message.handler == desk_town.commerce


def test_whoever_opens_a_contact_leaves_a_trace_that_the_citizen_sees(desk_town, client):
    sent = write(desk_town.commerce, contact="13800000000", mail="a@example.org")
    message = sent.message
    assert b"138" not in bytes(Contact.objects.get().said)
    with pytest.raises(QiguanError, match="还没有写"):
        open_contact(message=message, why="", by=desk_town.users["unit"], at=AT)
    assert open_contact(message=message, why="核对地址", by=desk_town.users["unit"], at=AT) == "13800000000，a@example.org"
    assert ContactLook.objects.get().organ_name == "南例县商务局"
    page = client.post("/ask/track/", {"code": sent.code}).content.decode()
    assert "南例县商务局的工作人员查看了联系方式" in page
    assert "核对地址" in page
    erase_contact(message=message, at=AT)
    with pytest.raises(QiguanError, match="没有联系方式"):
        open_contact(message=message, why="再看", by=desk_town.users["unit"], at=AT)
    assert not MailNotice.objects.exists()
    assert "13800000000" not in "".join(str(e.fields) for e in AuditEntry.objects.all())


def _answered(town, text="消费券过期了还能补领吗", **more):
    sent = write(town.commerce, text, **more)
    write_reply(message=sent.message, text="可以，九月三十日前在原平台补领。", by=town.users["unit"], at=AT)
    sent.message.refresh_from_db()
    return sent


def test_a_text_is_public_only_with_consent_and_release_and_goes_in_one_click(desk_town, client):
    sent = _answered(desk_town, "消费券过期了还能补领吗，我电话13800000000", consent=True)
    message, boss = sent.message, desk_town.users["county"]
    assert search_public("") == []
    facts = client.get("/ask/public/").content.decode()
    assert "2026年9月16日" in facts
    assert "补领" not in facts
    release_message(message=message, public_text=message.text, by=boss, at=AT)
    assert [m.public_text for m in search_public("补领")] == ["消费券过期了还能补领吗，我电话［手机号］"]
    assert search_public("没有的词") == []
    assert likely_answers("消费券过期了怎么补领", organ=desk_town.commerce, at=AT)[0].url == f"/ask/public/{message.public_id}/"
    assert client.get(f"/ask/public/{message.public_id}/").status_code == 200
    client.post("/ask/track/", {"code": sent.code, "do": "withdraw"})
    assert client.get(f"/ask/public/{message.public_id}/").status_code == 404
    message.refresh_from_db()
    with pytest.raises(QiguanError, match="没有同意公开"):
        release_message(message=message, public_text="x补领", by=boss, at=AT)


def test_deletion_leaves_a_tombstone_only(desk_town, client):
    sent = _answered(desk_town, contact="13800000000", files=[("a.pdf", "application/pdf", PDF)])
    mark_answer(message=sent.message, mark="part", words="只说了一半", at=AT)
    refused = client.post("/ask/track/", {"code": sent.code, "do": "delete"})
    assert refused.status_code == 400
    assert client.post("/ask/track/", {"code": sent.code, "do": "delete", "sure": "1"}).status_code == 200
    message = Message.objects.get()
    assert (message.text, message.mark_words, message.replies.get().text) == ("", "", "")
    assert message.deleted_at == AT
    assert not Attachment.objects.exists()
    assert bytes(Contact.objects.get().said) == b""
    page = client.post("/ask/track/", {"code": sent.code}).content.decode()
    assert "只留日期" in page
    with pytest.raises(QiguanError, match="已经删了"):
        delete_message(message=message, at=AT)
    with pytest.raises(QiguanError):
        reopen_message(message=message, words="再问一句", at=AT)


def test_marking_needs_an_answer_and_a_known_word(desk_town):
    message = write(desk_town.commerce).message
    with pytest.raises(QiguanError, match="还没有答复"):
        mark_answer(message=message, mark="yes", at=AT)
    with pytest.raises(QiguanError, match="没有选"):
        mark_answer(message=message, mark="great", at=AT)
    with pytest.raises(QiguanError, match="不会公开"):
        set_consent(message=write(desk_town.commerce, "窗口态度恶劣").message, given=True, at=AT)


def test_files_come_with_the_second_step_and_leave_as_downloads(desk_town, client):
    key = make_form_key(what=FORM, now=AT)
    organ = desk_town.commerce.public_id
    files = [SimpleUploadedFile("门头.png", photo()), SimpleUploadedFile("../../x\u202egpj.pdf", PDF)]
    said = {"organ": organ, "kind": "help", "text": "门口的路灯坏了三天了", "do": "send"}
    bad = client.post("/ask/write/", {**said, "key": key, "files": [SimpleUploadedFile("坏.jpg", b"MZ")]})
    assert bad.status_code == 400
    assert "坏.jpg" in bad.content.decode()
    assert "门口的路灯坏了三天了" in bad.content.decode()  # what was typed stays
    now_key = make_form_key(what=FORM, now=clock.machine_now())
    assert client.post("/ask/write/", {**said, "key": now_key, "files": files}).status_code == 200
    message = Message.objects.get()
    assert sorted(f.name for f in message.files.all()) == ["xgpj.pdf", "门头.jpg"]
    client.force_login(desk_town.users["unit"])
    got = client.get(f"/office/messages/{message.public_id}/files/{message.files.first().public_id}/")
    assert got["Content-Disposition"].startswith("attachment")
    assert got["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script> <img src=x onerror=a>", "བོད་ཡིག་གི་དྲི་བ་ཞིག", "ئۇيغۇرچە سوئال بۇ", "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ", "👨‍👩‍👧 路灯坏了"],
)
def test_any_script_is_shown_as_it_was_written_and_none_is_run(desk_town, client, text):
    from django.utils.html import escape

    sent = write(desk_town.commerce, text)
    page = client.post("/ask/track/", {"code": sent.code}).content.decode()
    assert f'<p dir="auto">{escape(text)}</p>' in page
    assert "<script>alert" not in page
    client.force_login(desk_town.users["unit"])
    assert "<script>alert" not in client.get("/office/messages/").content.decode()


def test_a_hundred_thousand_characters_are_refused_with_the_number(desk_town, client):
    said = {"organ": desk_town.commerce.public_id, "kind": "help", "text": "字" * 100_000, "do": "look"}
    answer = client.post("/ask/write/", said)
    assert answer.status_code == 400
    assert "100000字，最多5000字" in answer.content.decode()


def test_one_visitor_does_not_flood_and_a_retry_is_never_refused(desk_town, monkeypatch):
    monkeypatch.setattr(sending, "OF_VISITOR", Rate(4, timedelta(hours=1)))
    key = make_form_key(what=FORM, now=AT)
    write(desk_town.commerce, key=key, visitor="1.2.3.4")
    for _ in range(3):
        write(desk_town.commerce, visitor="1.2.3.4")
    with pytest.raises(TooMany):
        write(desk_town.commerce, visitor="1.2.3.4")
    assert write(desk_town.commerce, key=key, visitor="1.2.3.4").fresh is False
    with pytest.raises(UnusableInput, match="放得太久"):
        write(desk_town.commerce, key="forged.key:x", visitor="9.9.9.9")


def test_danger_is_answered_with_numbers_at_once(desk_town, client):
    answer = client.post(
        "/ask/write/", {"organ": desk_town.commerce.public_id, "kind": "help", "text": "楼上着火了，老人昏迷", "do": "look"}
    )
    page = answer.content.decode()
    assert "tel:119" in page
    assert "tel:120" in page


def test_the_counter_takes_a_message_by_word_of_mouth(desk_town, client):
    client.force_login(desk_town.users["clerk"])
    said = {
        "do": "write", "way": "phone", "where": "大厅3号电话", "organ": desk_town.commerce.public_id, "kind": "help", "text": "养老认证在哪里办",
        "key": make_form_key(what=FORM, now=clock.machine_now()),
    }  # fmt: skip
    assert "还没有念给本人听" in client.post("/office/messages/counter/", said).content.decode()
    slip = client.post("/office/messages/counter/", {**said, "read_back": "1"})
    assert "电话查询号" in slip.content.decode()
    assert "no-store" in slip["Cache-Control"]
    message = Message.objects.get()
    assert (message.way, message.entered_by, message.entered_where) == ("phone", desk_town.users["clerk"], "大厅3号电话")
    client.force_login(desk_town.users["operator"])
    assert client.get("/office/messages/counter/").status_code == 403


def test_the_office_may_send_a_message_to_a_place_below_and_name_any_unit_complained_of(bureaus, client):
    message = write(bureaus.city, "公交上能用医保卡吗").message
    client.force_login(bureaus.users["supervisor"])
    page = client.get(f"/office/messages/{message.public_id}/").content.decode()
    route, against = page.partition('id="against"')[0], page.partition('id="against"')[2]
    assert bureaus.south.public_id in route
    assert bureaus.commerce.public_id not in route
    assert bureaus.commerce.public_id in against
    client.post(f"/office/messages/{message.public_id}/", {"do": "name", "against": bureaus.commerce.public_id})
    message.refresh_from_db()
    assert (message.against, message.handler, message.office) == (bureaus.commerce, bureaus.south, bureaus.south)
