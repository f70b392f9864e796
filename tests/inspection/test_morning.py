"""The morning's messages from standings and roles: who, once a day, whatever runs twice; and what a page of them shows."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connections
from tests.factories import AT, PASSWORD, make_account, make_town

from qiguan.core.calendar import seed
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.actions import warnings as warning_actions
from qiguan.inspection.actions.warnings import queue_warnings
from qiguan.inspection.models import Standing
from qiguan.inspection.warned import LeaderDecision, LeaderLink, Warned
from qiguan.jobs.models import WorkingDay
from qiguan.people.actions import add_user
from qiguan.people.models import AuditEntry, Membership, Role
from qiguan.people.outbox.models import Delivery, Notice
from qiguan.people.outbox.targets import add_target
from qiguan.register.actions.filings import submit_filing
from qiguan.register.models import AccountStaff

MORNING = datetime(2026, 9, 16, 9, 5, tzinfo=SHANGHAI)


def stand(account, *, line=timedelta(days=1, hours=12), state="due", reason="posted", **more) -> Standing:
    """A standing as the judge would leave it; `line` counts from MORNING."""
    line_at = None if line is None else MORNING + line
    values = {
        "state": state, "reason": reason, "because": "最近一篇是2026年9月4日，12天前", "judged_at": AT, "last_post_at": MORNING - timedelta(days=12), "next_line_at": line_at,
        "pack": "national", "public_id": account.public_id, "name": account.name, "sort_key": "", "platform": account.platform, "owner_name": account.owner.name, "owner_sort_key": "",
        "owner_path": account.owner_path, "level": "county", "scope": account.scope, "seen": "complete", "line_key": int(line_at.timestamp()) if line_at else 1 << 40,
    }  # fmt: skip
    return Standing.objects.update_or_create(account=account, defaults={**values, **more})[0]


def calendar(*years: int) -> None:
    WorkingDay.objects.bulk_create(WorkingDay(day=d, is_working=w, note=n) for d, w, n in seed(years))


def cast(town):
    """南例县商务局 with a leader, one account run by its operator."""
    calendar(2026)
    leader = add_user(
        username="leader", shown_name="分管负责人", password=PASSWORD, roles=[(town.commerce, Role.LEADER)], by=None, at=AT
    )
    town.users["leader"] = leader
    account = make_account(town.commerce, platform_id="gh_1")
    AccountStaff.objects.create(account=account, user=town.users["operator"], part="operator")
    return account


@pytest.fixture
def account(town):
    return cast(town)


def told() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for notice in Notice.objects.select_related("to").order_by("pk"):
        found.setdefault(notice.to.username, []).append(notice.title)
    return found


def test_operator_hears_and_the_leader_is_asked(town, account):
    stand(account)
    assert queue_warnings(at=MORNING) == 2
    assert told() == {"operator": ["1个账号快到更新期限"], "leader": ["1个账号请您决定"]}
    assert AuditEntry.objects.get(action="queue_warnings").count == 2
    assert Warned.objects.filter(account=account).count() == 2
    assert LeaderDecision.objects.get().link.leader == town.users["leader"]


def test_twice_a_morning_and_after_a_restart_nothing_is_added(account):
    stand(account)
    for minutes in (0, 0, 4, 60, 170, 200):
        queue_warnings(at=MORNING + timedelta(minutes=minutes))
    assert {name: len(titles) for name, titles in told().items()} == {"operator": 1, "leader": 1}
    assert queue_warnings(at=MORNING + timedelta(days=1)) == 1
    assert {name: len(titles) for name, titles in told().items()} == {"operator": 2, "leader": 1}


def test_a_clock_that_jumps_ahead_and_back_doubles_nothing(account):
    stand(account, line=timedelta(days=3, hours=12))
    for days in (0, 2, 0, 1, 2, -7, 0):
        queue_warnings(at=MORNING + timedelta(days=days))
    keys = list(Notice.objects.values_list("to__username", "key"))
    assert len(keys) == len(set(keys))
    assert Notice.objects.filter(to__username="leader").count() == 1


@pytest.mark.parametrize("at", [MORNING - timedelta(hours=1), MORNING + timedelta(days=3), MORNING + timedelta(hours=10)])
def test_outside_working_mornings_nobody_hears(account, at):
    stand(account, line=timedelta(days=6))
    assert queue_warnings(at=at) == 0


def test_the_calendar_of_the_office_decides(account):
    stand(account)
    WorkingDay.objects.filter(day=MORNING.date()).update(is_working=False)
    assert queue_warnings(at=MORNING) == 0


def test_without_a_calendar_the_plain_week_serves_and_is_named(account):
    WorkingDay.objects.all().delete()
    stand(account)
    queue_warnings(at=MORNING)
    assert "2026年的工作日历还没有录入" in Notice.objects.get(to__username="operator").lines[-1]


def test_a_blind_account_warns_nobody(account):
    stand(account, state="unknown", reason="blind", line=None)
    assert queue_warnings(at=MORNING) == 0
    stand(account, state="due", reason="new", seen="nothing")
    assert queue_warnings(at=MORNING) == 0


def test_a_partial_source_asks_the_operator_and_leaves_the_leader_alone(account):
    stand(account, reason="posted_partial", seen="partial")
    queue_warnings(at=MORNING)
    assert told() == {"operator": ["1个账号快到更新期限"]}
    assert "来源不完整" in Notice.objects.get().lines[0]


def test_no_line_binds_a_listed_account_or_one_outside_the_rule(town, account):
    stand(account, scope="listed")
    assert queue_warnings(at=MORNING) == 0
    stand(account, flags=["not_bound"])
    assert queue_warnings(at=MORNING) == 0


def test_without_staff_the_operators_of_the_unit_hear_and_without_them_its_administrator(town, account):
    AccountStaff.objects.all().delete()
    stand(account)
    queue_warnings(at=MORNING)
    assert "operator" in told()
    Notice.objects.all().delete()
    Membership.objects.filter(role=Role.OPERATOR).delete()
    queue_warnings(at=MORNING)
    assert "unit" in told()


def test_staff_who_left_and_people_who_are_gone_do_not_hear(town, account):
    AccountStaff.objects.update(until=MORNING.date())
    Membership.objects.filter(user=town.users["operator"]).update(until=MORNING.date())
    town.users["leader"].is_active = False
    town.users["leader"].save()
    stand(account)
    queue_warnings(at=MORNING)
    assert set(told()) == {"unit"}


def test_a_leader_of_another_unit_and_a_supervisor_hear_nothing(town, account):
    add_user(
        username="other",
        shown_name="x",
        password=PASSWORD,
        roles=[(town.audit, Role.LEADER), (town.south, Role.LEADER)],
        by=None,
        at=AT,
    )
    stand(account)
    queue_warnings(at=MORNING)
    assert set(told()) == {"operator", "leader"}


def test_a_filing_to_close_that_waits_silences_the_warning(town, account):
    stand(account)
    submit_filing(what="cancel", organ=town.commerce, account=account, said={"note": "x"}, by=town.users["unit"], at=AT)
    assert queue_warnings(at=MORNING) == 0


def test_over_the_line_is_told_once_a_state_to_the_administrator_too(account):
    stand(account, state="overdue", reason="silent", line=timedelta(days=15))
    queue_warnings(at=MORNING)
    assert told() == {"operator": ["1个账号已过更新期限"], "unit": ["1个账号已过更新期限"]}
    assert queue_warnings(at=MORNING + timedelta(days=1)) == 0
    stand(account, state="sleeping", reason="silent", line=timedelta(days=60))
    assert queue_warnings(at=MORNING + timedelta(days=1)) == 2


def test_several_accounts_of_a_leader_share_one_link(town, account):
    second = make_account(town.commerce, "南例发布", platform_id="gh_2")
    stand(account)
    stand(second)
    queue_warnings(at=MORNING)
    assert LeaderLink.objects.get().decisions.count() == 2
    assert Notice.objects.get(to__username="leader").title == "2个账号请您决定"


def test_one_person_who_fails_half_way_leaves_nothing_half_done(account, monkeypatch):
    stand(account)
    make = warning_actions._make_link

    def broken(*args):
        make(*args)
        raise RuntimeError("power cut")

    monkeypatch.setattr(warning_actions, "_make_link", broken)
    with pytest.raises(RuntimeError):
        queue_warnings(at=MORNING)
    assert not Notice.objects.filter(to__username="leader").exists()
    assert not LeaderLink.objects.exists()
    monkeypatch.setattr(warning_actions, "_make_link", make)
    queue_warnings(at=MORNING + timedelta(minutes=4))
    assert {name: len(titles) for name, titles in told().items()} == {"operator": 1, "leader": 1}


def test_the_outside_message_carries_the_key_and_the_database_does_not(town, account):
    from qiguan.people.outbox.sending import letter_of

    add_target(kind="email", address="l@example.invalid", by=town.users["leader"], at=AT)
    stand(account)
    queue_warnings(at=MORNING)
    link = letter_of(Delivery.objects.select_related("notice", "target").get()).link
    key = link.rstrip("/").rpartition("/")[2]
    assert warning_actions.link_of(key) == LeaderLink.objects.get()
    assert warning_actions.link_of(key[:-1] + ("a" if key[-1] != "a" else "b")) is None
    assert key.partition(":")[0] not in LeaderLink.objects.get().key_hash


@pytest.mark.django_db(transaction=True)
def test_several_workers_at_once_queue_one_each():
    town = make_town()
    for n in range(12):
        account = cast(town) if not n else make_account(town.commerce, f"号{n}", platform_id=f"gh_{n + 1}")
        if n:
            AccountStaff.objects.create(account=account, user=town.users["operator"], part="operator")
        stand(account)
    errors = []

    def work() -> None:
        try:
            queue_warnings(at=MORNING)
        except Exception as error:  # told to the test below
            errors.append(error)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert errors == []
    assert {name: len(titles) for name, titles in told().items()} == {"operator": 1, "leader": 1}
    assert LeaderLink.objects.count() == 1
    assert LeaderDecision.objects.count() == 12
    assert Warned.objects.count() == 24


def test_the_list_shows_who_was_told_and_a_foreign_supervisor_nothing(client, town, account, monkeypatch):
    from qiguan.jobs import clock

    monkeypatch.setattr(clock, "now", lambda: MORNING + timedelta(minutes=10))
    stand(account)
    queue_warnings(at=MORNING)
    client.force_login(town.users["supervisor"])
    page = client.get("/office/warnings/").content.decode()
    assert "1个账号快到更新期限" in page
    assert "运营人员operator" in page
    assert "分管负责人分管负责人" in page
    client.force_login(town.users["operator"])
    page = client.get("/office/warnings/").content.decode()
    assert account.name in page
    assert "运营人员operator" not in page
    client.force_login(town.users["east"])
    assert account.name not in client.get("/office/warnings/").content.decode()


def test_the_quota_is_read_from_what_was_pushed_and_the_agreement_from_the_register(account):
    from qiguan.collection.models import Post
    from qiguan.register.actions.custody import agree_cadence

    unit = Membership.objects.get(user__username="unit").user
    agree_cadence(account=account, days=7, quota="daily", by=unit, at=AT)
    stand(account, state="active", line=timedelta(days=20), last_post_at=MORNING - timedelta(days=6, hours=12))
    assert queue_warnings(at=MORNING) == 1
    assert told() == {"operator": ["1个账号到约定的更新日子"]}
    Notice.objects.all().delete()
    Post.objects.create(
        account=account, key="p", title="x", published_at=MORNING - timedelta(hours=1), first_seen_at=MORNING, pushed=True
    )
    stand(account)
    queue_warnings(at=MORNING)
    assert "群发次数已用完，2026年9月17日起" in Notice.objects.get(to__username="operator").lines[0]
