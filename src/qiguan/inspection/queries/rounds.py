"""What a round came to: counts on both denominators, by platform, level and word, the share not told and why, and its progress.

Until a round is settled the words are the machine's; after that the verdicts', as corrected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, NullIf

from qiguan.core.rule import Weight, all_rules
from qiguan.core.verdict import Word
from qiguan.inspection.models import Finding, Round, RoundAccount, Verdict
from qiguan.people.models import Role, User, any_within
from qiguan.people.queries import memberships_of
from qiguan.register.models import Account

SEES = (Role.SUPERVISOR, Role.AUDITOR, Role.LEADER)
Why = RoundAccount.Why


@dataclass(frozen=True, slots=True)
class Words:
    """How many accounts have which word."""

    words: Mapping[str, int]

    @property
    def total(self) -> int:
        """The denominator."""
        return sum(self.words.values())

    @property
    def failed(self) -> int:
        """不合格."""
        return self.words.get(Word.FAIL, 0)

    @property
    def passed(self) -> int:
        """合格."""
        return self.words.get(Word.PASS, 0)

    @property
    def untold(self) -> int:
        """未能判定."""
        return self.words.get(Word.UNTOLD, 0)

    @property
    def fail_rate(self) -> str:
        """不合格率."""
        return share_words(self.failed, self.total)

    @property
    def untold_rate(self) -> str:
        """The share that could not be told."""
        return share_words(self.untold, self.total)


@dataclass(frozen=True, slots=True)
class RoundCounts:
    """Counts of the accounts looked at. `old`: those of them that were in the last round's scope; None without a last round."""

    whole: Words
    old: Words | None
    by_platform: Sequence[tuple[str, Words]]
    by_level: Sequence[tuple[str, Words]]
    frame: int  # in scope, drawn or not
    own: int  # accounts of the inspecting office itself
    rechecked: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round is."""

    total: int
    judged: int
    findings: Mapping[str, int] = field(default_factory=dict)  # by state

    @property
    def waiting(self) -> int:
        """Findings that wait for a person."""
        return self.findings.get(Finding.State.SUSPECTED, 0)

    @property
    def decided(self) -> int:
        """Findings that a person has decided."""
        return sum(self.findings.values()) - self.waiting


def share_words(part: int, whole: int) -> str:
    """Say a share with one digit, rounded half up: 2.3%; — of nothing."""
    if not whole:
        return "—"
    tenths = (part * 2000 + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def rounds_seen_by(user: User | AnonymousUser) -> QuerySet[Round]:
    """Return the rounds of the offices that the user works for, and of those below them."""
    if isinstance(user, User) and user.is_active and user.is_superuser:
        return Round.objects.all()
    paths = [m.organ.path for m in memberships_of(user, roles=SEES)]
    return Round.objects.filter(any_within(["organ_path"], paths))


def looked_at(round_: Round) -> QuerySet[RoundAccount, Any]:
    """Return the lines that the round looks at: those not drawn are left out."""
    return round_.accounts.exclude(why=Why.FRAME)


def standing_verdict(line: str = "pk") -> QuerySet[Verdict, Any]:
    """Return the verdict in force of an outer line."""
    return Verdict.objects.filter(line=OuterRef(line), replaced_by=None)


def with_words(lines: QuerySet[RoundAccount, Any], *, settled: bool) -> Any:
    """Annotate `said`: the verdict's word, or the machine's before settling; no rule bound it: 未能判定, as in the verdict."""
    if settled:
        return lines.annotate(said=Subquery(standing_verdict().values("word")[:1]))
    machine = Coalesce(NullIf(F("word"), Value("")), Value(Word.UNTOLD.value), output_field=CharField())
    return lines.exclude(judged_at=None).annotate(said=machine)


def words_of(round_: Round) -> Any:
    """Return the lines looked at with their word as `said`."""
    return with_words(looked_at(round_), settled=round_.stage == Round.Stage.SETTLED)


def counts_of(round_: Round) -> RoundCounts:
    """Count a round: one grouping for platform, level and word, and one for the part that was in scope before."""
    lines = words_of(round_)
    grouped = Counter[tuple[str, str, str]]()
    for platform, level, said, n in _grouped(lines, "platform", "level", "said"):
        grouped[platform, level, said] += n
    whole, platforms, levels = Counter[str](), dict[str, Counter[str]](), dict[str, Counter[str]]()
    for (platform, level, said), n in grouped.items():
        whole[said] += n
        platforms.setdefault(platform, Counter())[said] += n
        levels.setdefault(level, Counter())[said] += n
    sort = Counter(dict(_grouped(round_.accounts.all(), "why")))
    return RoundCounts(
        Words(whole),
        Words(dict(_grouped(lines.filter(account__in=scope_of(round_.before)), "said"))) if round_.before_id else None,
        _ranked(platforms),
        _ranked(levels),
        sum(sort.values()),
        round_.accounts.filter(own=True).count(),
        sort[Why.RECHECK],
    )


def scope_of(round_: Round | None) -> Any:
    """Return the accounts of a round's scope as a subquery."""
    return RoundAccount.objects.filter(round=round_).values("account")


