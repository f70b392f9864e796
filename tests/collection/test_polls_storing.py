"""Storing what sources answered: idempotent, guarded by the lease, and never more certain than the source was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qiguan.collection.actions.comparing import clean, vouched_from
from qiguan.collection.actions.lease import LEASE, claim_due
from qiguan.collection.actions.sources import add_source, change_source
from qiguan.collection.actions.storing import Answered, store_answers
from qiguan.collection.models import CoverageSpan, Poll, Post, PostAlias, PostRevision, Source, Touched
from qiguan.core.errors import QiguanError
from qiguan.core.source import Item, Outcome, Reading
from qiguan.core.written_dates import PostedAt
from tests.factories import AT, make_account, make_town

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def account():
    return make_account(make_town().commerce)


@pytest.fixture
def source(account):
    return source_of(account)


def source_of(account, url="https://news.example.invalid/feed.xml", *, complete=True):
    return add_source(account=account, connector_code="rss", url=url, complete=complete, by=None, at=AT)


def item(n, ago=None, *, title="", raw="", **more):
    posted = None if ago is None else PostedAt(AT - ago, raw=raw)
    return Item(f"k{n}", title or f"第{n}篇", f"https://news.example.invalid/{n}", posted, **more)


def read(source, *items, at=AT, outcome=Outcome.OK, etag="", **more):
    """Answer for a source as the poller does: claim, store."""
    [held] = claim_due(owner="me", now=at, only=[source.pk])
    reading = Reading(outcome, items, **more)
    new = store_answers([Answered(held, reading, at + HOUR, 3600, etag=etag, body_hash="h" if etag else "")], owner="me", at=at)
    source.refresh_from_db()
    return new


def spans(source):
    return list(CoverageSpan.objects.filter(source=source).order_by("until").values_list("start", "until"))


def test_the_same_answer_twice_stores_each_post_once(source):
    assert read(source, item(1, 2 * DAY), item(2, DAY)) == 2
    assert read(source, item(1, 2 * DAY), item(2, DAY), at=AT + HOUR) == 0
    assert Post.objects.count() == 2
    assert PostRevision.objects.count() == 0
    poll = Poll.objects.get()
    assert (poll.times, poll.new, poll.first_at, poll.last_at) == (2, 2, AT, AT + HOUR)


def test_two_sources_of_an_account_share_their_posts_and_never_edit_in_turns(account, source):
    other = source_of(account, "https://other.example.invalid/feed.xml")
    read(source, item(1, DAY, title="甲"))
    assert read(other, item(1, DAY, title="乙"), item(2, HOUR)) == 1
    assert read(source, item(1, DAY, title="甲"), at=AT + HOUR) == 0
    assert PostRevision.objects.count() == 0
    assert Post.objects.get(key="k1").title == "甲"


def test_two_sources_in_one_batch_bring_a_post_once(account, source):
    other = source_of(account, "https://other.example.invalid/feed.xml")
    held = claim_due(owner="me", now=AT, only=[source.pk, other.pk])
    batch = [Answered(h, Reading(Outcome.OK, (item(1, DAY),)), AT, 3600) for h in held]
    assert store_answers(batch, owner="me", at=AT) == 1


def test_a_lost_lease_changes_nothing(source):
    [held] = claim_due(owner="me", now=AT, only=[source.pk])
    Source.objects.filter(pk=source.pk).update(owner="another")
    Touched.objects.all().delete()
    assert store_answers([Answered(held, Reading(Outcome.OK, (item(1, DAY),)), AT, 3600)], owner="me", at=AT) == 0
    source.refresh_from_db()
    assert (source.owner, source.outcome) == ("another", "")
    assert not Post.objects.exists()
    assert not Poll.objects.exists()
    assert not Touched.objects.exists()


def test_a_claim_is_a_lease_and_nobody_else_gets_it_meanwhile(source):
    now = source.next_at + HOUR
    assert [h.pk for h in claim_due(owner="a", now=now)] == [source.pk]
    assert claim_due(owner="b", now=now) == []
    assert [h.pk for h in claim_due(owner="b", now=now + LEASE)] == [source.pk]


def test_a_disabled_source_is_not_claimed(source):
    Source.objects.update(enabled=False)
    assert claim_due(owner="a", now=source.next_at + HOUR) == []


def test_coverage_starts_at_the_oldest_item_and_is_extended_without_a_gap(source):
    read(source, item(2, DAY), item(1, 5 * DAY))
    read(source, item(3, -HOUR), item(2, DAY), at=AT + 2 * HOUR)
    assert spans(source) == [(AT - 5 * DAY, AT + 2 * HOUR)]


def test_not_modified_extends_coverage_and_a_failure_does_not(source):
    read(source, item(1, 5 * DAY))
    read(source, at=AT + HOUR, outcome=Outcome.NOT_MODIFIED)
    assert spans(source) == [(AT - 5 * DAY, AT + HOUR)]
    read(source, at=AT + 2 * HOUR, outcome=Outcome.NOT_MODIFIED)
    for n, outcome in enumerate([Outcome.LOGIN_PAGE, Outcome.TRUNCATED, Outcome.TIMEOUT, Outcome.NOT_A_FEED, Outcome.GONE], 3):
        read(source, at=AT + n * HOUR, outcome=outcome)
    assert spans(source) == [(AT - 5 * DAY, AT + 2 * HOUR)]
    assert source.failures == 5


def test_a_gap_opens_a_new_span(source):
    read(source, item(1, 5 * DAY))
    read(source, item(9, -8 * DAY), at=AT + 10 * DAY)
    assert spans(source) == [(AT - 5 * DAY, AT), (AT + 8 * DAY, AT + 10 * DAY)]


def test_statistics_that_end_yesterday_cover_to_the_end_of_yesterday(source):
    read(source, item(1, 5 * DAY), covers_from=AT - 9 * DAY, covers_until=AT - DAY)
    assert spans(source) == [(AT - 9 * DAY, AT - DAY)]


def test_a_source_that_says_it_is_whole_covers_from_the_beginning(source):
    read(source, item(1, 5 * DAY), whole=True)
    assert spans(source) == [(None, AT)]


def test_a_partial_source_covers_nothing(account):
    partial = source_of(account, complete=False)
    read(partial, item(1, DAY))
    assert spans(partial) == []
    assert Post.objects.count() == 1


def test_an_empty_answer_vouches_for_never_only_while_no_post_is_known(account, source):
    read(source, outcome=Outcome.EMPTY)
    assert spans(source) == [(None, AT)]
    other = source_of(account, "https://other.example.invalid/feed.xml")
    read(other, item(1, DAY), at=AT + HOUR)
    read(source, outcome=Outcome.EMPTY, at=AT + DAY)
    assert spans(source) == [(None, AT)]


def test_an_answer_without_any_date_vouches_for_nothing(source):
    read(source, item(1))
    read(source, at=AT + HOUR)
    assert spans(source) == []
    assert Post.objects.count() == 1


def test_an_old_post_pinned_on_top_stretches_no_coverage_and_deletes_nothing(source):
    read(source, item(1, 5 * DAY), item(2, 3 * DAY), item(3, 2 * DAY))
    pinned = [item("old", 900 * DAY), item(6, DAY), item(5, 1.5 * DAY), item(4, 1.8 * DAY)]
    read(source, *pinned, at=AT + HOUR)
    assert not Post.objects.filter(deleted_seen_at__isnull=False).exists()
    assert vouched_from(Reading(Outcome.OK, tuple(pinned))) == AT - 1.8 * DAY
    assert vouched_from(Reading(Outcome.OK, tuple(reversed(pinned[1:])))) == AT - 1.8 * DAY
    assert vouched_from(Reading(Outcome.OK, (item(1),))) is None


def test_an_edit_keeps_what_the_post_said_before(source):
    read(source, item(1, DAY, title="旧题"))
    read(source, item(1, 2 * DAY, title="新题"), at=AT + HOUR)
    post, revision = Post.objects.get(), PostRevision.objects.get()
    assert (post.title, post.published_at) == ("新题", AT - 2 * DAY)
    assert (revision.title, revision.published_at, revision.noticed_at) == ("旧题", AT - DAY, AT + HOUR)


def test_a_relative_date_that_drifts_is_no_edit(source):
    read(source, item(1, 3 * HOUR, raw="3小时前"))
    read(source, item(1, 2.5 * HOUR, raw="4小时前"), at=AT + HOUR)
    assert PostRevision.objects.count() == 0


def test_a_post_that_a_complete_source_no_longer_shows_is_noted_as_deleted_and_may_come_back(source):
    read(source, item(3, DAY), item(2, 2 * DAY), item(1, 3 * DAY))
    read(source, item(3, DAY), item(1, 3 * DAY), at=AT + HOUR)
    assert list(Post.objects.filter(deleted_seen_at=AT + HOUR).values_list("key", flat=True)) == ["k2"]
    read(source, item(3, DAY), item(2, 2 * DAY), item(1, 3 * DAY), at=AT + 2 * HOUR)
    assert not Post.objects.filter(deleted_seen_at__isnull=False).exists()


def test_a_post_that_fell_off_the_end_of_the_list_is_not_deleted(source):
    read(source, item(2, 2 * DAY), item(1, 3 * DAY))
    read(source, item(3, DAY), item(2, 2 * DAY), at=AT + HOUR)
    assert not Post.objects.filter(deleted_seen_at__isnull=False).exists()


@pytest.mark.parametrize(("complete", "outcome"), [(False, Outcome.OK), (True, Outcome.TRUNCATED)])
def test_a_partial_or_broken_answer_never_proves_a_deletion(account, complete, outcome):
    source = source_of(account, complete=complete)
    read(source, item(3, DAY), item(2, 2 * DAY), item(1, 3 * DAY))
    read(source, item(3, DAY), item(1, 3 * DAY), at=AT + HOUR, outcome=outcome)
    assert not Post.objects.filter(deleted_seen_at__isnull=False).exists()


def test_what_the_platform_itself_calls_deleted_is_noted(source):
    read(source, item(1, DAY))
    read(source, item(1, DAY, deleted=True), at=AT + HOUR)
    assert Post.objects.get().deleted_seen_at == AT + HOUR


def test_a_post_stated_for_a_day_that_was_already_covered_without_it_is_asked_about(source):
    read(source, item(1, 5 * DAY))
    read(source, item(2, 2 * DAY), item(1, 5 * DAY), at=AT + HOUR)  # covered to AT: stated two days before
    read(source, item(3, HOUR / 2), item(2, 2 * DAY), item(1, 5 * DAY), at=AT + 2 * HOUR)
    assert {p.key: p.asked_about for p in Post.objects.all()} == {"k1": False, "k2": True, "k3": False}


def test_our_own_blindness_is_never_called_back_dating(source):
    read(source, item(1, 5 * DAY))
    read(source, item(2, -2 * DAY), item(1, 5 * DAY), at=AT + 9 * DAY)
    assert not Post.objects.filter(asked_about=True).exists()


def test_a_changed_name_is_shown_until_accepted_and_the_first_name_is_the_base(source):
    read(source, item(1, DAY), name="南例商务的动态", etag="e1")
    assert (source.outcome, source.seen_name, source.etag) == ("ok", "南例商务的动态", "e1")
    read(source, item(1, DAY), name="某某养生", at=AT + HOUR, etag="e2")
    assert (source.outcome, source.etag) == ("renamed", "e1")  # read in full until a person answers
    assert "某某养生" in Poll.objects.latest("id").detail
    read(source, item(1, DAY), name="某某养生", at=AT + 2 * HOUR, etag="e2")
    assert source.outcome == "renamed"
    town_user = make_town_user(source)
    change_source(source=source, accept_name=True, by=town_user, at=AT)
    read(source, item(1, DAY), name="某某养生", at=AT + 3 * HOUR)
    assert (source.outcome, source.seen_name) == ("ok", "某某养生")


def make_town_user(source):
    from qiguan.people.actions import add_user
    from qiguan.people.models import Role

    return add_user(
        username="who",
        shown_name="who",
        password="a-long-password-9",
        roles=[(source.account.owner, Role.SUPERVISOR)],
        by=None,
        at=AT,
    )


def test_a_moved_address_is_kept_and_asked_about(source):
    read(source, item(1, DAY), outcome=Outcome.MOVED, moved_to="https://new.example.invalid/feed.xml", etag="e")
    assert (source.url, source.moved_to, source.etag) == (
        "https://news.example.invalid/feed.xml",
        "https://new.example.invalid/feed.xml",
        "",
    )
    change_source(source=source, accept_move=True, by=make_town_user(source), at=AT)
    assert (source.url, source.moved_to) == ("https://new.example.invalid/feed.xml", "")


def test_what_no_database_takes_is_cleaned_and_the_rest_kept(source):
    assert clean("甲\0乙\ud800丙", 300) == "甲乙丙"
    assert read(source, item(1, DAY, title="甲\0乙\ud800丙"), item(2, HOUR), name="南\0例") == 2
    assert Post.objects.get(key="k1").title == "甲乙丙"


def test_one_source_that_cannot_be_stored_costs_only_itself(account, source, monkeypatch):
    from qiguan.collection.actions import storing

    others = [source_of(account, f"https://{n}.example.invalid/feed.xml") for n in range(4)]
    real = storing.compare

    def poisoned(held, *rest):
        if held.pk == others[1].pk and rest[0].items:
            raise ValueError("no database takes this")
        return real(held, *rest)

    monkeypatch.setattr(storing, "compare", poisoned)
    held = claim_due(owner="me", now=AT, only=[source.pk, *[o.pk for o in others]])
    batch = [Answered(h, Reading(Outcome.OK, (item(f"s{h.pk}", DAY),)), AT, 3600) for h in held]
    assert store_answers(batch, owner="me", at=AT) == 4
    assert Source.objects.get(pk=others[1].pk).outcome == "internal"
    assert set(Source.objects.exclude(pk=others[1].pk).values_list("outcome", flat=True)) == {"ok"}
    assert CoverageSpan.objects.filter(until=AT).count() == 4


def test_a_source_of_its_own_ids_keeps_them_as_aliases(source):
    read(source, item(1, DAY, source_id="2247483650_1"))
    read(source, item(1, DAY, source_id="2247483650_1"), at=AT + HOUR)
    assert [(a.value, a.post.key) for a in PostAlias.objects.all()] == [("2247483650_1", "k1")]


def test_an_account_with_something_new_is_marked_and_one_without_is_not(source):
    read(source, item(1, DAY))
    assert Touched.objects.count() == 1
    Touched.objects.all().delete()
    read(source, at=AT + HOUR, outcome=Outcome.NOT_MODIFIED)
    read(source, item(1, DAY), at=AT + 2 * HOUR)
    assert not Touched.objects.exists()
    read(source, at=AT + 3 * HOUR, outcome=Outcome.TIMEOUT)
    assert Touched.objects.count() == 1
    Touched.objects.all().delete()
    read(source, at=AT + 4 * HOUR, outcome=Outcome.TIMEOUT)
    assert not Touched.objects.exists()
    read(source, at=AT + 3 * DAY, outcome=Outcome.NOT_MODIFIED)
    assert Touched.objects.count() == 1


def test_a_word_after_a_day_without_is_news(source):
    read(source, item(1, DAY))
    Touched.objects.all().delete()
    read(source, at=AT + 2 * DAY, outcome=Outcome.NOT_MODIFIED)
    assert Touched.objects.count() == 1


def test_the_same_address_twice_is_refused_in_words(account, source):
    with pytest.raises(QiguanError, match="已经有这个采集地址"):
        source_of(account)


def test_a_thousand_posts_are_stored_within_a_short_transaction(source, django_assert_max_num_queries):
    many = [item(n, timedelta(minutes=n)) for n in range(1000)]
    [held] = claim_due(owner="me", now=AT, only=[source.pk])
    before = datetime.now(UTC)
    with django_assert_max_num_queries(20):
        assert store_answers([Answered(held, Reading(Outcome.OK, tuple(many)), AT, 3600)], owner="me", at=AT) == 1000
    assert (datetime.now(UTC) - before).total_seconds() < 1.0  # 250 ms on a quiet machine
