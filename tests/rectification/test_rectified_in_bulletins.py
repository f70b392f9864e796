"""What was put right before a bulletin goes out stands in its snapshot, and counts there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.factories import AT

from qiguan.core.ticket import Cause
from qiguan.publication.actions.bulletins import approve_bulletin, draft_bulletin, show_to_units
from qiguan.publication.actions.publishing import publish_bulletin
from qiguan.rectification.models import Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AFTER = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)


def test_a_rectified_account_shows_first_as_rectified(open_town):
    Ticket.objects.filter(pk=open_town.ticket.pk).update(
        state="closed",
        outcome="revived",
        cause=Cause.CANNOT,
        fixed_on=(AT + timedelta(days=2)).date(),
        closed_at=AT + timedelta(days=3),
    )
    boss = open_town.users["supervisor"]
    bulletin = draft_bulletin(round_=open_town.round, by=boss, at=AT)
    approve_bulletin(bulletin=bulletin, by=open_town.users["second"], at=AT)
    show_to_units(bulletin=bulletin, by=boss, at=AT)
    snapshot = publish_bulletin(bulletin=bulletin, by=boss, at=AFTER)
    assert snapshot.accounts.get(account=open_town.dead).rectified == "9月18日恢复更新"
    assert snapshot.accounts.get(account=open_town.again).rectified == ""
    assert snapshot.totals["rectified"] == 1
