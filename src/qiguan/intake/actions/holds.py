"""Hold a text back by a public rule, hear the appeal, decide it. Whoever owns the text calls these inside its own action."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.holding import HOLD_RULE
from qiguan.core.plain_text import clean_text
from qiguan.intake.models import Hold
from qiguan.people.models import User


def hold_text(*, what: str, rule: str, reason: str = "", by: User | None, at: datetime) -> Hold:
    """Hold a text (of the kind `what`) by a rule's code; `by` None where the machine met the rule. The caller writes the audit row."""
    if rule not in HOLD_RULE:
        raise QiguanError("没有这条暂存规则", place="暂存", remedy="请从列表里选")
    if by is None and not HOLD_RULE[rule].by_machine:
        raise ValueError(rule)
    return Hold.objects.create(what=what, rule=rule, reason=reason[:400], held_at=at, held_by=by)


def appeal_hold(*, hold: Hold, words: str, at: datetime) -> Hold:
    """Take the sender's appeal: once, in his own words."""
    words = clean_text(words, place="申诉", most=1000, least=2)
    with transaction.atomic():
        waiting = Hold.objects.filter(pk=hold.pk, state=Hold.State.HELD, appealed_at=None)
        if waiting.update(state=Hold.State.APPEALED, appeal=words, appealed_at=at) != 1:
            raise QiguanError("已经申诉过", place="申诉", remedy="请等复核结果", code="conflict")
    hold.refresh_from_db()
    return hold


def decide_hold(*, hold: Hold, release: bool, reason: str, by: User, at: datetime) -> Hold:
    """Let the text go, or keep it held with a reason; an appeal is decided by another person than the one who held it."""
    if hold.state == Hold.State.APPEALED and hold.held_by_id == by.pk:
        raise NotPermitted("申诉要由另一个人复核", place="暂存", remedy="请另一位监管员办理", code="forbidden")
    if not release:
        reason = clean_text(reason, place="维持暂存的理由", most=400, least=2)
    with transaction.atomic():
        state = Hold.State.RELEASED if release else Hold.State.UPHELD
        waiting = Hold.objects.filter(pk=hold.pk).exclude(state=Hold.State.RELEASED)
        if waiting.update(state=state, decided_at=at, decided_by=by, reason=reason[:400]) != 1:
            raise QiguanError("已经放行了", place="暂存", remedy="请刷新页面", code="conflict")
    hold.refresh_from_db()
    return hold
