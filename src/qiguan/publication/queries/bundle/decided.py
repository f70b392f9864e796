"""What was decided about the account: findings, verdicts, tickets with their steps. Offices and roles, never persons."""

from __future__ import annotations

from typing import Any

from qiguan.core.ticket import MOVES, TicketState, What
from qiguan.inspection.models import Finding
from qiguan.inspection.queries.rounds import verdicts_seen_by
from qiguan.people.models import User
from qiguan.publication.queries.bundle.plain import Plain, day, moment
from qiguan.publication.queries.bundle.seen import MOST, Row
from qiguan.rectification.models import Step, Ticket
from qiguan.register.models import Account


def evidence_of(entries: list[dict[str, Any]], plain: Plain) -> list[Row]:
    """Return frozen evidence: what was seen, when, by which hand, the stored copy."""
    return [
        {"看到": plain.text(str(e.get("said", ""))), "时间": str(e.get("at", "")), "由谁": plain.text(str(e.get("hand", ""))), "存件": str(e.get("blob") or "")}
        for e in entries
    ]  # fmt: skip


def findings_of(account: Account, *, user: User, plain: Plain) -> list[Row]:
    """Return the findings that the user may see."""
    seen = Finding.objects.visible_to(user).filter(account=account).select_related("round").order_by("-found_at", "-pk")
    return [
        {
            "编号": f.public_id, "检查批次": f.round.title, "监测时间点": moment(f.round.at), "规则": f.rule, "规则版本": f.rule_version, "问题": f.title, "单项否决": f.veto,
            "凭什么": plain.text(f.because), "来源": f.get_origin_display(), "研判": f.get_state_display(), "理由": plain.text(f.reason), "发现": moment(f.found_at),
            "研判时间": moment(f.decided_at), "证据": evidence_of(f.evidence, plain),
        }
        for f in seen[:MOST]
    ]  # fmt: skip


def verdicts_of(account: Account, *, user: User, plain: Plain) -> list[Row]:
    """Return the verdicts that the user may see; a correction names the one it replaces."""
    found = (
        verdicts_seen_by(user).filter(account=account).select_related("line__round", "replaces").order_by("-decided_at", "-pk")
    )
    return [
        {
            "编号": v.public_id, "检查批次": v.line.round.title, "监测时间点": moment(v.at), "结论": v.word, "规则": v.rules, "凭什么": plain.text(v.because),
            "规则包": v.pack_words, "看过的规则": v.covered, "没有检查的": v.not_looked, "定案": moment(v.decided_at),
            "更正了": v.replaces.public_id if v.replaces else "", "更正理由": plain.text(v.correction), "证据": evidence_of(v.evidence, plain),
        }
        for v in found[:MOST]
    ]  # fmt: skip


def tickets_of(account: Account, *, user: User, plain: Plain) -> list[Row]:
    """Return the tickets that the user may see, each with its steps, who took them by office, and the digests of what was handed in."""
    seen = Ticket.objects.visible_to(user).filter(account=account).select_related("office", "round").order_by("-opened_at", "-pk")
    return [
        {
            "编号": t.public_id, "检查批次": t.round.title, "办理": t.office.name, "状态": t.standing.word, "发出": moment(t.opened_at), "期限": day(t.due_on),
            "为什么是这天": t.due_because, "复查": plain.text(t.recheck), "原因": t.cause, "结果": t.get_outcome_display() if t.outcome else "", "完成": day(t.fixed_on),
            "销号": moment(t.closed_at),
            "问题": [{"问题": i.finding.title, "申诉成立去掉": moment(i.dropped_at), "复查": plain.text(i.because)} for i in t.items.select_related("finding")],
            "经过": [_step(s, plain) for s in t.steps.prefetch_related("files__blob")[:MOST]],
        }
        for t in seen[:100]
    ]  # fmt: skip


def _step(step: Step, plain: Plain) -> Row:
    """The files stay in the product: what a unit hands in may name people. Their digests show that they were not changed."""
    return {
        "时间": moment(step.at), "步骤": step.word, "由谁": str(MOVES[What(step.what)].who), "说明": plain.text(step.words), "之后": TicketState(step.state).word,
        "材料": [{"种类": f.blob.media_type, "大小": f.blob.size, "sha256": f.blob_id} for f in step.files.all()],
    }  # fmt: skip
