"""For machines: Open311 read and write, 12345 orders by file and API, citizens' mail, 必须告知 and its receipts."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from defusedxml.ElementTree import fromstring
from django.core.files.uploadedfile import SimpleUploadedFile

from qiguan.collection.models import Post
from qiguan.core.errors import QiguanError
from qiguan.core.robots import Answer
from qiguan.dialogue.actions import mail, sending
from qiguan.dialogue.actions.desks import issue_order_key, set_desk
from qiguan.dialogue.actions.keeping import release_message
from qiguan.dialogue.actions.must_tell import find_receipts, send_must_tell
from qiguan.dialogue.actions.replying import write_reply
from qiguan.dialogue.actions.sending import FORM
from qiguan.dialogue.models import Contact, Desk, MailNotice, Message, MustTellReceipt, Reply
from qiguan.intake.actions.allow import Rate
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.jobs import clock
from qiguan.people.models import Notice
from tests.dialogue.conftest import write
from tests.factories import AT

pytestmark = pytest.mark.django_db
V2 = "/api/open311/v2"


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)


def test_open311_reads_services_in_both_formats(client, desk_town):
    rows = client.get(f"{V2}/services.json").json()
    assert [r["service_code"] for r in rows] == ["enquiry", "help", "correction", "suggestion"]
    root = fromstring(client.get(f"{V2}/services.xml").content)
    assert root.tag == "services"
    assert [s.find("service_code").text for s in root] == [r["service_code"] for r in rows]
    definition = fromstring(client.get(f"{V2}/services/help.xml").content)
    assert "南例县人民政府" in [v.find("name").text for v in definition.iter("value")]
    assert client.get(f"{V2}/services/complaint.json").status_code == 404


def test_open311_shows_facts_and_texts_only_as_agreed(client, desk_town):
    plain = write(desk_town.commerce).message
    shown = write(desk_town.commerce, "招工消息能不能登出来", consent=True).message
    write(desk_town.commerce, "窗口态度恶劣推诿")
    write_reply(message=shown, text="可以，每周三登。", by=desk_town.users["unit"], at=AT)
    shown.refresh_from_db()
    release_message(message=shown, public_text=shown.text, by=desk_town.users["county"], at=AT)
    rows = {r["service_request_id"]: r for r in client.get(f"{V2}/requests.json").json()}
    assert set(rows) == {plain.public_id, shown.public_id}
    assert (rows[plain.public_id]["description"], rows[plain.public_id]["status"]) == ("", "open")
    assert (rows[shown.public_id]["description"], rows[shown.public_id]["status_notes"]) == (
        "招工消息能不能登出来",
        "可以，每周三登。",
    )
    closed = client.get(f"{V2}/requests.json?status=closed").json()
    assert [r["service_request_id"] for r in closed] == [shown.public_id]
    one = fromstring(client.get(f"{V2}/requests/{plain.public_id}.xml").content)
    assert one.find("request/agency_responsible").text == "南例县商务局"
    assert client.get(f"{V2}/requests.json?start_date=yesterday").status_code == 400
    assert client.get(f"{V2}/requests/zzz.json").json()[0]["code"] == "404"


def test_open311_writes_once_and_gives_the_code_once(client, desk_town, monkeypatch):
    monkeypatch.setattr(sending, "OF_VISITOR", Rate(4, timedelta(hours=1)))
    said = {
        "service_code": "help", "description": "门口的路灯坏了三天了<b>", "attribute[organ]": desk_town.commerce.public_id,
        "form_key": make_form_key(what=FORM, now=clock.machine_now()),
    }  # fmt: skip
    first, second = client.post(f"{V2}/requests.json", said), client.post(f"{V2}/requests.xml", said)
    assert (first.status_code, second.status_code) == (201, 201)
    message = Message.objects.get()
    assert (
        first.json()[0]["service_request_id"]
        == fromstring(second.content).find("request/service_request_id").text
        == message.public_id
    )
    code = first.json()[0]["service_notice"].partition("：")[2].partition("，")[0]
    assert client.post("/ask/track/", {"code": code}).status_code == 200
    assert message.way == "open311"
    assert client.post(f"{V2}/requests.json", {**said, "service_code": "complaint"}).status_code == 404
    for _ in range(5):
        last = client.post(f"{V2}/requests.json", {"service_code": "help", "description": "门口的路灯坏了"})
    assert last.status_code == 429
    assert last["Retry-After"]


def test_open311_of_a_place_that_only_shows_doors_keeps_nothing(client, town):
    answer = client.post(f"{V2}/requests.json", {"service_code": "help", "description": "门口的路灯坏了三天了"})
    assert answer.status_code == 400
    assert "12345" in answer.json()[0]["description"]
    assert not Message.objects.exists()


@pytest.fixture
def linked(desk_town):
    set_desk(organ=desk_town.city, mode="linked", by=None, at=AT)
    desk_town.message = write(desk_town.commerce, "=1+1 门口的路灯坏了三天了").message
    desk_town.complaint = write(desk_town.commerce, "窗口态度恶劣推诿").message
    return desk_town


def test_orders_go_out_and_come_back_by_file_with_one_clock(client, linked):
    client.force_login(linked.users["supervisor"])
    sheet = client.get("/office/messages/orders/?file=1").content.decode("utf-8-sig")
    assert linked.message.public_id in sheet
    assert "'=1+1" in sheet
    assert linked.complaint.public_id not in sheet
    back = (
        "编号,工单号,答复\n"
        + f"{linked.message.public_id},GD-1,已修好，请再看。\nzzz,GD-2,没有这条\n{linked.complaint.public_id},GD-3,x\n"
    )
    due = linked.message.due_on
    page = client.post("/office/messages/orders/", {"file": SimpleUploadedFile("12345.csv", back.encode())}).content.decode()
    assert "更新了1条，2行没有用上" in page
    assert "第3行" in page
    linked.message.refresh_from_db()
    assert (linked.message.order_no, linked.message.state, linked.message.due_on) == ("GD-1", "answered", due)
    again = client.post("/office/messages/orders/", {"file": SimpleUploadedFile("12345.csv", back.encode())}).content.decode()
    assert "更新了0条" in again
    assert Reply.objects.count() == 1


def test_orders_by_the_api_need_the_key(client, linked):
    desk = Desk.objects.get(organ=linked.city)
    key = issue_order_key(desk=desk, by=linked.users["supervisor"], at=AT)
    assert client.get("/api/orders/v1/").status_code == 403
    headers = {"Authorization": f"Bearer {key}"}
    waiting = client.get("/api/orders/v1/", headers=headers).json()["orders"]
    assert [r["id"] for r in waiting] == [linked.message.public_id]
    body = json.dumps(
        {"orders": [{"id": linked.message.public_id, "order_no": "GD-9", "answer": ""}, {"id": "x", "order_no": ""}]}
    )
    told = client.post("/api/orders/v1/", body, content_type="application/json", headers=headers).json()
    assert told["taken"] == 1
    assert told["troubles"][0]["place"] == "orders[1]"
    for bad in ("", "[]", '{"orders": [1]}', "[" * 5000):
        assert client.post("/api/orders/v1/", bad, content_type="application/json", headers=headers).status_code == 400
    assert issue_order_key(desk=desk, by=linked.users["supervisor"], at=AT) != key
    assert client.get("/api/orders/v1/", headers=headers).status_code == 403


def test_a_mail_says_that_there_is_news_and_nothing_else(desk_town, monkeypatch):
    message = write(desk_town.commerce, "消费券的事问一问", mail="a@example.org").message
    write_reply(message=message, text="可以，九月三十日前。", by=desk_town.users["unit"], at=AT)
    seen = []

    def deliver(mails, settle):
        for m in mails:
            seen.append(m)
            settle(m.delivery, Answer.UNCLEAR if len(seen) == 1 else Answer.RECEIVED, "")

    monkeypatch.setattr(mail, "send_mails", deliver)
    now = clock.machine_now()
    assert mail.send_mail_notices(now=now) == 0
    assert mail.send_mail_notices(now=now) == 0
    assert mail.send_mail_notices(now=now + timedelta(minutes=2)) == 1
    assert mail.send_mail_notices(now=now + timedelta(days=2)) == 0
    assert seen[0].letter.key == seen[1].letter.key
    text = seen[1].letter.text()
    assert seen[1].address == "a@example.org"
    for secret in ("消费券", "商务局", "九月三十日", message.public_id):
        assert secret not in text
    MailNotice.objects.update(state="claimed", lease_until=now)
    Contact.objects.update(mail=b"", erased_at=AT)
    assert mail.send_mail_notices(now=now + timedelta(days=3)) == 0
    assert not MailNotice.objects.exists()


def tell(town, **more):
    said = {
        "organ": town.south, "basis": "emergency", "basis_words": "暴雨红色预警", "title": "暴雨停课停工紧急通知", "text": "今天下午起全县停课停工，请勿外出。",
        "until": date(2026, 9, 20), "by": town.users["county"], "at": AT,
    }  # fmt: skip
    return send_must_tell(**{**said, **more})


def test_must_tell_names_its_basis_twice_a_month_at_most(desk_town, client):
    for bad in ({"basis": ""}, {"basis_words": "无"}, {"title": "x"}, {"until": date(2026, 9, 1)}, {"link": "javascript:x"}):
        with pytest.raises(QiguanError):
            tell(desk_town, **bad)
    tell(desk_town)
    tell(desk_town, title="低保复核截止日期")
    with pytest.raises(QiguanError, match="已经发过2次"):
        tell(desk_town, title="第三次通知")
    tell(desk_town, title="下个月的通知", at=AT + timedelta(days=20), until=date(2026, 12, 1))
    assert set(Notice.objects.filter(kind="must_tell").values_list("to__username", flat=True)) == {"unit", "unit2", "operator"}
    client.force_login(desk_town.users["unit"])
    assert "暴雨停课停工紧急通知" in client.get("/office/messages/must-tell/").content.decode()
    client.force_login(desk_town.users["east"])
    assert "暴雨停课停工紧急通知" not in client.get("/office/messages/must-tell/").content.decode()


def test_a_receipt_is_a_link_that_the_machine_finds(desk_town):
    tell(desk_town)
    Post.objects.create(
        account=desk_town.account, key="k0", title="本周菜价", url="https://x.invalid/0", published_at=AT, first_seen_at=AT
    )
    Post.objects.create(
        account=desk_town.account,
        key="k1",
        title="【转发】暴雨停课停工紧急通知！",
        url="https://x.invalid/1",
        published_at=AT,
        first_seen_at=AT,
    )
    assert find_receipts(at=AT) == 1
    assert find_receipts(at=AT) == 0
    assert MustTellReceipt.objects.get().link == "https://x.invalid/1"
