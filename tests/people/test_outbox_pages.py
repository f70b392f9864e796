"""The inbox, one's own ways, and what did not arrive, page by page."""

from __future__ import annotations

import pytest
from tests.factories import AT

from qiguan.people.outbox.models import Delivery, Notice, NoticeTarget
from qiguan.people.outbox.queueing import queue_notice
from qiguan.people.outbox.targets import add_target


@pytest.fixture
def operator(town, client):
    client.force_login(town.users["operator"])
    return town.users["operator"]


def queue(to, n=1):
    for i in range(n):
        queue_notice(to=to, kind="test", key=str(i), title=f"消息{i}", lines=["第一行"], link="/office/accounts/", by=None, at=AT)


def test_an_empty_inbox_says_what_will_come(client, operator):
    page = client.get("/office/inbox/").content.decode()
    assert "还没有消息" in page


def test_the_inbox_is_paged_counts_the_unread_and_marks_one_or_all(client, operator):
    queue(operator, 25)
    page = client.get("/office/inbox/").content.decode()
    assert "25条消息没看" in page
    assert page.count("知道了：") == 20
    assert "消息4" in client.get("/office/inbox/?page=2").content.decode()
    nav = client.get("/office/accounts/").content.decode()
    assert "消息" in nav
    assert "25" in nav
    client.post("/office/inbox/", {"notice": Notice.objects.first().public_id})
    assert Notice.objects.unread().count() == 24
    client.post("/office/inbox/")
    assert Notice.objects.unread().count() == 0
    assert "消息都看过了" in client.get("/office/inbox/").content.decode()
    assert "还没有消息" in client.get("/office/inbox/?unread=1").content.decode()


def test_nobody_reads_anybody_else(client, town, operator):
    queue(town.users["unit"], 2)
    assert "消息0" not in client.get("/office/inbox/").content.decode()
    client.post("/office/inbox/", {"notice": Notice.objects.first().public_id})
    client.post("/office/inbox/")
    assert Notice.objects.unread().count() == 2


def test_markup_in_a_notice_is_text(client, operator):
    queue_notice(to=operator, kind="t", key="x", title="<b>题</b>", lines=["<script>x</script>"], link="", by=None, at=AT)
    assert "&lt;script&gt;" in client.get("/office/inbox/").content.decode()


def test_a_way_is_added_shown_by_a_hint_and_removed(client, operator):
    client.post("/office/inbox/ways/", {"do": "add", "kind": "email", "address": "zhangsan@example.invalid"})
    client.post(
        "/office/inbox/ways/", {"do": "add", "kind": "wecom", "address": "https://robot.example.invalid/send?key=verysecret"}
    )
    answer = client.get("/office/inbox/ways/")
    page = answer.content.decode()
    assert "z…@example.invalid" in page
    assert "robot.example.invalid" in page
    assert "zhangsan" not in page
    assert "verysecret" not in page
    assert answer["Cache-Control"] == "no-store"
    target = NoticeTarget.objects.get(kind="email")
    client.post("/office/inbox/ways/", {"do": "remove", "target": target.public_id})
    assert "z…@" not in client.get("/office/inbox/ways/").content.decode()


def test_a_wrong_address_is_said_and_not_repeated(client, operator):
    page = client.post("/office/inbox/ways/", {"do": "add", "kind": "email", "address": "zhang san"}).content.decode()
    assert "邮箱地址写得不对" in page
    assert "zhang san" not in page
    assert not NoticeTarget.objects.exists()


def test_nobody_removes_anybody_elses_way(client, town, operator):
    target = add_target(kind="email", address="u@example.invalid", by=town.users["unit"], at=AT)
    assert client.post("/office/inbox/ways/", {"do": "remove", "target": target.public_id}).status_code == 404


def test_what_did_not_arrive_is_listed_without_an_address_and_decided(client, town, operator):
    add_target(kind="webhook", address="https://robot.example.invalid/hook?key=verysecret", by=operator, at=AT)
    queue(operator)
    Delivery.objects.update(state="in_doubt", doubts=1, error="timeout", attempts=1)
    assert client.get("/office/inbox/deliveries/").status_code == 403
    client.force_login(town.users["unit"])
    page = client.get("/office/inbox/deliveries/").content.decode()
    assert "1条消息没有送到，或不确定" in page
    assert "对方没有在时限内回答" in page
    assert "verysecret" not in page
    assert "robot.example" not in page
    delivery = Delivery.objects.get()
    client.post("/office/inbox/deliveries/", {"delivery": delivery.public_id, "decide": "received"})
    delivery.refresh_from_db()
    assert delivery.state == "sent"
    page = client.post(
        "/office/inbox/deliveries/", {"delivery": delivery.public_id, "decide": "again"}, follow=True
    ).content.decode()
    assert "已经处理过了" in page
    client.force_login(town.users["east"])
    assert client.post("/office/inbox/deliveries/", {"delivery": delivery.public_id, "decide": "again"}).status_code == 404
    assert "消息0" not in client.get("/office/inbox/deliveries/").content.decode()


def test_an_administrator_of_the_installation_sees_every_failure(client, town, operator):
    add_target(kind="webhook", address="https://robot.example.invalid/hook", by=operator, at=AT)
    queue(operator)
    Delivery.objects.update(state="failed", error="refused")
    boss = town.users["supervisor"]
    boss.is_superuser = True
    boss.save()
    boss.memberships.all().delete()
    client.force_login(boss)
    assert "消息0" in client.get("/office/inbox/deliveries/").content.decode()


def test_whom_no_way_reaches_is_named_until_one_works(client, town):
    operator, now = town.users["operator"], AT
    for kind, address in (("email", "o@example.invalid"), ("webhook", "https://example.invalid/x")):
        add_target(kind=kind, address=address, by=operator, at=now)
    queue(operator)
    Delivery.objects.update(state=Delivery.State.FAILED, error="no_such_box")
    client.force_login(town.users["unit"])
    page = client.get("/office/inbox/deliveries/").content.decode()
    assert "1个人现在没有一种方式能送到" in page
    assert "o@example.invalid" not in page
    client.force_login(town.users["east"])
    assert "没有一种方式能送到" not in client.get("/office/inbox/deliveries/").content.decode()
    Delivery.objects.filter(target__kind="webhook").update(state=Delivery.State.SENT)
    client.force_login(town.users["unit"])
    assert "没有一种方式能送到" not in client.get("/office/inbox/deliveries/").content.decode()
