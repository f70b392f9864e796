"""A bulletin's way to the public: two people, three working days for the units, a frozen snapshot, a correction beside it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.factories import AT, make_account
from tests.inspection.test_rounds import look

from qiguan.core.bulletin_check import contradictions
from qiguan.core.calendar import seed
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
from qiguan.inspection.actions.settling import correct_verdict, settle_round
from qiguan.inspection.models import Verdict
from qiguan.jobs.models import WorkingDay
from qiguan.publication.actions import publishing as module
from qiguan.publication.actions.bulletins import (
    answer_reply,
    approve_bulletin,
    draft_bulletin,
    drop_bulletin,
    edit_bulletin,
    reply_to_bulletin,
    send_back_bulletin,
    show_to_units,
)
from qiguan.publication.actions.publishing import digest_of, publish_bulletin
from qiguan.publication.models import Bulletin, Snapshot, UnitReply
from qiguan.publication.queries.values import draft_rows, values_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
AFTER = datetime(2026, 9, 22, 1, 0, tzinfo=UTC)


@pytest.fixture
def settled(town):
    """A settled round of the city: 停更的 of 南例县商务局 failed, 活着的 passed."""
    WorkingDay.objects.bulk_create(
        [WorkingDay(day=r.day, is_working=r.is_working, note=r.note) for r in seed([2026])], ignore_conflicts=True
    )
    town.dead = make_account(town.commerce, "停更的", platform_id="gh_1")
    town.alive = make_account(town.audit, "活着的", platform_id="gh_2")
    look(town.dead, 40, by=town.users["checker"])
    look(town.alive, 1, by=town.users["checker"])
    boss = town.users["supervisor"]
    town.round = open_round(
        organ=town.city, title="2026年第三季度检查", at=AT - timedelta(days=1), choice=Choice(), by=boss, now=AT
    )
    judge_round(round_=town.round, at=AT)
    confirm_findings(findings=list(town.round.findings.all()), by=boss, at=AT)
    settle_round(round_=town.round, by=boss, at=AT)
    return town


def shown(town) -> Bulletin:
    bulletin = draft_bulletin(round_=town.round, by=town.users["supervisor"], at=AT)
    approve_bulletin(bulletin=bulletin, by=town.users["second"], at=AT)
    show_to_units(bulletin=bulletin, by=town.users["supervisor"], at=AT)
    return bulletin


def test_a_draft_waits_for_a_settled_round(town):
    make_account(town.audit, platform_id="gh_2")
    round_ = open_round(organ=town.city, title="x", at=AT, choice=Choice(), by=None, now=AT)
    with pytest.raises(QiguanError, match="机器检查中"):
        draft_bulletin(round_=round_, by=None, at=AT)


def test_drafting_and_approving_are_two_people_in_the_action_and_in_the_table(settled):
    bulletin = draft_bulletin(round_=settled.round, by=settled.users["supervisor"], at=AT)
    with pytest.raises(NotPermitted, match="拟稿人不能自己审签"):
        approve_bulletin(bulletin=bulletin, by=settled.users["supervisor"], at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Bulletin.objects.filter(pk=bulletin.pk).update(approved_by=settled.users["supervisor"])
    approve_bulletin(bulletin=bulletin, by=settled.users["second"], at=AT)
    with pytest.raises(QiguanError, match="已审签"):
        approve_bulletin(bulletin=bulletin, by=settled.users["second"], at=AT)


def test_only_a_draft_is_edited_and_a_round_has_one_bulletin_at_a_time(settled):
    boss = settled.users["supervisor"]
    bulletin = draft_bulletin(round_=settled.round, by=boss, at=AT)
    with pytest.raises(QiguanError, match="已有通报"):
        draft_bulletin(round_=settled.round, by=boss, at=AT)
    edit_bulletin(bulletin=bulletin, changes={"number": "示府办函〔2026〕1号", "stage": "published"}, by=boss, at=AT)
    assert (bulletin.number, bulletin.stage) == ("示府办函〔2026〕1号", "draft")
    with pytest.raises(QiguanError, match="标题是空的"):
        edit_bulletin(bulletin=bulletin, changes={"title": " "}, by=boss, at=AT)
    approve_bulletin(bulletin=bulletin, by=settled.users["second"], at=AT)
    with pytest.raises(QiguanError, match="不能再改"):
        edit_bulletin(bulletin=bulletin, changes={"title": "y"}, by=boss, at=AT)
    send_back_bulletin(bulletin=bulletin, by=settled.users["second"], at=AT)
    drop_bulletin(bulletin=bulletin, by=boss, at=AT)
    assert draft_bulletin(round_=settled.round, by=boss, at=AT).pk != bulletin.pk


def test_units_have_three_working_days_and_the_reason_for_the_day_is_kept(settled):
    bulletin = shown(settled)
    assert bulletin.preview_until == date(2026, 9, 20)  # the Sunday makes up for 国庆节
    assert "9月20日" in bulletin.preview_why
    with pytest.raises(QiguanError, match="征求单位意见到"):
        publish_bulletin(bulletin=bulletin, by=settled.users["supervisor"], at=AT + timedelta(days=1))
    WorkingDay.objects.all().delete()
    send_back_bulletin(bulletin=bulletin, by=settled.users["supervisor"], at=AT)
    approve_bulletin(bulletin=bulletin, by=settled.users["second"], at=AT)
    with pytest.raises(QiguanError) as told:
        show_to_units(bulletin=bulletin, by=settled.users["supervisor"], at=AT)
    assert "工作日历" in told.value.remedy


def test_what_a_unit_says_is_printed_unchanged_and_the_newest_counts(settled):
    bulletin, unit = shown(settled), settled.users["unit"]
    line = settled.round.accounts.get(account=settled.dead)
    with pytest.raises(NotPermitted):
        reply_to_bulletin(
            bulletin=bulletin, line=settled.round.accounts.get(account=settled.alive), sort="reply", words="x", by=unit, at=AT
        )
    with pytest.raises(QiguanError, match="没有写情况说明"):
        reply_to_bulletin(bulletin=bulletin, line=line, sort="reply", words=" ", by=unit, at=AT)
    reply_to_bulletin(bulletin=bulletin, line=line, sort="reply", words="先前一句", by=unit, at=AT)
    reply_to_bulletin(bulletin=bulletin, line=line, sort="reply", words="原经办人调走，<b>现定两人</b>轮流。", by=unit, at=AT)
    with pytest.raises(QiguanError, match="结束"):
        reply_to_bulletin(bulletin=bulletin, line=line, sort="reply", words="晚了", by=unit, at=AFTER)
    snapshot = publish_bulletin(bulletin=bulletin, by=settled.users["supervisor"], at=AFTER)
    row = snapshot.accounts.get(account=settled.dead)
    assert (row.reply, row.word) == ("原经办人调走，<b>现定两人</b>轮流。", "不合格")
    assert snapshot.totals == {
        "inspected": 2,
        "rectified": 0,
        "不合格": 1,
        **({"合格": 1} if snapshot.totals.get("合格") else {"未能判定": 1}),
    }
    assert UnitReply.objects.count() == 2


def test_not_our_account_is_answered_before_publication(settled):
    bulletin, boss = shown(settled), settled.users["supervisor"]
    line = settled.round.accounts.get(account=settled.dead)
    reply = reply_to_bulletin(bulletin=bulletin, line=line, sort="not_ours", words="", by=settled.users["unit"], at=AT)
    with pytest.raises(QiguanError, match="不是本单位的账号"):
        publish_bulletin(bulletin=bulletin, by=boss, at=AFTER)
    answer_reply(reply=reply, words="登记册载明由该局主办", by=boss, at=AT)
    assert publish_bulletin(bulletin=bulletin, by=boss, at=AFTER).visible


def test_publishing_that_was_killed_shows_nothing_and_goes_on(settled, monkeypatch):
    bulletin, boss = shown(settled), settled.users["supervisor"]
    monkeypatch.setattr(module, "CHUNK", 1)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish_bulletin(bulletin=bulletin, by=boss, at=AFTER, moved=stop)
    half = Snapshot.objects.get()
    assert (half.visible, half.accounts.count(), Bulletin.objects.get().stage) == (False, 1, "preview")
    snapshot = publish_bulletin(bulletin=bulletin, by=boss, at=AFTER)
    assert (snapshot.pk, snapshot.accounts.count(), snapshot.visible) == (half.pk, 2, True)
    assert publish_bulletin(bulletin=bulletin, by=boss, at=AFTER) == snapshot


def test_a_snapshot_keeps_what_was_said_and_a_correction_stands_beside_it(settled):
    boss = settled.users["supervisor"]
    bulletin = shown(settled)
    first = publish_bulletin(bulletin=bulletin, by=boss, at=AFTER)
    with pytest.raises(QiguanError, match="已经印发"):
        draft_bulletin(round_=settled.round, by=boss, at=AFTER)
    with pytest.raises(QiguanError, match="写明哪里错了"):
        draft_bulletin(round_=settled.round, by=boss, at=AFTER, corrects=bulletin, correction=" ")
    correct_verdict(
        verdict=Verdict.objects.get(account=settled.dead), word="合格", because="当日有更新", reason="申诉属实", by=boss, at=AFTER
    )
    other = draft_bulletin(round_=settled.round, by=boss, at=AFTER, corrects=bulletin, correction="停更的一行有误，应为合格")
    approve_bulletin(bulletin=other, by=settled.users["second"], at=AFTER)
    show_to_units(bulletin=other, by=boss, at=AFTER)
    second = publish_bulletin(bulletin=other, by=boss, at=AFTER + timedelta(days=9))
    assert (bulletin.corrected_by, other.corrects) == (other, bulletin)
    assert first.accounts.get(account=settled.dead).word == "不合格"
    row = second.accounts.get(account=settled.dead)
    assert (row.word, row.problems) == ("合格", [])


def test_the_digest_tells_every_change():
    rows = [("a", "甲", AT), ("b", "乙", None)]
    assert digest_of(rows) == digest_of(list(rows))
    assert len({digest_of(rows), digest_of(rows[::-1]), digest_of([("a", "甲", None), rows[1]]), digest_of(rows[:1])}) == 4


def test_who_sees_which_bulletin(settled):
    bulletin = draft_bulletin(round_=settled.round, by=settled.users["supervisor"], at=AT)
    seen = lambda who: Bulletin.objects.visible_to(settled.users[who]).exists()
    assert [seen(w) for w in ("supervisor", "auditor", "unit", "operator", "checker")] == [True, True, False, False, False]
    approve_bulletin(bulletin=bulletin, by=settled.users["second"], at=AT)
    show_to_units(bulletin=bulletin, by=settled.users["supervisor"], at=AT)
    assert [seen(w) for w in ("supervisor", "unit", "operator", "east")] == [True, True, False, True]


def test_the_second_bulletin_says_who_entered_and_left_and_what_became_of_the_failures(settled):
    boss = settled.users["supervisor"]
    later = AT + timedelta(days=90)
    new = make_account(settled.audit, "新开的", platform_id="gh_9", platform="weibo", opened=1)
    type(new).objects.filter(pk=new.pk).update(registered_at=AT + timedelta(days=2))
    type(settled.alive).objects.filter(pk=settled.alive.pk).update(closed_on=(AT + timedelta(days=40)).date(), status="closed")
    look(settled.dead, 1, by=settled.users["checker"], at=later)
    look(new, 2, by=settled.users["checker"], at=later)
    second = open_round(
        organ=settled.city, title="2026年第四季度检查", at=later - timedelta(days=1), choice=Choice(), by=boss, now=later
    )
    judge_round(round_=second, at=later)
    if second.findings.exists():
        confirm_findings(findings=list(second.findings.all()), by=boss, at=later)
    settle_round(round_=second, by=boss, at=later)
    bulletin = draft_bulletin(round_=second, by=boss, at=later)
    values = values_of(bulletin, draft_rows(bulletin, at=later), at=later)
    assert [(c.account, c.moved.value) for c in values.scope_changes] == [("新开的", "纳入"), ("活着的", "移出")]
    assert all(c.because for c in values.scope_changes)
    assert [(r.account, r.outcome.value) for r in values.rechecks] == [("停更的", "已恢复")]
    assert values.last.failed == 1
    assert contradictions(values) == []
    assert not any(user.shown_name == c.by_organ for c in values.scope_changes for user in settled.users.values())
