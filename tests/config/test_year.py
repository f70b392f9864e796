"""A quarter of 示例市 replayed: the story's milestones by the product's own actions, and nothing said twice."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from qiguan.config.demo.year import replay
from qiguan.config.demo.year_lives import CAST, entries_of, life_of
from qiguan.config.demo.year_papers import outcome_words, write_papers
from qiguan.core.calendar import seed
from qiguan.core.days import day_of
from qiguan.core.ticket import Outcome, TicketState
from qiguan.inspection.models import Round, Verdict
from qiguan.inspection.warned import LeaderDecision, Warned
from qiguan.jobs.models import WorkingDay
from qiguan.people.outbox.models import Notice
from qiguan.publication.models import Bulletin, Snapshot
from qiguan.rectification.models import Ticket
from qiguan.register.models import AccountStaff, Filing


@pytest.mark.one_database
@pytest.mark.django_db
def test_a_quarter_of_the_town_goes_from_warnings_to_a_corrected_bulletin(monkeypatch, tmp_path):
    monkeypatch.setenv("QIGUAN_CLOCK_OFFSET", "0")  # the replay drives it; put back afterwards
    WorkingDay.objects.bulk_create(
        [WorkingDay(day=d, is_working=w, note=n) for d, w, n in seed([2025, 2026])], ignore_conflicts=True
    )
    year = replay(first=date(2025, 12, 15), last=date(2026, 2, 27), most=30)

    # nothing doubled: one message a person and day, on working mornings only, and each account once in it
    messages = Notice.objects.filter(kind="warning")
    assert max(Counter((n.to_id, day_of(n.at)) for n in messages).values()) == 1
    assert all(year.calendar.is_working_day(day_of(n.at)) for n in messages)
    assert max(Counter(Warned.objects.values_list("notice", "account", "stage")).values()) == 1
    assert messages.filter(title__startswith="节前提示：").exists()
    assert LeaderDecision.objects.filter(choice="update").exists()

    round_ = Round.objects.get()
    assert round_.stage == Round.Stage.SETTLED
    first, second = Bulletin.objects.order_by("pk")
    assert first.stage == second.stage == Bulletin.Stage.PUBLISHED
    assert second.corrects == first
    assert "。。" not in str(second.snapshot.text)
    assert first.approved_by != first.drafted_by
    assert first.replies.filter(sort="not_ours", answered_at=None).count() == 0
    assert [s.accounts.get(name="西例审计").word for s in Snapshot.objects.order_by("pk")] == ["不合格", "合格"]

    tickets = {(t.name, t.platform): t for t in Ticket.objects.all()}
    appealed = tickets["西例审计", "weibo"]
    assert appealed.appeal.state == "upheld"
    assert appealed.outcome == Outcome.MISJUDGED
    assert Verdict.objects.get(line=appealed.line, replaced_by=None).replaces is not None
    assert tickets["北例商务", "weibo"].appeal.state == "rejected"
    assert tickets["东例商务", "weibo"].outcome == Outcome.MERGED
    closed = tickets["示例消费帮扶", "toutiao"]
    assert closed.outcome == Outcome.CANCELLED
    assert closed.account.replaced_by is not None
    assert closed.reopened_at is not None
    assert tickets["高新商务", "weibo"].extensions.get().state == "granted"
    assert tickets["高新审计", "toutiao"].escalated_at is not None
    assert tickets["南例农技", "douyin"].steps.filter(what="fail").count() == 1
    assert tickets["西例区健康", "wechat_mp"].state == TicketState.CLOSED
    assert not AccountStaff.objects.filter(user=year.town.contractor, until=None).exists()
    assert Filing.objects.filter(what="stop", account__name="北例卫健", state="approved").exists()  # the leader's third button

    assert any("节前提示" in line for line in outcome_words(year))
    assert write_papers(year, tmp_path) == len(list(tmp_path.iterdir())) > 20


def test_the_cast_lives_in_the_town_and_lives_the_same_with_the_same_seed():
    names = {(e.name, e.platform) for e in entries_of(30)}
    assert set(CAST) <= names
    assert [life_of(e, 7) for e in entries_of(80)] == [life_of(e, 7) for e in entries_of(80)]
