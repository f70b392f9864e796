"""A settled round of the city: 停更的 and 又停更的 of 南例县商务局 failed, 活着的 passed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, make_account
from tests.inspection.test_rounds import look

from qiguan.core.calendar import seed
from qiguan.inspection.actions.findings import confirm_findings, dismiss_findings
from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
from qiguan.inspection.actions.settling import settle_round
from qiguan.jobs.models import WorkingDay
from qiguan.people.actions import add_user
from qiguan.people.models import Role
from qiguan.rectification.actions.tickets import open_tickets
from qiguan.rectification.models import Ticket
from qiguan.register.models import AccountStaff


@pytest.fixture
def settled(town):
    WorkingDay.objects.bulk_create(
        [WorkingDay(day=r.day, is_working=r.is_working, note=r.note) for r in seed([2026])], ignore_conflicts=True
    )
    town.dead = make_account(town.commerce, "停更的", platform_id="gh_1", has_cover=True, staffing="part")
    town.again = make_account(town.audit, "又停更的", platform_id="gh_2")
    town.alive = make_account(town.commerce, "活着的", platform_id="gh_3")
    checker, boss = town.users["checker"], town.users["supervisor"]
    look(town.dead, 40, by=checker)
    look(town.again, 50, by=checker)
    look(town.alive, 1, by=checker)
    town.users["county"] = add_user(
        username="county",
        shown_name="county",
        password="a-long-test-password",
        roles=[(town.south, Role.SUPERVISOR)],
        by=None,
        at=AT,
    )
    town.round = open_round(
        organ=town.city, title="2026年第三季度检查", at=AT - timedelta(days=1), choice=Choice(), by=boss, now=AT
    )
    judge_round(round_=town.round, at=AT)
    confirm_findings(findings=list(town.round.findings.filter(rule="GB19-M-V2a")), by=boss, at=AT)
    if rest := list(town.round.findings.filter(state="suspected")):
        dismiss_findings(findings=rest, reason="已另行核实", by=boss, at=AT)
    settle_round(round_=town.round, by=boss, at=AT)
    return town


@pytest.fixture
def open_town(settled):
    """Its tickets opened; `ticket` is that of 停更的, which the operator runs."""
    AccountStaff.objects.create(account=settled.dead, user=settled.users["operator"])
    open_tickets(round_=settled.round, by=settled.users["supervisor"], at=AT)
    settled.ticket = Ticket.objects.get(account=settled.dead)
    settled.other = Ticket.objects.get(account=settled.again)
    return settled
