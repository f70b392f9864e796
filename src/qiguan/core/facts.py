"""What a rule may know of an account: plain values, gathered by the shell, nothing else.

All moments are aware datetimes in UTC; days are Asia/Shanghai dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from qiguan.core.days import day_of, start_of


class State(StrEnum):
    """The state of an account (PRODUCT §3.3), with its official word."""

    ACTIVE = "active"
    DUE = "due"
    OVERDUE = "overdue"
    SLEEPING = "sleeping"
    ZOMBIE = "zombie"
    NEVER_POSTED = "never_posted"
    UNKNOWN = "unknown"
    CLOSING = "closing"
    BLOCKED = "blocked"
    CLOSED = "closed"

    @property
    def word(self) -> str:
        """The official word shown to users."""
        return _WORDS[self]

    @property
    def is_silence(self) -> bool:
        """Say whether this state accuses the account of silence (and so needs a complete witness)."""
        return self in {State.OVERDUE, State.SLEEPING, State.ZOMBIE, State.NEVER_POSTED}


_WORDS = {
    State.ACTIVE: "正常",
    State.DUE: "临期",
    State.OVERDUE: "超期未更新",
    State.SLEEPING: "睡眠",
    State.ZOMBIE: "僵尸",
    State.NEVER_POSTED: "从未发布",
    State.UNKNOWN: "待核实",
    State.CLOSING: "停更待注销",
    State.BLOCKED: "平台受限",
    State.CLOSED: "已关停",
}


class Kind(StrEnum):
    """账号类型: one source limits the two-week rule to publishing accounts."""

    PUBLISHING = "publishing"  # 发布类
    SERVICE = "service"  # 服务类
    BOTH = "both"  # 兼有
    UNSTATED = "unstated"  # 未注明


class Scope(StrEnum):
    """口径: vetoes bind the first; the third is in no count."""

    NATIONAL = "national"  # 国办口径
    LOCAL = "local"  # 地方扩围
    LISTED = "listed"  # 只登记


class Said(StrEnum):
    """What a person found when looking at the account in its platform."""

    NEWEST = "newest"  # the newest post's date is `CheckFact.newest_at`
    NEVER = "never"  # 从未发布
    NOT_FOUND = "not_found"  # 找不到
    FROZEN = "frozen"  # 已冻结
    CANCELLED = "cancelled"  # 已注销
    RENAMED = "renamed"  # 改名为…; says nothing about posts unless newest_at is given too


class PostFact(NamedTuple):
    """One post. A day-precise post's `at` is the end of its day. Deleted posts still count as updates."""

    at: datetime
    first_seen_at: datetime | None = None
    pushed: bool | None = None
    deleted: bool = False
    day_precise: bool = False
    backdated: bool = False  # 倒填: see `core.evidence.is_backdated`
    original: bool | None = None  # 原创; None where the source does not say


@dataclass(frozen=True, slots=True)
class Span:
    """What one source vouches for: it showed every post in [start, until]. `start` None: from the account's beginning."""

    start: datetime | None
    until: datetime
    hand: str  # words for evidence: which source
    read_at: datetime
    assumed: bool = False  # complete by assumption (`--assume-complete`), printed in the evidence


@dataclass(frozen=True, slots=True)
class CheckFact:
    """A human check 人工核查: complete evidence at its moment `at`.

    `day_precise`: only the day of the look is known, `at` is its last possible moment; it is evidence up to `sure_until` only.
    `point`: a check point before the look, about which the person was asked too: `before_said` is NEWEST (the newest post at or
    before the point is `before_at`, end of its day), NEVER, or None where they did not say or could not tell.
    """

    at: datetime
    said: Said
    hand: str
    newest_at: datetime | None = None
    newest_day_precise: bool = True
    proof: bool = False
    message_box: bool | None = None  # 留言功能: works / broken / not tried
    menu: bool | None = None
    new_name: str = ""
    day_precise: bool = False
    point: datetime | None = None
    before_said: Said | None = None
    before_at: datetime | None = None

    @property
    def at_point(self) -> CheckFact | None:
        """What the person saw of the time up to the check point, as a look at that moment; None where nothing was said of it."""
        if self.point is None or self.before_said is None or self.point > self.sure_until:
            return None
        return replace(
            self,
            at=self.point,
            said=self.before_said,
            newest_at=self.before_at,
            newest_day_precise=True,
            day_precise=False,
            point=None,
        )

    @property
    def sure_until(self) -> datetime:
        """The last moment up to which the look surely saw everything: of a day without an hour, its start (ADR 0009)."""
        return start_of(day_of(self.at)) if self.day_precise else self.at


@dataclass(frozen=True, slots=True)
class SightingFact:
    """A citizen saw a post: proves life, never silence."""

    at: datetime
    posted_at: datetime
    day_precise: bool = False


@dataclass(frozen=True, slots=True)
class Blindness:
    """A source that we could not read: why, since when. It excuses nobody; it explains `unknown`."""

    hand: str
    outcome: str  # core.source.Outcome value
    since: datetime
    last_at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True)
class HumanFinding:
    """人工发现的问题: what only a person can say, by the code of its rule. `found` False: looked for, and not found or put right."""

    code: str
    at: datetime
    words: str
    hand: str = "人工"
    proof: bool = False
    found: bool = True


class Sibling(NamedTuple):
    """Another account of the same owner that is not closed."""

    name: str
    platform: str
    closing: bool = False  # 停更待注销


class SourceName(NamedTuple):
    """What a source calls the account today, where that is another name than before."""

    hand: str
    name: str


@dataclass(frozen=True, slots=True)
class RegisterFacts:
    """What the register says beside the account's own row. Names as written; the rules compare their keys."""

    name: str = ""
    certified_subject: str = ""  # 认证主体; "" where the register does not say
    owner_names: Sequence[str] = ()  # the owner's name and its former ones
    filed_on: date | None = None  # 登记: the first filing or return that names it
    opening_approved_on: date | None = None  # 开设 by a filing in this system; the newest
    names_filed: Sequence[str] = ()  # new names in change filings that wait for a decision
    source_names: Sequence[SourceName] = ()
    siblings: Sequence[Sibling] = ()
    owner_changed_on: date | None = None  # by an approved change filing; the newest


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """All that a rule may know of one account. Sequences are sorted by time, oldest first."""

    platform: str = "wechat_mp"
    kind: Kind = Kind.UNSTATED
    scope: Scope = Scope.NATIONAL
    opened_on: date | None = None
    owner: str = ""
    owner_ended_on: date | None = None
    successor: str = ""
    closing_filed_on: date | None = None
    closing_notice_on: date | None = None
    closes_on: date | None = None
    closed_on: date | None = None
    blocked_on: date | None = None
    blocked_why: str = ""
    posts: Sequence[PostFact] = ()
    spans: Sequence[Span] = ()
    checks: Sequence[CheckFact] = ()
    sightings: Sequence[SightingFact] = ()
    blind: Sequence[Blindness] = ()
    has_partial_source: bool = False  # something reads it, but not completely
    interaction: Sequence[str] = field(default_factory=tuple)
    findings: Sequence[HumanFinding] = ()
    register: RegisterFacts | None = None  # None: not asked for (the nightly pass) or not at hand (a saved file)
