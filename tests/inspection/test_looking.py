"""What a round could not tell: people are sent for its check point, and it is judged once more."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, make_account

from qiguan.collection.actions.checks import Seen, hold_next, record_check
from qiguan.core.days import day_of, end_of
from qiguan.core.errors import QiguanError
from qiguan.core.facts import Said
from qiguan.inspection.actions.findings import confirm_findings
from qiguan.inspection.actions.looking import ask_again, send_to_look
from qiguan.inspection.actions.rounds import Choice, judge_round, open_round
from qiguan.inspection.actions.settling import settle_round
from qiguan.inspection.queries.rounds import unknown_reasons

pytestmark = [pytest.mark.django_db, pytest.mark.database]
POINT = end_of(day_of(AT) - timedelta(days=3))
BEFORE = {"日更的": 1, "停过的": 40, "没问清的": None}  # the newest post up to the point, in days before it


@pytest.fixture
def place(town):
    for name in BEFORE:
        make_account(town.commerce, name, platform_id=name)
    return town


def test_a_look_after_the_check_point_tells_daily_from_revived_and_leaves_open_what_was_not_asked(place):
    boss, checker = place.users["supervisor"], place.users["checker"]
    round_ = open_round(organ=place.city, title="第三季度检查", at=POINT, choice=Choice(), by=boss, now=AT)
    judge_round(round_=round_, at=AT)
    check = send_to_look(round_=round_, by=boss, at=AT)
    assert (check.point, check.tasks.filter(turn=1).count()) == (POINT, 3)
    for task in hold_next(round_=check, by=checker, most=9):
        days = BEFORE[task.account.name]
        then = None if days is None else POINT - timedelta(days=days)
        seen = Seen(Said.NEWEST, end_of(day_of(AT)), before_said="unclear" if days is None else "newest", before_at=then)
        record_check(account=task.account, seen=seen, client_key=f"k{task.pk}", looked_at=AT, task=task, by=checker, at=AT)
    assert ask_again(round_=round_, by=boss, at=AT) == 3
    judge_round(round_=round_, at=AT)
    lines = {name: (word, gap) for name, word, gap in round_.accounts.values_list("name", "word", "longest_gap_days")}
    assert lines == {"日更的": ("合格", 1), "停过的": ("不合格", 40), "没问清的": ("未能判定", None)}
    assert "请再看一次，补记那以前最近一篇是哪天" in unknown_reasons(round_)[0][0]
    finding = round_.findings.get(veto=True)
    assert any("以前最近一篇" in e["said"] for e in finding.evidence)
    confirm_findings(findings=list(round_.findings.select_related("round")), by=boss, at=AT)
    assert ask_again(round_=round_, by=boss, at=AT) == 1  # decided ones stay
    judge_round(round_=round_, at=AT)
    finding.refresh_from_db()
    assert finding.state == "confirmed"
    settle_round(round_=round_, by=boss, at=AT)
    with pytest.raises(QiguanError, match="不能再判"):
        ask_again(round_=round_, by=boss, at=AT)