def _grouped(lines: QuerySet[RoundAccount, Any], *by: str) -> Iterable[Any]:
    return lines.order_by().values_list(*by).annotate(n=Count("pk"))


def _ranked(parts: Mapping[str, Counter[str]]) -> list[tuple[str, Words]]:
    return sorted(((code, Words(c)) for code, c in parts.items()), key=lambda pair: (-pair[1].total, pair[0]))


_MOMENT = re.compile(r"\d{4}(?:年\d{1,2}月\d{1,2}日|-\d\d-\d\d)(?:\d{2}:\d{2})?")


def reason_sort(because: str) -> str:
    """Return the sort of a reason: dates become 某日, and what follows a colon is the single case."""
    return _MOMENT.sub("某日", because).split("：", 1)[0]


def unknown_reasons(round_: Round) -> list[tuple[str, int]]:
    """Say why accounts could not be told, most frequent first: what the vetoes that were looked at said."""
    lines, found = words_of(round_).filter(said=Word.UNTOLD), Counter[str]()
    told = Q(pk__in=[])
    for code, rule in all_rules().items():
        if rule.weight is Weight.VETO:
            unknown = Q(**{f"outcomes__{code}__0": "Unknown"})
            reasons = lines.filter(unknown).exclude(told).order_by().values_list(KT(f"outcomes__{code}__1"))
            for because, n in reasons.annotate(n=Count("pk")):
                found[reason_sort(because)] += n
            told |= unknown
    return found.most_common()


def progress_of(round_: Round) -> Progress:
    """Say how far the round is."""
    lines = looked_at(round_)
    findings = dict(round_.findings.order_by().values_list("state").annotate(n=Count("pk")))
    return Progress(lines.count(), lines.exclude(judged_at=None).count(), findings)


def waiting_of_all(rounds: Iterable[Round]) -> dict[int, int]:
    """Return the number of findings that wait, by round."""
    found = Finding.objects.filter(round__in=list(rounds), state=Finding.State.SUSPECTED).order_by().values_list("round")
    return dict(found.annotate(n=Count("pk")))


def lots_of(round_: Round) -> QuerySet[RoundAccount, Any]:
    """Return the lines of the numbered list in its order: bytewise by public id, failures to be rechecked left out."""
    return round_.accounts.exclude(why=Why.RECHECK).order_by("public_id")


def verdicts_seen_by(user: User | AnonymousUser) -> QuerySet[Verdict, Any]:
    """Return the verdicts of settled rounds: the inspecting office's, and those about accounts that the user may see."""
    from qiguan.people.queries import paths_seen_by

    found = Verdict.objects.filter(line__round__stage=Round.Stage.SETTLED)
    paths = paths_seen_by(user)
    if paths is None:
        return found
    offices = [m.organ.path for m in memberships_of(user, roles=SEES)]
    return found.filter(
        any_within(["line__round__organ_path"], offices) | any_within(["account__owner_path", "account__supervisor_path"], paths)
    )


@dataclass(frozen=True, slots=True)
class PastVerdict:
    """One line of an account's verdict history."""

    public_id: str
    word: str
    round_title: str
    office: str
    at: datetime
    because: str
    correction: str  # why it replaced another; "" for a first verdict
    replaced: bool


def verdict_history(user: User | AnonymousUser, account: Account, *, limit: int = 20) -> list[PastVerdict]:
    """Return an account's verdicts that the user may see, newest first, corrections beside what they replace."""
    found = verdicts_seen_by(user).filter(account=account).select_related("line__round__organ", "replaced_by")
    return [
        PastVerdict(
            v.public_id, v.word, v.line.round.title, v.line.round.organ.name, v.at, v.because, v.correction, hasattr(v, "replaced_by")
        )
        for v in found.order_by("-at", "-decided_at", "-pk")[:limit]
    ]  # fmt: skip
