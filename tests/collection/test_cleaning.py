"""Old polls go, the open row and all coverage stay."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qiguan.collection.actions.cleaning import drop_old_polls
from qiguan.collection.models import CoverageSpan, Poll, Source
from tests.factories import AT, make_account

pytestmark = pytest.mark.django_db


def test_polls_are_dropped_after_ninety_days_but_never_the_open_row(town):
    source = Source.objects.create(
        account=make_account(town.commerce, platform_id="gh_1"), connector="rss", url="https://x.invalid/", added_at=AT
    )
    old, opened, fresh = (
        Poll.objects.create(source=source, outcome="ok", first_at=AT - timedelta(days=d), last_at=AT - timedelta(days=d))
        for d in (91, 200, 89)
    )
    Source.objects.filter(pk=source.pk).update(poll_ref=opened.pk)
    CoverageSpan.objects.create(source=source, account=source.account, start=None, until=AT - timedelta(days=200), read_at=AT)
    assert drop_old_polls(at=AT) == 1
    assert set(Poll.objects.values_list("pk", flat=True)) == {opened.pk, fresh.pk}
    assert CoverageSpan.objects.count() == 1
    assert not Poll.objects.filter(pk=old.pk).exists()
