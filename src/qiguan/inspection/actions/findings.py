"""研判: a person confirms a finding, dismisses it with a reason, or merges it into another; and enters what only people can find.

Each decision is one conditional update: of two people who decide the same finding the second is told what the first said.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from qiguan.archive.models import Blob
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.rule import Weight, all_rules
from qiguan.inspection.models import Finding, Round, RoundAccount
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role, has_role

MOST = 500  # of one bulk decision


def confirm_findings(*, findings: Sequence[Finding], by: User, at: datetime) -> int:
    """Confirm what is still open among these findings of one round; return how many. Raises QiguanError where none was."""
    return _decide(findings, Finding.State.CONFIRMED, "", by, at)


def dismiss_findings(*, findings: Sequence[Finding], reason: str, by: User, at: datetime) -> int:
    """Dismiss what is still open, with a reason that the auditor reads."""
    reason = reason.strip()[:300]
    if not reason:
        raise QiguanError("没有写理由", place="不属实的理由", remedy="写一句为什么不属实，审计时要看")
    return _decide(findings, Finding.State.DISMISSED, reason, by, at)


def merge_findings(*, into: Finding, findings: Sequence[Finding], by: User, at: datetime) -> int:
    """Merge open findings of the same account into another one of it: one matter, one finding."""
    others = [f for f in findings if f.pk != into.pk]
    if any(f.line_id != into.line_id for f in others):
        raise QiguanError("只能合并同一个账号的问题", place=into.title, remedy="请分别研判")
    if into.state in {Finding.State.MERGED, Finding.State.DISMISSED}:
        raise QiguanError(f"“{into.title}”{into.get_state_display()}，不能再并进去", place=into.title, remedy="请另选一个")
    if any(f.veto for f in others) and not into.veto:
        raise QiguanError("单项否决的问题不能并到别的问题里", place=into.title, remedy="请并到单项否决那一条，或分别研判")
    return _decide(others, Finding.State.MERGED, "", by, at, into=into)


def add_finding(*, line: RoundAccount, rule: str, because: str, proof: Blob | None, by: User, at: datetime) -> Finding:
    """Enter what a person found in a round that is open: a rule's code, what was seen, and the proof. It still wants a second look."""
    round_ = line.round
    demand_role(by, Role.SUPERVISOR, organ=round_.organ)
    _demand_open(round_)
    known = all_rules().get(rule)
    if known is None:
        raise QiguanError(f"没有规则{rule}", place="规则", remedy="请从列表里选")
    because = because.strip()[:600]
    if not because or proof is None:
        raise QiguanError("人工发现的问题要写明看到什么，并附证据", place="证据", remedy="附一张截图或保存的网页")
    entry = {"said": because, "at": at.isoformat(), "hand": "人工发现", "blob": proof.digest}
    with transaction.atomic():
        finding, made = Finding.objects.get_or_create(
            line=line,
            rule=rule,
            defaults={
                "round": round_, "account_id": line.account_id, "rule_version": known.version, "title": known.title_zh, "found_at": at, "found_by": by,
                "veto": known.weight is Weight.VETO, "because": because, "evidence": [entry], "origin": Finding.Origin.PERSON,
            },
        )  # fmt: skip
        if not made:
            raise QiguanError(f"这个账号本批已有“{finding.title}”", place=line.name, remedy="请在那一条上研判")
        Blob.objects.filter(pk=proof.pk).update(keep_until=None)
        record_audit(action="add_finding", by=by, at=at, on=finding, organ=round_.organ, fields=["rule", "because", "proof"])
    return finding


def _decide(findings: Sequence[Finding], state: str, reason: str, by: User, at: datetime, *, into: Finding | None = None) -> int:
    """1. One round, its supervisor, still open. 2. Own accounts are decided by the level above. 3. Only what is still open changes."""
    if not findings:
        raise QiguanError("没有选问题", place="研判", remedy="先选一条")
    if len(findings) > MOST:
        raise QiguanError(f"一次最多{MOST}条", place="研判", remedy="请分几次")
    rounds = {f.round_id for f in findings} | ({into.round_id} if into else set())
    if len(rounds) != 1:
        raise QiguanError("一次只能研判同一批次的问题", place="研判", remedy="请分批次研判")
    round_ = findings[0].round
    demand_role(by, Role.SUPERVISOR, organ=round_.organ)
    _demand_open(round_)
    own = RoundAccount.objects.filter(pk__in=[f.line_id for f in findings], own=True).first()
    if own is not None and not _is_above(by, round_):
        raise NotPermitted(
            f"“{own.name}”是{round_.organ.name}自己的账号，由上一级研判",
            place=own.name,
            remedy="请上一级监管员研判",
            code="forbidden",
        )
    with transaction.atomic():
        open_ones = Finding.objects.filter(pk__in=[f.pk for f in findings], state=Finding.State.SUSPECTED)
        changed = open_ones.update(state=state, reason=reason, merged_into=into, decided_at=at, decided_by=by)
        if not changed:
            first = Finding.objects.get(pk=findings[0].pk)
            raise QiguanError(
                f"“{first.title}”已由{first.decided_by or '别人'}研判为{first.get_state_display()}",
                place=first.line.name,
                remedy="刷新后再看",
            )
        record_audit(action=f"finding_{state}", by=by, at=at, on=findings[0], organ=round_.organ, fields=["state"], count=changed)
    return changed


def reopen_finding(*, finding: Finding, by: User, at: datetime) -> None:
    """Take a decision back while its round is still open."""
    round_ = finding.round
    demand_role(by, Role.SUPERVISOR, organ=round_.organ)
    _demand_open(round_)
    with transaction.atomic():
        changed = (
            Finding.objects.filter(pk=finding.pk)
            .exclude(state=Finding.State.SUSPECTED)
            .update(state=Finding.State.SUSPECTED, reason="", merged_into=None, decided_at=None, decided_by=None)
        )
        if changed:
            record_audit(action="reopen_finding", by=by, at=at, on=finding, organ=round_.organ, fields=["state"])


def _demand_open(round_: Round) -> None:
    if round_.stage not in {Round.Stage.JUDGING, Round.Stage.REVIEWING}:
        raise QiguanError(f"“{round_.title}”{round_.get_stage_display()}", place=round_.title, remedy="定案后要改，请用更正")


def _is_above(by: User, round_: Round) -> bool:
    parent = round_.organ.parent
    return parent is None or has_role(by, Role.SUPERVISOR, organ=parent)
