"""不报复: a complaint leaves no trace on the side of those it is about, in whatever role they come, at whatever address."""

from __future__ import annotations

import logging

import pytest
from django.urls import get_resolver

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.dialogue.actions.routing import name_complaint, raise_message, route_message
from qiguan.dialogue.models import Message, RoutingSample
from qiguan.inspection.actions.standing import judge_all
from qiguan.jobs import clock
from qiguan.people.actions import add_user, found_organ
from qiguan.people.models import AuditEntry, Notice, Role
from qiguan.register.models import AccountStaff
from tests.dialogue.conftest import write
from tests.factories import AT, PASSWORD, make_account

pytestmark = pytest.mark.django_db
SECRET = "窗口的人态度恶劣还推诿"
ABOUT = ("unit", "unit2", "unit_auditor", "unit_clerk", "leader", "operator", "contractor", "twice", "runner", "below")


@pytest.fixture
def complained(desk_town, monkeypatch):
    """南例县商务局 was complained of; its people come in every role, two of them with a role above as well."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    town = desk_town
    team = found_organ(name="招商服务中心", parent=town.commerce, level="county", sort="institution", by=None, at=AT)
    for name, roles in (
        ("twice", [(town.south, Role.SUPERVISOR), (town.commerce, Role.UNIT_ADMIN)]),
        ("runner", [(town.south, Role.SUPERVISOR), (town.audit, Role.OPERATOR)]),
        ("below", [(team, Role.UNIT_ADMIN)]),
    ):
        town.users[name] = add_user(username=name, shown_name=name, password=PASSWORD, roles=roles, by=None, at=AT)
    for name in ("operator", "contractor", "runner"):
        AccountStaff.objects.create(account=town.account, user=town.users[name])
    judge_all(at=AT)
    town.plain = write(town.commerce, "消费券怎么领，几号截止").message
    town.sent = write(town.commerce, SECRET, account=town.account)
    town.message = town.sent.message
    return town


def addresses(town):
    """Every address of the product, with what can be filled in; not only those of dialogue."""
    message = town.message.public_id
    values = {
        "kind": "csv", "what": "open", "code": "rectification_notice", "name": "x", "number": 1, "share_id": 1, "round_id": 1, "file_id": "zzz",
        "appid": "x", "link_key": "x", "path": "x",
    }  # fmt: skip
    own = {"account": town.account.public_id, "account_evidence": town.account.public_id, "custody": town.account.public_id}
    found = set()
    for name, patterns in get_resolver().reverse_dict.lists():
        if not isinstance(name, str):
            continue
        for possibility, *_ in patterns:
            for path, params in possibility:
                ids = own.get(
                    name, town.commerce.public_id if path.startswith(("units/", "office/register/organs/")) else message
                )
                filled = path
                for p in params:
                    filled = filled.replace(f"%({p})s", str(values.get(p, ids)))
                found.add("/" + filled)
    found |= {
        f"/office/messages/?view={v}" for v in ("waiting", "late", "routing", "review", "held", "answered", "unsolved", "all")
    }
    found |= {
        "/office/audit/",
        "/office/accounts/?format=csv",
        "/ask/public/",
        "/ask/rules/",
        f"/accounts/{town.account.public_id}/",
    }
    found |= {
        f"/office/messages/?q={message}",
        "/api/open311/v2/requests.json",
        "/api/open311/v2/requests.xml",
        "/api/v1/openapi.json",
    }
    return sorted(found)


def traces(town):
    return (SECRET, town.message.public_id, town.sent.code)


def test_it_goes_one_level_up_and_to_nobody_else(complained):
    message = complained.message
    assert (message.against, message.office, message.handler, message.kind) == (
        complained.commerce,
        complained.south,
        complained.south,
        "complaint",
    )
    sees = {name for name, user in complained.users.items() if Message.objects.visible_to(user).filter(pk=message.pk).exists()}
    assert sees == {"supervisor", "second", "county", "auditor"}


def test_no_role_of_the_unit_finds_a_trace_at_any_address(client, complained):
    every = addresses(complained)
    assert len(every) > 90
    assert f"/office/messages/{complained.message.public_id}/" in every
    for name in ("", *ABOUT):  # what needs no log-in is the same for all: looked at once
        if name:
            client.force_login(complained.users[name])
        for address in every:
            if address.startswith("/office/") is not bool(name):
                continue
            answer = client.get(address)
            body = answer.content if not answer.streaming else b"".join(answer.streaming_content)
            page = body.decode(errors="replace").replace(address.partition("?")[0], "")
            hits = [t for t in traces(complained) if t in page]
            if "?q=" in address or "message" in address or answer.status_code == 404:
                hits = [t for t in hits if t == SECRET]  # what was asked for is said back
            assert not hits, f"{name} finds {hits} at {address}"
        assert client.get(f"/office/messages/{complained.message.public_id}/").status_code in {302, 403, 404}, name


def test_the_walk_can_fail(client, complained):
    client.force_login(complained.users["county"])
    assert SECRET in client.get("/office/messages/").content.decode()


def test_every_count_of_the_unit_is_the_same_with_and_without_it(client, complained):
    def counted(name):
        client.force_login(complained.users[name])
        return [client.get(a).content.decode().partition("<main")[2] for a in ("/office/messages/?view=all", "/office/messages/")]

    from django.db import transaction

    for name in ("unit", "leader", "unit_auditor", "operator"):
        with_it = counted(name)
        with transaction.atomic():
            Message.objects.filter(pk=complained.message.pk).delete()
            without = counted(name)
            transaction.set_rollback(True)
        assert with_it == without
    public = client.get("/ask/rules/").content.decode()
    assert "收了1条" in public


def test_no_notice_no_audit_row_and_no_log_line_reaches_the_unit(complained, caplog):
    Notice.objects.all().delete()
    write(complained.commerce, SECRET + "，又一次")
    assert set(Notice.objects.values_list("to__username", flat=True)) == {"county"}
    unit_rows = AuditEntry.objects.filter(organ_path__startswith=complained.commerce.path)
    assert not unit_rows.filter(object_id=complained.message.public_id).exists()
    with caplog.at_level(logging.DEBUG):
        write(complained.commerce, SECRET)
    assert SECRET not in caplog.text


def test_nobody_can_pass_it_to_the_unit_or_what_lies_below(complained):
    boss, message = complained.users["county"], complained.message
    for to in (complained.commerce, complained.commerce.children.get()):
        with pytest.raises(NotPermitted, match="不能转给被说到的单位"):
            route_message(message=message, to=to, by=boss, at=AT)
    with pytest.raises(NotPermitted):
        route_message(message=message, to=complained.south, by=complained.users["twice"], at=AT)
    raise_message(message=message, why="需要市里协调处理", by=boss, at=AT)
    message.refresh_from_db()
    due = message.due_on
    assert (message.office, message.handler, message.due_on) == (complained.city, complained.city, due)
    assert not RoutingSample.objects.filter(message=message).exists()
    sees = {name for name in ABOUT if Message.objects.visible_to(complained.users[name]).filter(pk=message.pk).exists()}
    assert sees == set()


def test_the_units_own_counter_does_not_take_it_and_reads_none_out(client, complained):
    client.force_login(complained.users["unit_clerk"])
    read = client.post("/office/messages/counter/", {"do": "read", "spoken": complained.sent.spoken})
    assert read.status_code == 400
    assert "没有这个电话查询号" in read.content.decode()
    from qiguan.dialogue.actions.sending import FORM
    from qiguan.intake.actions.form_keys import make_form_key

    said = {
        "do": "write",
        "way": "counter",
        "where": "3号窗口",
        "organ": complained.commerce.public_id,
        "kind": "complaint",
        "text": "你们窗口推诿扯皮",
        "read_back": "1",
    }
    before = Message.objects.count()
    answer = client.post("/office/messages/counter/", {**said, "key": make_form_key(what=FORM, now=clock.machine_now())})
    assert "不能由本单位代填" in answer.content.decode()
    assert Message.objects.count() == before


def test_a_complaint_that_names_nobody_waits_for_a_person(complained):
    message = write(complained.south, "窗口工作人员态度恶劣，医保的事").message
    assert (message.kind, message.against, message.handler, message.office) == ("complaint", None, None, complained.south)
    boss = complained.users["county"]
    with pytest.raises(QiguanError, match="还没有写明"):
        route_message(message=message, to=complained.commerce, by=boss, at=AT)
    name_complaint(message=message, against=complained.commerce, by=boss, at=AT)
    message.refresh_from_db()
    assert (message.against, message.handler) == (complained.commerce, complained.south)
    assert not Message.objects.visible_to(complained.users["unit"]).filter(pk=message.pk).exists()


def test_at_the_root_there_is_nobody_above_and_the_citizen_is_told(complained):
    with pytest.raises(QiguanError, match="没有它的上一级"):
        write(complained.city, "市政府网站答复敷衍", kind="complaint")


def test_a_message_found_to_be_a_complaint_leaves_the_units_screens(complained):
    boss = complained.users["county"]
    name_complaint(message=complained.plain, against=complained.commerce, by=boss, at=AT)
    assert not Message.objects.visible_to(complained.users["unit"]).exists()


def test_the_path_follows_a_move(complained):
    from datetime import date

    from qiguan.register.actions.organs import move_organ

    move_organ(
        organ=complained.commerce,
        parent=complained.east,
        on=date(2026, 9, 1),
        document="x",
        by=complained.users["supervisor"],
        at=AT,
    )
    complained.message.refresh_from_db()
    complained.commerce.refresh_from_db()
    assert complained.message.against_path == complained.commerce.path


def test_an_account_of_another_unit_is_no_hindrance(complained):
    other = make_account(complained.audit, "东例审计", platform_id="gh_9")
    message = write(complained.audit, "审计局公众号删评论", account=other).message
    assert message.handler == complained.east
    assert Message.objects.visible_to(complained.users["east"]).filter(pk=message.pk).exists()
