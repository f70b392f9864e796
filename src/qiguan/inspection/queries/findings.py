"""The list of findings: narrowed on the server by state, rule, platform, organ, 上期又犯 and own accounts; a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count

from qiguan.inspection.models import Finding, FindingQuerySet, Round
from qiguan.inspection.queries.standings import by_words
from qiguan.people.models import Organ, User, any_within
from qiguan.register.models import Account

PAGE = 50


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """What the list is asked for; empty means all."""

    state: str = ""
    rule: str = ""
    platform: str = ""
    place: str = ""  # an organ's public id
    words: str = ""
    again: bool = False
    own: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str]) -> FindingFilter:
        """Read a query string; without a `state` the list shows what waits, `state=all` everything."""
        state = query.get("state", Finding.State.SUSPECTED)
        return cls(
            state=state if state in set(Finding.State) else "",
            rule=query.get("rule", "")[:20],
            platform=query.get("platform", "")[:20],
            place=query.get("place", "")[:16],
            words=query.get("q", "").strip()[:60].replace("\x00", ""),
            again=query.get("again") in {"1", "on"},
            own=query.get("own") in {"1", "on"},
        )


def findings_matching(*, user: User | AnonymousUser, round_: Round, wanted: FindingFilter) -> FindingQuerySet:
    """Return the findings of a round that the user may see and the filter keeps, vetoes first, then by account."""
    found = Finding.objects.visible_to(user).filter(round=round_)
    for column, value in (("state", wanted.state), ("rule", wanted.rule), ("line__platform", wanted.platform)):
        if value:
            found = found.filter(**{column: value})
    if wanted.place:
        organ = Organ.objects.filter(public_id=wanted.place).first()
        inside = any_within(["line__owner_path", "line__supervisor_path"], [organ.path] if organ else [])
        found = found.filter(inside)
    if wanted.words:
        found = found.filter(account__in=Account.objects.filter(by_words(wanted.words)).values("pk"))
    if wanted.again:
        found = found.filter(again=True)
    if wanted.own:
        found = found.filter(line__own=True)
    return found.select_related("line", "merged_into", "decided_by").order_by("-veto", "line__owner_path", "line_id", "rule")


def states_of(found: FindingQuerySet) -> dict[str, int]:
    """Count findings by state."""
    return dict(found.order_by().values_list("state").annotate(n=Count("pk")))


def rules_of(round_: Round) -> list[tuple[str, str]]:
    """Return the rules breached in a round: code and title."""
    return sorted(dict(round_.findings.order_by().values_list("rule", "title").distinct()).items())


def others_of(finding: Finding) -> list[Finding]:
    """Return the other findings about the same account in the round that it can be merged into."""
    able = (Finding.State.SUSPECTED, Finding.State.CONFIRMED)
    return list(Finding.objects.filter(line=finding.line, state__in=able).exclude(pk=finding.pk).order_by("-veto", "rule"))


@dataclass(frozen=True, slots=True)
class Seen:
    """One frozen piece of evidence: what was seen, when, by which hand, and the hash of its stored copy."""

    nth: int
    said: str
    at: datetime | None
    hand: str
    digest: str


def seen_of(evidence: Sequence[Mapping[str, Any]]) -> list[Seen]:
    """Read frozen evidence as stored in a line, a finding or a verdict."""
    return [
        Seen(n, str(e.get("said", "")), _moment(e.get("at")), str(e.get("hand", "")), str(e.get("blob") or ""))
        for n, e in enumerate(evidence)
    ]


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
