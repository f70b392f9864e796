"""A round from opening to verdicts: scope, lot, judging that may be killed, decisions, settling, correction."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, make_account

from qiguan.archive.actions import drop_expired, read_blob, store_blob
from qiguan.collection.actions.checks import Seen, record_check
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.facts import Said, Scope
from qiguan.core.sampling import draw
from qiguan.inspection.actions import rounds as module
from qiguan.inspection.actions.findings import add_finding, confirm_findings, dismiss_findings, merge_findings, reopen_finding
from qiguan.inspection.actions.rounds import Choice, draw_round, judge_round, list_hash, numbered, open_round
from qiguan.inspection.actions.settling import correct_verdict, settle_round
from qiguan.inspection.models import Finding, Round, RoundAccount, Verdict

pytestmark = [pytest.mark.django_db, pytest.mark.database]
POINT = AT - timedelta(days=1)


def look(account, days: int | None, *, by, key: str = "", at=AT):
    """A person looked an hour before `at` and saw the newest post `days` days before the check point; None: never."""
    said = Said.NEVER if days is None else Said.NEWEST
    newest = None if days is None else at - timedelta(days=days + 1)
    return record_check(
        account=account, seen=Seen(said=said, newest_at=newest), client_key=key or f"k{account.pk}-{at:%d%H}", looked_at=at - timedelta(hours=1),
        by=by, at=at,
    )  # fmt: skip


@pytest.fixture
def place(town):
    town.alive = make_account(town.commerce, "活着的", platform_id="gh_1")
    town.dead = make_account(town.audit, "停更的", platform_id="gh_2")
    town.blind = make_account(town.audit, "看不到的", platform="weibo", platform_id="3")
    town.listed = make_account(town.audit, "只登记的", platform_id="gh_4", scope=Scope.LISTED)
    checker = town.users["checker"]
    look(town.alive, 2, by=checker)
    look(town.dead, 40, by=checker)
    return town


def opened(town, **more) -> Round:
    choice = more.pop("choice", Choice())
    return open_round(
        organ=more.pop("organ", town.city),
        title="第三季度检查",
        at=POINT,
        choice=choice,
        by=town.users["supervisor"],
        now=AT,
        **more,
    )


def test_a_round_freezes_its_scope_and_leaves_out_what_is_only_registered(place):
    round_ = opened(place)
    assert set(round_.accounts.values_list("name", flat=True)) == {"活着的", "停更的", "看不到的"}
    make_account(place.audit, "后来的", platform_id="gh_9")
    judge_round(round_=round_, at=AT)
    assert round_.accounts.count() == 3
    assert round_.stage == Round.Stage.REVIEWING


def test_silence_is_a_finding_only_where_somebody_watched(place):
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    words = dict(round_.accounts.values_list("name", "word"))
    assert words["停更的"] == "不合格"
    assert words["看不到的"] == "未能判定"
    veto = round_.findings.get(veto=True)
    assert (veto.line.name, veto.rule, veto.state) == ("停更的", "GB19-M-V2a", "suspected")
    assert any("人工核查" in e["said"] for e in veto.evidence)
    assert "checker" not in str(veto.evidence) + veto.because  # organs, never persons


def test_judging_goes_on_where_it_was_killed_and_gives_the_same(place, monkeypatch):
    for n in range(7):
        look(make_account(place.audit, f"又一个{n}", platform_id=f"gh_x{n}"), n * 5, by=place.users["checker"])
    whole = opened(place)
    judge_round(round_=whole, at=AT)
    killed = opened(place)
    monkeypatch.setattr(module, "CHUNK", 3)

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge_round(round_=killed, at=AT, moved=stop)
    assert killed.accounts.exclude(judged_at=None).count() == 3
    killed.refresh_from_db()
    assert killed.stage == Round.Stage.JUDGING
    assert judge_round(round_=killed, at=AT) == 7
    assert judge_round(round_=killed, at=AT) == 0

    def what(round_):
        lines = {r[0]: r[1:] for r in round_.accounts.values_list("name", "word", "outcomes", "evidence", "state")}
        return lines, sorted(round_.findings.values_list("line__name", "rule", "because"))

    assert what(killed) == what(whole)


def test_a_draw_is_redone_by_anyone_from_the_list_and_the_number(place):
    for n in range(20):
        make_account(place.audit, f"又一个{n}", platform_id=f"gh_x{n}")
    round_ = opened(place, choice=Choice(sort=Round.Sort.DRAWN, percent=30, number_source="9月17日福彩3D开奖号"))
    with pytest.raises(QiguanError, match="还没有抽签"):
        judge_round(round_=round_, at=AT)
    numbers = numbered(round_)
    assert round_.list_hash == list_hash(numbers)
    assert draw_round(round_=round_, seed="507", by=place.users["supervisor"], at=AT) == 7
    chosen = set(round_.accounts.filter(why=RoundAccount.Why.DRAWN).values_list("public_id", flat=True))
    assert chosen == set(draw(numbers, seed="507", count=7))
    with pytest.raises(QiguanError, match="已经抽过签"):
        draw_round(round_=round_, seed="1", by=place.users["supervisor"], at=AT)
    judge_round(round_=round_, at=AT)
    assert round_.accounts.exclude(judged_at=None).count() == 7


@pytest.mark.parametrize(
    ("choice", "word"),
    [
        (Choice(sort="drawn", percent=30), "公开的号码"),
        (Choice(sort="drawn", percent=100, number_source="x"), "抽查比例"),
        (Choice(sort="filtered", wanted={"platform": "douyin"}), "没有要检查的账号"),
        (Choice(sort="filtered", wanted={"place": "nowhere"}), "找不到这个单位"),
    ],
)
def test_a_choice_that_cannot_be_is_told(place, choice, word):
    with pytest.raises(QiguanError, match=word):
        opened(place, choice=choice)
    assert not Round.objects.exists()


def test_a_check_point_that_lies_ahead_is_refused(place):
    with pytest.raises(QiguanError, match="还没有到"):
        open_round(organ=place.city, title="x", at=AT + timedelta(days=1), choice=Choice(), by=None, now=AT)


def test_settling_waits_for_every_decision_and_writes_verdicts_once(place):
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    boss = place.users["supervisor"]
    with pytest.raises(QiguanError, match="没有研判"):
        settle_round(round_=round_, by=boss, at=AT)
    for finding in round_.findings.all():
        confirm_findings(findings=[finding], by=boss, at=AT)
    assert settle_round(round_=round_, by=boss, at=AT) == 3
    assert settle_round(round_=round_, by=boss, at=AT) == 0
    verdict = Verdict.objects.get(line__name="停更的")
    assert (verdict.word, verdict.rules[0][0], round_.stage) == ("不合格", "GB19-M-V2a", "settled")
    assert verdict.pack_words
    assert verdict.evidence
    assert Verdict.objects.get(line__name="看不到的").word == "未能判定"


def test_a_dismissed_veto_no_longer_fails_the_account(place):
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    boss = place.users["supervisor"]
    with pytest.raises(QiguanError, match="没有写理由"):
        dismiss_findings(findings=list(round_.findings.all()), reason=" ", by=boss, at=AT)
    dismiss_findings(findings=list(round_.findings.all()), reason="核查时看错了账号", by=boss, at=AT)
    settle_round(round_=round_, by=boss, at=AT)
    verdict = Verdict.objects.get(line__name="停更的")
    assert verdict.word != "不合格"


def test_of_two_people_who_decide_one_finding_the_second_is_told(place):
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    finding = round_.findings.get(veto=True)
    confirm_findings(findings=[finding], by=place.users["supervisor"], at=AT)
    with pytest.raises(QiguanError, match="已由supervisor研判为已确认"):
        dismiss_findings(findings=[finding], reason="不是", by=place.users["second"], at=AT)
    reopen_finding(finding=finding, by=place.users["second"], at=AT)
    dismiss_findings(findings=[finding], reason="不是", by=place.users["second"], at=AT)
    finding.refresh_from_db()
    assert (finding.state, str(finding.decided_by)) == ("dismissed", "second")


def test_the_offices_own_account_is_confirmed_by_the_level_above(place):
    own = make_account(place.east, "区政府自己的", platform_id="gh_own")
    look(own, 60, by=place.users["checker"])
    round_ = open_round(organ=place.east, title="区里检查", at=POINT, choice=Choice(), by=place.users["east"], now=AT)
    judge_round(round_=round_, at=AT)
    finding = round_.findings.get(line__name="区政府自己的", veto=True)
    assert finding.line.own
    with pytest.raises(NotPermitted, match="由上一级研判"):
        confirm_findings(findings=[finding], by=place.users["east"], at=AT)
    confirm_findings(findings=[finding], by=place.users["supervisor"], at=AT)


def test_what_only_people_find_needs_proof_and_fails_the_account(place):
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    line, boss = round_.accounts.get(name="活着的"), place.users["supervisor"]
    with pytest.raises(QiguanError, match="附证据"):
        add_finding(line=line, rule="GB19-M-V3a", because="没有留言入口", proof=None, by=boss, at=AT)
    blob = store_blob(data=b"a picture", media_type="image/png", at=AT, keep_until=AT)
    finding = add_finding(line=line, rule="GB19-M-V3a", because="没有留言入口", proof=blob, by=boss, at=AT)
    with pytest.raises(QiguanError, match="本批已有"):
        add_finding(line=line, rule="GB19-M-V3a", because="没有留言入口", proof=blob, by=boss, at=AT)
    confirm_findings(findings=list(round_.findings.all()), by=boss, at=AT)
    settle_round(round_=round_, by=boss, at=AT)
    verdict = Verdict.objects.get(line=line)
    assert verdict.word == "不合格"
    assert verdict.evidence[-1]["blob"] == blob.digest
    blob.refresh_from_db()
    assert blob.keep_until is None
    assert finding.origin == "person"


def test_merging_joins_one_account_and_never_hides_a_veto(place):
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    boss = place.users["supervisor"]
    veto = round_.findings.get(veto=True)
    blob = store_blob(data=b"x", media_type="image/png", at=AT)
    other = add_finding(line=veto.line, rule="GB19-M-V3a", because="没有留言入口", proof=blob, by=boss, at=AT)
    foreign = add_finding(line=round_.accounts.get(name="活着的"), rule="GB19-M-V3a", because="没有", proof=blob, by=boss, at=AT)
    with pytest.raises(QiguanError, match="同一个账号"):
        merge_findings(into=veto, findings=[foreign], by=boss, at=AT)
    merge_findings(into=veto, findings=[veto, other], by=boss, at=AT)
    other.refresh_from_db()
    assert (other.state, other.merged_into) == ("merged", veto)
    Finding.objects.filter(pk=foreign.pk).update(veto=False)
    Finding.objects.filter(pk=other.pk).update(line=foreign.line, state="suspected", rule="X")
    foreign.refresh_from_db(), other.refresh_from_db()
    with pytest.raises(QiguanError, match="单项否决"):
        merge_findings(into=foreign, findings=[other], by=boss, at=AT)


def test_the_next_round_rechecks_the_failures_even_those_not_drawn(place):
    boss = place.users["supervisor"]
    first = opened(place)
    judge_round(round_=first, at=AT)
    confirm_findings(findings=list(first.findings.all()), by=boss, at=AT)
    settle_round(round_=first, by=boss, at=AT)
    later = AT + timedelta(days=90)
    second = open_round(
        organ=place.city, title="第四季度", at=later - timedelta(days=1), by=boss, now=later,
        choice=Choice(sort=Round.Sort.DRAWN, percent=1, number_source="某号"),
    )  # fmt: skip
    assert second.before == first
    assert second.accounts.get(why=RoundAccount.Why.RECHECK).account == place.dead
    draw_round(round_=second, seed="3", by=boss, at=later)
    look(place.dead, 130, by=place.users["checker"], at=later)
    judge_round(round_=second, at=later)
    assert [f.again for f in second.findings.filter(account=place.dead, veto=True)] == [True]


def test_a_correction_stands_beside_the_verdict_and_is_made_once(place):
    boss = place.users["supervisor"]
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    confirm_findings(findings=list(round_.findings.all()), by=boss, at=AT)
    settle_round(round_=round_, by=boss, at=AT)
    old = Verdict.objects.get(line__name="停更的")
    new = correct_verdict(verdict=old, word="合格", because="当日有更新", reason="申诉属实：平台限流没有显示", by=boss, at=AT)
    assert (new.replaces, Verdict.objects.get(pk=old.pk).word) == (old, "不合格")
    with pytest.raises(QiguanError, match="已经更正过"):
        correct_verdict(verdict=old, word="合格", because="x", reason="y", by=boss, at=AT)


def test_a_unit_sees_only_what_is_confirmed_about_its_own_accounts(place):
    mine = make_account(place.commerce, "本单位停更的", platform="weibo", platform_id="5")
    look(mine, 30, by=place.users["checker"])
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    unit, boss = place.users["unit"], place.users["supervisor"]
    assert not Finding.objects.visible_to(unit).exists()
    assert Finding.objects.visible_to(boss).count() == round_.findings.count() == 2
    confirm_findings(findings=list(round_.findings.all()), by=boss, at=AT)
    assert {f.account for f in Finding.objects.visible_to(unit)} == {mine}
    assert not Finding.objects.visible_to(place.users["operator"]).exists()


def test_only_a_supervisor_opens_and_decides(place):
    for who in ("unit", "operator", "checker", "auditor", "east"):
        with pytest.raises(NotPermitted):
            open_round(organ=place.city, title="x", at=POINT, choice=Choice(), by=place.users[who], now=AT)
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    with pytest.raises(NotPermitted):
        confirm_findings(findings=list(round_.findings.all()), by=place.users["auditor"], at=AT)


def test_the_copies_behind_a_finding_outlive_its_decision(place):
    blob = store_blob(data=b"a screen", media_type="image/jpeg", at=AT, keep_until=AT + timedelta(days=30))
    place.dead.checks.update(screenshot=blob.digest)
    round_ = opened(place)
    judge_round(round_=round_, at=AT)
    assert any(e.get("blob") == blob.digest for e in round_.findings.get(veto=True).evidence)
    drop_expired(at=AT + timedelta(days=300))
    assert read_blob(blob.digest) == b"a screen"


def test_a_failure_that_left_the_scope_is_not_rechecked(place):
    boss = place.users["supervisor"]
    first = opened(place)
    judge_round(round_=first, at=AT)
    confirm_findings(findings=list(first.findings.all()), by=boss, at=AT)
    settle_round(round_=first, by=boss, at=AT)
    place.dead.closed_on = (AT + timedelta(days=5)).date()
    place.dead.save()
    later = AT + timedelta(days=90)
    second = open_round(organ=place.city, title="下期", at=later - timedelta(days=1), choice=Choice(), by=boss, now=later)
    assert not second.accounts.filter(account=place.dead).exists()
