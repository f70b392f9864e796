"""Before a line an account's sources are looked at more often: the last word before a warning is a fresh one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, make_account

from qiguan.collection.actions.lease import claim_due
from qiguan.collection.actions.polls import waits
from qiguan.collection.actions.sources import add_source
from qiguan.collection.models import CoverageSpan, Post, Source
from qiguan.core.source import Outcome, Reading
from qiguan.inspection.actions.standing import judge_accounts
from qiguan.inspection.models import Standing
from qiguan.jobs import clock

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def watched(town, days: float, name: str = "南例商务") -> Source:
    account = make_account(town.commerce, name, platform_id=f"gh_{name}")
    source = add_source(account=account, connector_code="rss", url=f"https://x.invalid/{name}", complete=True, by=None, at=AT)
    CoverageSpan.objects.create(source=source, account=account, start=None, until=AT, read_at=AT)
    Post.objects.create(
        account=account, key="a", title="通知", published_at=AT - timedelta(days=days), first_seen_at=AT - timedelta(days=days)
    )
    Source.objects.filter(pk=source.pk).update(next_at=clock.machine_now() + timedelta(hours=20), outcome="ok")
    judge_accounts([account.pk], at=AT)
    source.refresh_from_db()
    return source


def test_a_source_whose_account_nears_its_line_is_looked_at_within_two_hours(town):
    source = watched(town, 13)
    assert source.line_at == Standing.objects.get(pk=source.account_id).next_line_at
    assert source.next_at <= clock.machine_now() + timedelta(hours=2)
    [held] = claim_due(owner="t", now=clock.machine_now(), only=[source.pk])
    unchanged, own = waits(held, Reading(Outcome.NOT_MODIFIED), at=AT)
    assert unchanged <= 2 * 3600 < own
    assert waits(held, Reading(Outcome.OK), at=AT)[0] <= 2.3 * 3600


def test_an_account_far_from_its_line_keeps_its_pace(town):
    source = watched(town, 2)
    assert source.next_at > clock.machine_now() + timedelta(hours=19)
    [held] = claim_due(owner="t", now=clock.machine_now(), only=[source.pk])
    assert waits(held, Reading(Outcome.NOT_MODIFIED), at=AT) == (17280, 17280)


def test_judging_again_without_a_new_line_leaves_the_source_alone(town):
    source = watched(town, 13)
    later = clock.machine_now() + timedelta(hours=20)
    Source.objects.filter(pk=source.pk).update(next_at=later)
    judge_accounts([source.account_id], at=AT + timedelta(minutes=5))
    source.refresh_from_db()
    assert source.next_at == later
