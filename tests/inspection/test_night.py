"""The pass over many due accounts says of each what its own page says, and of all what a first judging would write."""

from __future__ import annotations

import os
from datetime import timedelta
from random import Random

import pytest
from tests.factories import AT, make_account, make_town

from qiguan.collection.models import CoverageSpan, HumanCheck, Post, Sighting, Source
from qiguan.core.facts import Scope
from qiguan.inspection.actions.standing import PackTable, judge_all, judge_due
from qiguan.inspection.models import Standing
from qiguan.inspection.queries.story import story_of
from qiguan.jobs import halves
from qiguan.people.models import Organ
from qiguan.register.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.database]
N = 60


def day(ago: float):
    return AT - timedelta(days=ago)


@pytest.fixture
def mixed(town):
    """Accounts of every kind: each hand, each stage of life, an owner that has ended and one that will."""
    Organ.objects.filter(pk=town.audit.pk).update(ended_on=day(30).date(), successor=town.city)
    Organ.objects.filter(pk=town.east.pk).update(ended_on=day(-9).date())
    dice = Random(4)
    lives = [
        {}, {}, {}, {"closed_on": day(50).date()}, {"blocked_on": day(5).date(), "blocked_why": "违规"}, {"scope": Scope.LISTED}, {"kind": "service"},
        {"closing_filed_on": day(20).date(), "closing_notice_on": day(19).date(), "closes_on": day(-4).date()}, {"closing_filed_on": day(3).date()},
    ]  # fmt: skip
    for n in range(N):
        owner = dice.choice([town.commerce, town.audit, town.east])
        platform = dice.choice(["wechat_mp", "weibo", "douyin", "app"])
        opened = dice.choice([-3, 4, 900, 900, 900])
        account = make_account(owner, f"号{n}", platform=platform, platform_id=f"id{n}", opened=opened, **lives[n % len(lives)])
        hand = dice.choice(["complete", "complete", "complete", "partial", "blind", "none"])
        _watch(account, hand, dice)
        for ago in {*dice.sample(range(1, 500), dice.choice([0, 1, 8])), *dice.choice([[], [1], [9], [12], [13], [40]])}:
            precision = dice.choice(["second", "second", "day"])
            Post.objects.create(
                account=account, key=f"k{ago}", title="通知", published_at=day(ago), precision=precision, first_seen_at=day(ago),
                pushed=dice.choice([None, True, False]), asked_about=dice.random() < 0.1,
            )  # fmt: skip
        if dice.random() < 0.4:
            said, ago = dice.choice(["newest", "never", "not_found", "frozen", "cancelled", "renamed"]), dice.randint(0, 30)
            newest = day(ago + dice.randint(1, 20)) if said == "newest" else None
            HumanCheck.objects.create(
                account=account, client_key=f"c{n}", at=day(ago), stored_at=day(ago), said=said, newest_at=newest, newest_precision="day", message_box=dice.choice([None, True, False])
            )  # fmt: skip
        if dice.random() < 0.15:
            Sighting.objects.create(account=account, at=day(2), posted_at=day(dice.randint(2, 15)), precision="day")
    judge_all(at=AT)
    return town


def _watch(account: Account, hand: str, dice: Random) -> None:
    if hand == "none":
        return
    blind = {"outcome": "timeout", "outcome_since": day(6), "failures": 5} if hand == "blind" else {}
    source = Source.objects.create(
        account=account, connector="rss", url=f"https://x.invalid/{account.pk}", complete=hand != "partial", added_at=AT, **blind
    )
    if hand == "complete":
        start, until = dice.choice([None, None, day(10)]), day(dice.choice([0, 0, 0, 1.5]))
        CoverageSpan.objects.create(source=source, account=account, start=start, until=until, read_at=until)


def rows():
    return {row["account_id"]: row for row in Standing.objects.values()}


def test_the_pass_writes_what_a_first_judging_would_write_and_the_page_says(mixed):
    packs_seen, changed = set(), 0
    for later in (AT + timedelta(days=d) for d in (1.1, 2, 3, 6, 20, 90)):
        before = rows()
        due = set(Standing.objects.filter(look_again_at__lte=later).values_list("pk", flat=True))
        assert judge_due(at=later) == len(due)
        after = rows()
        assert {pk: row for pk, row in after.items() if pk not in due} == {pk: row for pk, row in before.items() if pk not in due}
        packs = PackTable(later)
        for account in Account.objects.filter(pk__in=due).select_related("owner"):
            story, row = story_of(account, pack=packs.of(account), at=later), after[account.pk]
            judged, word = story.judged, story.verdict.word
            assert (row["state"], row["reason"], row["because"]) == (judged.state, judged.reason, judged.because[:300])
            assert (row["verdict"], row["next_step"], row["flags"]) == (word or "", judged.next_step, list(judged.flags))
            moments = ("as_of", "last_post_at", "next_line_at", "look_again_at", "days_silent")
            assert [row[name] for name in moments] == [getattr(judged, name) for name in moments]
            changed += row["state"] != before[account.pk]["state"]
            packs_seen.add(row["state"])
        Standing.objects.all().delete()
        judge_all(at=later)
        fresh = rows()
        assert {pk: after[pk] for pk in due} == {pk: fresh[pk] for pk in due}
        # the moment to look again was right: nobody's state changed before it
        assert {pk: row["state"] for pk, row in after.items()} == {pk: row["state"] for pk, row in fresh.items()}
    assert changed > 15
    assert len(packs_seen) >= 6


def test_a_row_that_the_register_changed_is_written_whole(mixed):
    account = Account.objects.filter(standing__look_again_at__lte=AT + timedelta(days=3)).first()
    Account.objects.filter(pk=account.pk).update(name="新名")
    judge_due(at=AT + timedelta(days=3))
    row = Standing.objects.get(pk=account.pk)
    assert row.name == "新名"
    assert row.sort_key.startswith("xin")


@pytest.mark.django_db(transaction=True)
def test_two_processes_judge_as_one(monkeypatch):
    town = make_town()
    for n in range(30):
        _watch(make_account(town.commerce, f"号{n}", platform_id=f"id{n}", opened=900), "complete", Random(n))
    judge_all(at=AT)
    later = AT + timedelta(days=15)
    due = Standing.objects.filter(look_again_at__lte=later).count()
    assert due > 20
    assert judge_due(at=later) == due
    alone = list(Standing.objects.order_by("pk").values())
    judge_all(at=AT)
    monkeypatch.setattr(halves, "LEAST", 2)
    assert judge_due(at=later) == due
    assert list(Standing.objects.order_by("pk").values()) == alone


@pytest.mark.django_db(transaction=True)
def test_what_a_second_process_leaves_undone_is_done_here(monkeypatch):
    monkeypatch.setattr(halves, "LEAST", 2)
    here, seen = os.getpid(), []

    def work(ids):
        if os.getpid() != here:
            os._exit(1)
        seen.extend(ids)
        return len(ids)

    assert halves.in_halves(work, range(7)) == 7
    assert sorted(seen) == list(range(7))
