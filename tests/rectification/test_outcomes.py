"""Outcome figures: a revival is ninety proven days, a closing counts with a successor, relapse is seen at six months or unknown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT
from tests.inspection.test_rounds import look

from qiguan.collection.models import Post
from qiguan.core.ticket import Cause
from qiguan.inspection.models import RoundAccount
from qiguan.rectification.actions.tickets import open_tickets
from qiguan.rectification.models import Ticket
from qiguan.rectification.queries.outcomes import outcomes

pytestmark = [pytest.mark.django_db, pytest.mark.database]
FIXED = AT + timedelta(days=10)
HALF_A_YEAR = AT + timedelta(days=200)


@pytest.fixture
def zombies(settled):
    RoundAccount.objects.filter(account__in=[settled.dead, settled.again]).update(state="zombie")
    open_tickets(round_=settled.round, by=None, at=AT)
    settled.ticket, settled.other = Ticket.objects.get(account=settled.dead), Ticket.objects.get(account=settled.again)
    return settled


def close(ticket, outcome, cause=Cause.NO_CONTENT):
    Ticket.objects.filter(pk=ticket.pk).update(
        state="closed", outcome=outcome, cause=cause, closed_at=FIXED, fixed_on=FIXED.date()
    )


def post_every(account, days: int, *, until: int):
    for n in range(0, until, days):
        Post.objects.create(
            account=account, key=f"u:{n}", title=f"第{n}", published_at=FIXED + timedelta(days=n, hours=1),
            first_seen_at=FIXED + timedelta(days=n, hours=2),
        )  # fmt: skip


def count(town, at):
    return outcomes(organ=town.city, since=AT, until=AT + timedelta(days=1), at=at)


def test_ninety_proven_days_are_a_revival_and_fewer_are_not_yet(zombies):
    close(zombies.ticket, "revived")
    post_every(zombies.dead, 10, until=100)
    early = count(zombies, FIXED + timedelta(days=50))
    assert (early.zombies, early.reviving, early.still_open, early.ended) == (2, 1, 1, 0)
    later = count(zombies, FIXED + timedelta(days=95))
    assert (later.revived, later.ended, later.days_to_end) == (1, 1, 10)
    assert later.causes == {"无内容": 1}


def test_a_gap_or_our_own_silence_is_not_proven(zombies):
    close(zombies.ticket, "revived")
    post_every(zombies.dead, 30, until=100)
    found = count(zombies, FIXED + timedelta(days=95))
    assert (found.revived, found.not_proven, found.ended, found.days_to_end) == (0, 1, 0, None)


def test_merging_and_closing_count_with_a_successor_only(zombies):
    close(zombies.ticket, "merged", Cause.NOT_NEEDED)
    close(zombies.other, "cancelled", Cause.NOT_NEEDED)
    found = count(zombies, FIXED)
    assert (found.merged, found.closed_without, found.ended) == (1, 1, 1)
    zombies.again.replaced_by = zombies.alive
    zombies.again.save()
    found = count(zombies, FIXED)
    assert (found.closed_with_successor, found.closed_without, found.ended) == (1, 0, 2)
    assert found.causes == {"不需要此号": 2}


def test_relapse_is_seen_held_or_unknown_at_six_months(zombies):
    for ticket in (zombies.ticket, zombies.other):
        close(ticket, "revived")
    early = count(zombies, FIXED + timedelta(days=170))
    assert early.relapse_due == 0
    found = count(zombies, HALF_A_YEAR)
    assert (found.relapse_due, found.relapse_unknown) == (2, 2)  # nobody looked
    post_every(zombies.dead, 10, until=190)
    look(zombies.again, 190, by=zombies.users["checker"], at=HALF_A_YEAR)
    found = count(zombies, HALF_A_YEAR)
    assert (found.held, found.relapsed, found.relapse_unknown) == (1, 1, 0)


def test_only_the_organs_own_and_the_periods_tickets_count(zombies):
    assert outcomes(organ=zombies.south, since=AT, until=AT + timedelta(days=1), at=FIXED).tickets == 1
    assert count(zombies, FIXED).tickets == 2
    assert outcomes(organ=zombies.city, since=AT - timedelta(days=9), until=AT, at=FIXED).tickets == 0
