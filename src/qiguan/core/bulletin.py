"""A bulletin (通报) as values: what was checked, what came out, what is asked for. Organs only: no field holds a person.

Everything printed (text, tables, rates) is computed from `rows`, `rechecks` and `scope_changes`; no total is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from qiguan.core.verdict import Word


@dataclass(frozen=True, slots=True)
class Problem:
    """One breach: the rule's title in official words (内容不更新), and the words printed for this account."""

    title: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Rectified:
    """What was put right before the bulletin went out: 恢复更新, 备案注销, 开通留言. Shown first."""

    how: str
    on: date | None = None


@dataclass(frozen=True, slots=True)
class BulletinRow:
    """One account of the round. `platform`, `level`, `state` are official words; an empty text means that nobody stated it.

    `label` is the issuer's own word beside the verdict (突出问题), `untold_because` why it could not be told, `reply` the
    unit's words, printed unaltered; `note` labels what must be seen (由上一级机关确认).
    """

    account: str
    platform: str
    owner: str
    verdict: Word
    account_id: str = ""
    level: str = ""
    state: str = ""
    problems: Sequence[Problem] = ()
    last_update: date | None = None
    days_silent: int | None = None
    untold_because: str = ""
    rectified: Rectified | None = None
    reply: str = ""
    in_last_scope: bool = True
    label: str = ""
    note: str = ""


class Moved(StrEnum):
    """How an account's place in the scope changed since the last round."""

    IN = "纳入"
    OUT = "移出"


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """An account that entered or left the scope: why, by which organ, when. `verdict`: what one that left would get, if known."""

    account: str
    platform: str
    owner: str
    moved: Moved
    because: str
    by_organ: str = ""
    on: date | None = None
    verdict: Word | None = None


class Recheck(StrEnum):
    """What became of a failure of the last round."""

    RESUMED = "已恢复"
    CLOSED = "已备案注销"
    NOT_YET = "未整改到位"
    UNTOLD = "未能判定"

    @property
    def is_done(self) -> bool:
        """Closing a needless account counts as much as reviving one."""
        return self in {Recheck.RESUMED, Recheck.CLOSED}


@dataclass(frozen=True, slots=True)
class RecheckRow:
    """One failure of the last round, looked at again."""

    account: str
    platform: str
    owner: str
    problem: str
    outcome: Recheck
    note: str = ""


@dataclass(frozen=True, slots=True)
class LastRound:
    """The round before, as it was published: the sizes of its verdicts."""

    period: str
    passed: int
    failed: int
    untold: int

    @property
    def checked(self) -> int:
        """Every account of that round."""
        return self.passed + self.failed + self.untold


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked for: by when, why that day, to whom the report goes, further paragraphs."""

    deadline: date
    because: str = ""
    report_to: str = ""
    more: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """更正: the bulletin that this one corrects, and what changed."""

    title: str
    number: str
    because: str


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A whole bulletin. `check_point` is aware; `rules` and `not_looked` are titles, the second with the reason."""

    issuer: str
    title: str
    period: str
    check_point: datetime
    issued_on: date
    rows: Sequence[BulletinRow]
    number: str = ""
    area: str = ""
    addressees: str = ""
    basis: str = ""
    rules: Sequence[str] = ()
    not_looked: Sequence[tuple[str, str]] = ()
    settings: str = ""
    scope_changes: Sequence[ScopeChange] = ()
    last: LastRound | None = None
    rechecks: Sequence[RecheckRow] = ()
    demand: Demand | None = None
    attachments: Sequence[str] = ()  # beside the tables of our own
    copies_to: str = ""
    printed_by: str = ""
    corrects: Correction | None = None
    remarks: Sequence[str] = field(default_factory=tuple)  # printed under 总体情况: assumptions, limits

    def of(self, verdict: Word) -> list[BulletinRow]:
        """Return the rows of one verdict; those already put right first, then as given."""
        return sorted((row for row in self.rows if row.verdict is verdict), key=lambda row: row.rectified is None)


def title_for(issuer: str, period: str, area: str = "") -> str:
    """Write the usual title: 示例市人民政府办公室关于2026年第二季度全市政务新媒体检查情况的通报."""
    return f"{issuer}关于{period}{area}政务新媒体检查情况的通报"
