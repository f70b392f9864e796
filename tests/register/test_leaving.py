"""离岗: roles, log-in, sessions, messages and staffings end together, what is left alone is asked for, and all can be given back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, PASSWORD, make_account

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.people.actions import add_user
from qiguan.people.leaving import deactivate_user
from qiguan.people.models import AuditEntry, Departure, Membership, Role
from qiguan.people.outbox.models import Delivery
from qiguan.people.outbox.queueing import queue_notice
from qiguan.people.outbox.targets import add_target
from qiguan.people.queries import memberships_of
from qiguan.register.actions.custody import assign_staff, hand_over
from qiguan.register.actions.leaving import come_back, confirm_custody, leave
from qiguan.register.models import AccountStaff

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(town):
    """南例县商务局: the operator runs two accounts, one of them with a deputy."""
    add_user(username="third", shown_name="接手人", password=PASSWORD, roles=[(town.commerce, Role.OPERATOR)], by=None, at=AT)
    town.users["third"] = Membership.objects.get(user__username="third").user
    town.alone = make_account(town.commerce, "只一人", platform_id="gh_1")
    town.shared = make_account(town.commerce, "有替班", platform_id="gh_2")
    admin, operator = town.users["unit"], town.users["operator"]
    for account in (town.alone, town.shared):
        assign_staff(account=account, user=operator, part="operator", by=admin, at=AT)
        hand_over(account=account, what="phone", person="operator", phone="1", by=admin, at=AT)
    assign_staff(account=town.shared, user=town.users["third"], part="deputy", by=admin, at=AT)
    return town


def runs(account):
    return sorted(account.staff.filter(until=None).values_list("user__username", flat=True))


def go(unit, stand_ins, who="operator", by="unit"):
    return leave(user=unit.users[who], stand_ins=stand_ins, reason="调离", by=unit.users[by], at=AT)


def test_who_leaves_takes_nothing_along_and_somebody_takes_over(client, unit):
    operator, third = unit.users["operator"], unit.users["third"]
    client.force_login(operator)
    assert client.get("/office/accounts/").status_code == 200
    add_target(kind="email", address="o@example.invalid", by=operator, at=AT)
    queue_notice(to=operator, kind="t", key="1", title="消息", lines=[], link="", by=None, at=AT)
    go(unit, {unit.alone.public_id: third.public_id})
    assert runs(unit.alone) == ["third"]
    assert runs(unit.shared) == ["third"]
    operator.refresh_from_db()
    assert not operator.is_active
    assert memberships_of(operator) == []
    assert client.get("/office/accounts/").status_code == 302
    assert client.post("/login/", {"username": "operator", "password": PASSWORD}).status_code == 200
    assert Delivery.objects.get().state == "dropped"
    assert set(unit.alone.custody.filter(until=None).values_list("check_since", flat=True)) == {AT.date()}
    assert AuditEntry.objects.filter(action__in=["deactivate_user", "end_staff", "assign_staff"], at=AT).count() >= 4


def test_an_account_left_alone_is_asked_for_and_nothing_is_half_done(unit):
    with pytest.raises(QiguanError, match="“只一人”没有人运营了"):
        go(unit, {})
    assert runs(unit.alone) == ["operator"]
    assert not Departure.objects.exists()
    with pytest.raises(QiguanError, match="不是本单位的运营人员"):
        go(unit, {unit.alone.public_id: unit.users["east"].public_id})
    assert unit.users["operator"].__class__.objects.get(username="operator").is_active
    go(unit, {unit.alone.public_id: ""})  # 还没有人
    assert runs(unit.alone) == []


def test_it_can_be_taken_back_once_and_the_old_session_stays_dead(client, unit):
    client.force_login(unit.users["operator"])
    made = go(unit, {unit.alone.public_id: ""})
    come_back(departure=made, by=unit.users["unit"], at=AT + timedelta(days=1))
    assert runs(unit.alone) == ["operator"]
    assert runs(unit.shared) == ["operator", "third"]
    assert client.get("/office/accounts/").status_code == 302
    assert client.post("/login/", {"username": "operator", "password": PASSWORD}).status_code == 302
    with pytest.raises(QiguanError, match="已经重新启用过"):
        come_back(departure=made, by=unit.users["unit"], at=AT + timedelta(days=1))


def test_only_the_roles_of_ones_own_jurisdiction_end(unit):
    both = unit.users["contractor"]
    Membership.objects.create(user=both, organ=unit.audit, role=Role.CONTRACTOR)
    there = make_account(unit.audit, "别处的", platform_id="gh_9")
    AccountStaff.objects.create(account=there, user=both, part="operator")
    AccountStaff.objects.create(account=unit.shared, user=both, part="deputy")
    made = go(unit, {}, who="contractor")
    assert made.kept["log_in"] is False
    both.refresh_from_db()
    assert both.is_active
    assert runs(there) == ["contractor"]
    assert runs(unit.shared) == ["operator", "third"]


@pytest.mark.parametrize(
    ("who", "by"),
    [("unit", "unit"), ("operator", "east"), ("operator", "third"), ("supervisor", "unit"), ("auditor", "supervisor")],
)
def test_nobody_sends_himself_a_foreigner_or_a_watcher_away(unit, who, by):
    with pytest.raises(NotPermitted):
        deactivate_user(user=unit.users[who], by=unit.users[by], at=AT)


def test_custody_stays_flagged_until_it_is_handed_over_or_confirmed(client, unit, monkeypatch):
    from qiguan.jobs import clock

    monkeypatch.setattr(clock, "now", lambda: AT)
    go(unit, {unit.alone.public_id: ""})
    client.force_login(unit.users["unit"])
    page = client.get("/office/waiting/").content.decode()
    assert "只一人：核对账号保管" in page
    hand_over(account=unit.alone, what="phone", person="新人", phone="2", by=unit.users["unit"], at=AT)
    assert confirm_custody(account=unit.shared, by=unit.users["unit"], at=AT) == 1
    assert "核对账号保管" not in client.get("/office/waiting/").content.decode()


def test_the_page_leads_through_it_and_back(client, unit, monkeypatch):
    from qiguan.jobs import clock

    monkeypatch.setattr(clock, "now", lambda: AT)
    client.force_login(unit.users["unit"])
    assert "operator" in client.get("/office/people/").content.decode()
    address = f"/office/people/{unit.users['operator'].public_id}/"
    assert "1个没有别人了" in client.get(address).content.decode()
    answer = client.post(address, {"do": "leave", f"account_{unit.alone.public_id}": ""}, follow=True).content.decode()
    assert "没有人运营了" in answer
    client.post(address, {"do": "leave", f"account_{unit.alone.public_id}": "none", f"account_{unit.shared.public_id}": "none"})
    assert "已离岗" in client.get(address).content.decode()
    client.post(address, {"do": "back"})
    assert runs(unit.alone) == ["operator"]
    client.force_login(unit.users["east"])
    assert client.get(address).status_code == 404
    assert "operator" not in client.get("/office/people/").content.decode()
    client.force_login(unit.users["third"])
    assert client.get("/office/people/").status_code == 403
