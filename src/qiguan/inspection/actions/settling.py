"""定案: write each account's verdict once every finding is decided. A verdict is never edited; a correction is another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from qiguan.archive.models import Blob
from qiguan.core.errors import QiguanError
from qiguan.core.rule import Breach, Clear, NotLooked, Outcome, Unknown, all_rules
from qiguan.core.verdict import Word, conclude
from qiguan.inspection.models import Finding, Round, RoundAccount, Verdict
from qiguan.inspection.queries.packs import PackBook
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role

CHUNK = 400
_KINDS: dict[str, type[Breach | Clear | Unknown | NotLooked]] = {
    "Breach": Breach,
    "Clear": Clear,
    "Unknown": Unknown,
    "NotLooked": NotLooked,
}
UNDECIDED = "规则检查有问题，不属实"


def settle_round(*, round_: Round, by: User | None, at: datetime, moved: Callable[[int, int], None] | None = None) -> int:
    """Write the verdicts of a round; return how many. Refused while a finding waits for a decision; may be killed and run again.

    1. A chunk of lines without a verdict. 2. What the machine found, corrected by what people decided. 3. One transaction a
    chunk; evidence that is cited is kept for ever. 4. When none is left the round is settled.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=round_.organ)
    if round_.stage not in {Round.Stage.REVIEWING, Round.Stage.SETTLED}:
        raise QiguanError(f"“{round_.title}”{round_.get_stage_display()}，还不能定案", place=round_.title, remedy="等机器检查完")
    waiting = round_.findings.filter(state=Finding.State.SUSPECTED).count()
    if waiting:
        raise QiguanError(f"还有{waiting}条问题没有研判", place=round_.title, remedy="先逐条确认或排除")
    lines = round_.accounts.exclude(why=RoundAccount.Why.FRAME)
    total, waiting = lines.count(), lines.filter(verdicts=None).count()
    written = last = 0
    while chunk := list(lines.filter(verdicts=None, pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        for line in chunk:
            line.round = round_  # else each line asks the database for it
        written += _write(chunk, by, at)
        waiting -= len(chunk)
        if moved:
            moved(total - max(0, waiting), total)
    with transaction.atomic():
        if Round.objects.filter(pk=round_.pk, stage=Round.Stage.REVIEWING).update(
            stage=Round.Stage.SETTLED, settled_at=at, settled_by=by
        ):
            record_audit(action="settle_round", by=by, at=at, on=round_, organ=round_.organ, fields=["verdicts"], count=total)
    round_.refresh_from_db()
    return written


def _write(lines: Sequence[RoundAccount], by: User | None, at: datetime) -> int:
    decided: dict[int, list[Finding]] = {}
    for finding in Finding.objects.filter(line__in=lines):
        decided.setdefault(finding.line_id, []).append(finding)
    verdicts = [verdict_of(line, decided.get(line.pk, []), by=by, at=at) for line in lines]
    cited = {e["blob"] for v in verdicts for e in v.evidence if e.get("blob")}
    with transaction.atomic():
        before = Verdict.objects.filter(line__in=lines, replaces=None).count()
        Verdict.objects.bulk_create(verdicts, ignore_conflicts=True, batch_size=200)
        Blob.objects.filter(digest__in=cited).update(keep_until=None)
        return Verdict.objects.filter(line__in=lines, replaces=None).count() - before


def verdict_of(line: RoundAccount, findings: Sequence[Finding], *, by: User | None, at: datetime) -> Verdict:
    """Conclude a line from the machine's outcomes and what people decided; not yet saved."""
    rules = all_rules()
    outcomes: dict[str, Outcome] = {
        code: _KINDS[kind](because) for code, (kind, because, _) in line.outcomes.items() if code in rules
    }
    versions = {code: version for code, (_, _, version) in line.outcomes.items()}
    evidence = list(line.evidence)
    for finding in findings:
        if finding.state == Finding.State.CONFIRMED:
            outcomes[finding.rule] = Breach(finding.because)
            versions[finding.rule] = finding.rule_version
            if finding.origin == Finding.Origin.PERSON:
                evidence += finding.evidence
        elif finding.state == Finding.State.DISMISSED:
            outcomes[finding.rule] = Clear(f"{UNDECIDED}：{finding.reason}")
        elif finding.state == Finding.State.MERGED:
            outcomes[finding.rule] = NotLooked("已并入另一条问题")
    verdict = conclude(outcomes)
    pack = PackBook(line.round.at).get(line.pack)
    return Verdict(
        line=line, account_id=line.account_id, at=line.round.at, word=(verdict.word or Word.UNTOLD).value,
        rules=[[code, versions.get(code, rules[code].version), rules[code].title_zh] for code in verdict.rules], because=verdict.because[:1000],
        covered=list(verdict.covered), not_looked=dict(verdict.not_looked), pack=line.pack, pack_words=pack.settings_zh[:200] if pack else line.pack,
        evidence=evidence, own=line.own, decided_at=at, decided_by=by,
    )  # fmt: skip


def correct_verdict(*, verdict: Verdict, word: str, because: str, reason: str, by: User, at: datetime) -> Verdict:
    """Replace a verdict by another (更正); both stay, each names the other. An appeal that is upheld ends here."""
    demand_role(by, Role.SUPERVISOR, organ=verdict.line.round.organ)
    if word not in set(Word):
        raise QiguanError("结论只有合格、不合格、未能判定", place="结论", remedy="请从三个里选")
    reason = reason.strip()[:300]
    if not reason:
        raise QiguanError("没有写更正的理由", place="更正理由", remedy="写一句为什么更正，公开时会一起印出")
    with transaction.atomic():
        if Verdict.objects.filter(replaces=verdict).exists():
            raise QiguanError("这份结论已经更正过", place=verdict.line.name, remedy="请更正最新的那一份")
        new = Verdict.objects.create(
            line=verdict.line, account_id=verdict.account_id, at=verdict.at, word=word, rules=verdict.rules if word == Word.FAIL else [],
            because=because.strip()[:1000] or reason, covered=verdict.covered, not_looked=verdict.not_looked, pack=verdict.pack,
            pack_words=verdict.pack_words, evidence=verdict.evidence, own=verdict.own, decided_at=at, decided_by=by, replaces=verdict, correction=reason,
        )  # fmt: skip
        record_audit(action="correct_verdict", by=by, at=at, on=new, organ=verdict.line.round.organ, fields=["word", "because"])
    return new
