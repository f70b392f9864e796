"""Counts on both denominators, reasons of what could not be told, two rounds compared, causes of a changed scope, the auditor's view."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, make_account
from tests.inspection.test_rounds import POINT, look, opened, place  # noqa: F401

from qiguan.core.facts import Scope
from qiguan.inspection.actions.findings import confirm_findings, dismiss_findings
from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
from qiguan.inspection.actions.settling import correct_verdict, settle_round
from qiguan.inspection.models import Verdict
from qiguan.inspection.queries.audit import dismissals_by_reason, dismissals_section, late_scope_changes, late_scope_section
from qiguan.inspection.queries.causes import moved
from qiguan.inspection.queries.compare import Move, compare, entered, left, lines_of
from qiguan.inspection.queries.rounds import counts_of, progress_of, reason_sort, rounds_seen_by, share_words, unknown_reasons
from qiguan.people.actions import end_organ
from qiguan.register.actions.filings import decide_filing, submit_filing
from qiguan.register.actions.imports import apply_file, receive_file
from qiguan.register.models import Account

pytestmark = [pytest.mark.django_db, pytest.mark.database]
LATER = AT + timedelta(days=90)


def finished(town, round_, *, at=AT):
    judge_round(round_=round_, at=at)
    open_ones = list(round_.findings.filter(state="suspected").select_related("round"))
    if open_ones:
        confirm_findings(findings=open_ones, by=town.users["supervisor"], at=at)
    settle_round(round_=round_, by=town.users["supervisor"], at=at)
    return round_


def second_round(town, **more):
    choice = more.pop("choice", Choice())
    return open_round(
        organ=town.city, title="第四季度", at=LATER - timedelta(days=1), choice=choice, by=town.users["supervisor"], now=LATER
    )


@pytest.fixture
def two(place):  # noqa: F811
    """停更的 fails twice, 看不到的 stays unseen, 活着的 fails newly, 醒来的 recovers, 走了的 is closed, 新来的 is dead on arrival."""
    checker = place.users["checker"]
    place.woke = make_account(place.south, "醒来的", platform_id="gh_w")
    place.gone = make_account(place.south, "走了的", platform_id="gh_g")
    look(place.woke, 50, by=checker)
    look(place.gone, 60, by=checker)
    place.first = finished(place, opened(place))
    Account.objects.filter(pk=place.gone.pk).update(closed_on=(AT + timedelta(days=20)).date())
    place.fresh = make_account(place.south, "新来的", platform_id="gh_f", opened=-30)
    for account, days in ((place.dead, 130), (place.alive, 92), (place.woke, 2), (place.fresh, 40)):
        look(account, days, by=checker, at=LATER)
    place.second = second_round(place)
    return place


def test_shares_are_rounded_and_nothing_has_none():
    assert [share_words(*p) for p in ((1, 3), (2, 3), (1, 1), (0, 7), (1, 0), (1, 2000), (5, 2000))] == ["33.3%", "66.7%", "100.0%", "0.0%", "—", "0.1%", "0.3%"]  # fmt: skip


def test_the_counts_of_a_round_agree_with_its_lines_before_and_after_settling(two):
    judge_round(round_=two.second, at=LATER)
    machine = counts_of(two.second)
    assert dict(machine.whole.words) == {"不合格": 3, "合格": 1, "未能判定": 1}
    finished(two, two.second, at=LATER)
    counts = counts_of(two.second)
    assert dict(counts.whole.words) == {"不合格": 3, "合格": 1, "未能判定": 1}
    assert counts.old is not None
    assert dict(counts.old.words) == {"不合格": 2, "合格": 1, "未能判定": 1}
    assert counts.whole.fail_rate == "60.0%"
    assert counts.old.fail_rate == "50.0%"
    assert [(code, w.total) for code, w in counts.by_platform] == [("wechat_mp", 4), ("weibo", 1)]
    assert sum(w.total for _, w in counts.by_level) == counts.whole.total == 5
    assert counts_of(two.first).old is None


def test_a_correction_moves_the_counts(two):
    verdict = Verdict.objects.get(line__round=two.first, account=two.dead)
    correct_verdict(verdict=verdict, word="合格", because="x", reason="申诉属实", by=two.users["supervisor"], at=AT)
    assert dict(counts_of(two.first).whole.words) == {"不合格": 2, "合格": 2, "未能判定": 1}


def test_reasons_say_why_and_are_joined_over_dates_and_names(two):
    assert unknown_reasons(two.first) == [("没有完整来源，也没有人工核查", 1)]
    assert reason_sort("只看清到2026年9月1日10:00，没有到监测时间点") == reason_sort(
        "只看清到2025年12月31日24:00，没有到监测时间点"
    )
    assert reason_sort("2026-09-01人工核查时找不到这个账号，先核对账号") == "某日人工核查时找不到这个账号，先核对账号"
    assert reason_sort("几方说法不一：甲说某，而乙看到") == "几方说法不一"


def test_two_rounds_compared_name_every_account_once(two):
    finished(two, two.second, at=LATER)
    found = compare(two.second)
    assert found is not None
    assert found.moves == {Move.NEW: 1, Move.AGAIN: 1, Move.RECOVERED: 1, Move.UNSEEN: 0, Move.ENTERED: 1}
    names = {move: [line.name for line in lines_of(two.second, two.first, move)] for move in Move}
    assert names == {
        Move.NEW: ["活着的"], Move.AGAIN: ["停更的"], Move.RECOVERED: ["醒来的"], Move.UNSEEN: [], Move.ENTERED: ["新来的"],
    }  # fmt: skip
    assert (found.now.fail_rate, found.then.fail_rate) == ("60.0%", "60.0%")
    assert (found.kept.fail_rate, found.kept_then.fail_rate) == ("50.0%", "50.0%")
    assert (found.entered, found.left) == (1, 1)
    assert compare(two.first) is None


def test_a_failure_that_nobody_watches_any_more_is_not_called_recovered(place):  # noqa: F811
    first = finished(place, opened(place))
    second = finished(place, second_round(place), at=LATER)
    found = compare(second, before=first)
    assert found is not None
    assert found.moves[Move.RECOVERED] == 0
    assert found.moves[Move.UNSEEN] == 1


def test_causes_are_read_from_filings_imports_and_organs(two):
    boss, second = two.users["supervisor"], two.users["second"]
    between = AT + timedelta(days=80)  # within two weeks of the next check point: late
    data = "账号名称,平台,账号ID,主办单位,口径\n醒来的,公众号,gh_w,南例县人民政府,只登记\n导入的,公众号,gh_i,南例县商务局,国办口径\n".encode()
    file = receive_file(organ=two.city, name="登记表.csv", data=data, by=boss, at=between)
    apply_file(file=file, by=boss, at=between)
    cancel = submit_filing(
        what="cancel", organ=two.commerce, account=two.alive, said={"note": "不用了"}, by=two.users["unit"], at=between
    )
    decide_filing(filing=cancel, approve=True, reason="", by=second, at=between)
    end_organ(
        organ=two.audit,
        on=(AT + timedelta(days=70)).date(),
        successor=two.commerce,
        document="示机改〔2026〕1号",
        by=None,
        at=between,
    )
    Account.objects.filter(pk=two.blind.pk).update(scope=Scope.LISTED)
    third = second_round(two)
    came = {m.line.name: m.causes for m in moved(list(entered(third, two.first)), round_=third, before=two.first, came=True)}
    gone = {m.line.name: m.causes for m in moved(list(left(third, two.first)), round_=third, before=two.first, came=False)}
    assert came["导入的"][0].what == "导入登记表新增（登记表.csv第3行）"
    assert came["导入的"][0].by == "supervisor"
    assert came["新来的"][0].what.endswith("开设，在上期之后")
    assert "导入登记表改了口径" in gone["醒来的"][0].what
    assert (gone["活着的"][0].what, gone["活着的"][0].by, gone["活着的"][0].decided_by) == ("注销备案", "unit", "second")
    assert any("撤销（示机改〔2026〕1号）" in c.what for c in gone["看不到的"])
    assert "关停，没有备案记录" in gone["走了的"][0].what
    late = late_scope_changes(user=boss, at=LATER)
    assert {(c.account_name, c.came) for c in late} == {("导入的", True), ("醒来的", False), ("活着的", False)}
    assert (late[0].account_name, late[0].failed_before) == ("醒来的", True)  # left with a failure behind it: first
    assert late_scope_changes(user=two.users["east"], at=LATER) == []
    section = late_scope_section(two.users["auditor"], LATER)
    assert (section.total, section.rows[0].what) == (3, "醒来的离开“第四季度”的范围，上期不合格")


def test_rounds_asked_differently_say_so(two):
    narrow = second_round(two, choice=Choice(sort="filtered", wanted={"platform": "weibo"}, recheck=False))
    gone = moved(list(left(narrow, two.first)), round_=narrow, before=two.first, came=False)
    assert {m.causes[0].what for m in gone if m.line.name == "活着的"} == {"两期检查的范围条件不同"}


def test_dismissals_are_grouped_by_the_words_of_their_reason(place):  # noqa: F811
    boss = place.users["supervisor"]
    look(place.blind, 70, by=place.users["checker"])
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    dismiss_findings(findings=list(round_.findings.all()), reason="看错了账号", by=boss, at=AT)
    found = dismissals_by_reason(user=place.users["auditor"])
    assert [(d.reason, d.n, d.vetoes, d.by, d.rounds) for d in found] == [
        ("看错了账号", 2, 2, ("supervisor",), ("第三季度检查",))
    ]
    assert dismissals_section(place.users["auditor"], AT).rows[0].what == "看错了账号：2条，其中单项否决2条"
    assert dismissals_by_reason(user=boss, since=LATER) == []
    assert dismissals_by_reason(user=place.users["east"]) == []


def test_progress_counts_what_waits(two):
    judge_round(round_=two.second, at=LATER)
    progress = progress_of(two.second)
    waiting = two.second.findings.count()
    assert waiting >= 3
    assert (progress.total, progress.judged, progress.waiting, progress.decided) == (5, 5, waiting, 0)
    veto = two.second.findings.filter(veto=True).select_related("round").first()
    confirm_findings(findings=[veto], by=two.users["supervisor"], at=LATER)
    progress = progress_of(two.second)
    assert (progress.waiting, progress.decided) == (waiting - 1, 1)


def test_rounds_are_seen_by_the_office_and_those_above_it(place):  # noqa: F811
    own = open_round(organ=place.east, title="区里", at=POINT, choice=Choice(), by=None, now=AT)
    city = opened(place)
    assert set(rounds_seen_by(place.users["supervisor"])) == {own, city}
    assert set(rounds_seen_by(place.users["east"])) == {own}
    assert not rounds_seen_by(place.users["unit"]).exists()
