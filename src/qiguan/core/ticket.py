"""整改单: its states and steps as data, its deadline with the reason for the date, its causes and outcomes.

The pages, the actions and docs/rectification.md all read this table: a step that is not here cannot be taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from qiguan.core.calendar import UnknownYear, WorkCalendar
from qiguan.core.days import day_of, say_day

UNKNOWN_DAY = "待日历公布"


class TicketState(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    FIXING = "fixing"
    REPORTED = "reported"
    PASSED = "passed"
    APPEALED = "appealed"
    ENDING = "ending"
    CLOSED = "closed"

    @property
    def word(self) -> str:
        """The word shown to users."""
        return _STATE_WORDS[self]

    @property
    def runs(self) -> bool:
        """Say whether the unit's time runs: only then is a ticket late. While an end is on its way, it runs once approved."""
        return self in {TicketState.WAITING, TicketState.FIXING}


_STATE_WORDS = {
    TicketState.WAITING: "待签收",
    TicketState.FIXING: "整改中",
    TicketState.REPORTED: "已报整改，待复查",
    TicketState.PASSED: "复查通过，待销号",
    TicketState.APPEALED: "申诉中",
    TicketState.ENDING: "关停办理中",
    TicketState.CLOSED: "已销号",
}


class Who(StrEnum):
    """Who takes a step."""

    UNIT = "主办单位"
    OFFICE = "监管员"
    OTHER = "另一位监管员"  # another person than the one who confirmed the finding
    MACHINE = "系统"


class What(StrEnum):
    """A step in a ticket's history."""

    OPEN = "open"
    ACKNOWLEDGE = "acknowledge"
    REPORT = "report"
    ASK_EXTENSION = "ask_extension"
    GRANT = "grant"
    REFUSE = "refuse"
    CHASE = "chase"
    ESCALATE = "escalate"
    PASS = "pass"
    FAIL = "fail"
    UNTOLD = "untold"
    CLOSE = "close"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    UPHOLD_PART = "uphold_part"
    REJECT = "reject"
    END = "end"
    END_APPROVED = "end_approved"
    END_RETURNED = "end_returned"
    CANCELLED = "cancelled"
    HANDED = "handed"
    ENDED = "ended"
    GONE = "gone"
    REOPENED = "reopened"
    RECOUNT = "recount"


@dataclass(frozen=True, slots=True)
class Move:
    """One step: from which states, to which (None: it stays), by whom, and what it asks for."""

    what: What
    word: str
    who: Who
    start: frozenset[TicketState]
    to: TicketState | None
    asks: str = ""


_S = TicketState
_HANDS: Final = frozenset({_S.WAITING, _S.FIXING})
_OPEN: Final = frozenset(_S) - {_S.CLOSED}


def _move(what: What, word: str, who: Who, start: frozenset[TicketState], to: TicketState | None, asks: str = "") -> Move:
    return Move(what, word, who, start, to, asks)


MOVES: Final[dict[What, Move]] = {
    m.what: m
    for m in (
        _move(What.OPEN, "发出整改通知", Who.OFFICE, frozenset(), _S.WAITING, "已定案批次里确认的问题"),
        _move(What.ACKNOWLEDGE, "签收", Who.UNIT, frozenset({_S.WAITING}), _S.FIXING),
        _move(What.REPORT, "报送整改", Who.UNIT, _HANDS, _S.REPORTED, "做了什么；可附整改报告和截图"),
        _move(What.ASK_EXTENSION, "申请延期", Who.UNIT, _HANDS, None, "几个工作日、为什么"),
        _move(What.GRANT, "同意延期", Who.OFFICE, _HANDS, None, "给几个工作日"),
        _move(What.REFUSE, "不同意延期", Who.OFFICE, _HANDS, None, "理由"),
        _move(What.CHASE, "催办", Who.OFFICE, _HANDS, None, "期限之前，只有一次"),
        _move(What.ESCALATE, "转上一级", Who.MACHINE, _HANDS | {_S.ENDING}, None, "过了期限，只有一次"),
        _move(What.PASS, "复查通过", Who.MACHINE, frozenset({_S.REPORTED}), _S.PASSED, "报送之后看到的事实；机器看不清的由监管员复查"),
        _move(What.FAIL, "复查未通过", Who.MACHINE, frozenset({_S.REPORTED}), _S.FIXING, "报送之后仍有同样的问题"),
        _move(What.UNTOLD, "机器看不清，请人复查", Who.MACHINE, frozenset({_S.REPORTED}), None),
        _move(What.CLOSE, "销号", Who.OFFICE, frozenset({_S.PASSED}), _S.CLOSED, "原因代码"),
        _move(What.APPEAL, "申诉", Who.UNIT, _HANDS, _S.APPEALED, "哪里不对、凭什么；期限之前，只有一次"),
        _move(What.UPHOLD, "申诉成立", Who.OTHER, frozenset({_S.APPEALED}), _S.CLOSED, "答复；结论随即更正"),
        _move(What.UPHOLD_PART, "申诉部分成立", Who.OTHER, frozenset({_S.APPEALED}), _S.FIXING, "答复；成立的问题去掉"),
        _move(What.REJECT, "申诉不成立", Who.OTHER, frozenset({_S.APPEALED}), _S.FIXING, "答复；申诉用去的工作日补回"),
        _move(What.END, "申请关停、合并或移交", Who.UNIT, _HANDS, _S.ENDING, "公告要素、日期、原因代码"),
        _move(What.END_APPROVED, "关停备案已同意", Who.MACHINE, frozenset({_S.ENDING}), None, "期限改为公告的注销日期"),
        _move(What.END_RETURNED, "备案被退回", Who.MACHINE, frozenset({_S.ENDING}), _S.FIXING),
        _move(What.CANCELLED, "报注销备案", Who.UNIT, frozenset({_S.ENDING}), None, "已在平台注销"),
        _move(What.HANDED, "移交备案已同意", Who.MACHINE, frozenset({_S.ENDING}), _S.REPORTED, "期限从移交之日重新算"),
        _move(What.ENDED, "账号已关停，销号", Who.MACHINE, frozenset({_S.ENDING}), _S.CLOSED),
        _move(What.GONE, "账号已关停，待销号", Who.MACHINE, _HANDS | {_S.REPORTED}, _S.PASSED, "登记册上账号已关停"),
        _move(What.REOPENED, "关停后又有内容", Who.MACHINE, frozenset({_S.CLOSED}), None),
        _move(What.RECOUNT, "期限重新计算", Who.MACHINE, _OPEN, None, "新一年的工作日历已录入"),
    )
}  # fmt: skip

# whose turn it is, and for what
NEXT: Final[dict[TicketState, tuple[str, str]]] = {
    _S.WAITING: (Who.UNIT, "签收并整改"),
    _S.FIXING: (Who.UNIT, "整改并报送"),
    _S.REPORTED: (Who.MACHINE, "复查"),
    _S.PASSED: (Who.OFFICE, "填原因代码，销号"),
    _S.APPEALED: (Who.OTHER, "答复申诉"),
    _S.ENDING: ("上级和主办单位", "审批备案，到期注销"),
    _S.CLOSED: ("", ""),
}


def moves_from(state: TicketState) -> tuple[Move, ...]:
    """Return the steps that may be taken in this state."""
    return tuple(m for m in MOVES.values() if state in m.start)


class Cause(StrEnum):
    """Why it came to this: asked for at closing; sums are public."""

    NO_ONE = "无人"
    CANNOT = "不会"
    NO_CONTENT = "无内容"
    PASSWORD = "丢失密码"
    MERGED_ORGAN = "机构撤并"
    FROZEN = "平台冻结"
    NOT_NEEDED = "不需要此号"
    MISJUDGED = "误判"


class Outcome(StrEnum):
    """How a ticket ended. Closing a needless account counts as much as reviving one."""

    REVIVED = "revived"
    FIXED = "fixed"
    CANCELLED = "cancelled"
    MERGED = "merged"
    MISJUDGED = "misjudged"

    @property
    def word(self) -> str:
        """The word after the day: 7月2日恢复更新."""
        return _OUTCOME_WORDS[self]

    @property
    def ends_account(self) -> bool:
        """Say whether the account is no more."""
        return self in {Outcome.CANCELLED, Outcome.MERGED}


_OUTCOME_WORDS = {
    Outcome.REVIVED: "恢复更新",
    Outcome.FIXED: "整改",
    Outcome.CANCELLED: "注销",
    Outcome.MERGED: "合并",
    Outcome.MISJUDGED: "更正",
}


def unanswered(cause: str, outcome: Outcome, *, has_staff: bool, handed: bool) -> str:
    """Say what a cause still asks for before a ticket is closed; "" where it is answered.

    无人 is answered by people, another unit or the end; 不需要此号 by another unit or the end.
    """
    if cause not in set(Cause):
        return "没有选原因"
    if (cause == Cause.MISJUDGED) is not (outcome is Outcome.MISJUDGED):
        return "误判只能由申诉成立得出"
    answered = handed or outcome.ends_account
    if cause == Cause.NOT_NEEDED and not answered:
        return "“不需要此号”要以关停、合并或移交了结"
    if cause == Cause.NO_ONE and not (answered or has_staff):
        return "“无人”要先登记运营人员，或以移交、关停了结"
    return ""


@dataclass(frozen=True, slots=True)
class Due:
    """The last day, and why this date. `day` None: a year on the way is not in the calendar yet."""

    day: date | None
    because: str


def due_of(calendar: WorkCalendar, start: date, days: int, *, parts: Sequence[str] = ()) -> Due:
    """Count the working days from the day after `start`. A year that is not published is said, never guessed."""
    of_what = f"（{'，'.join(parts)}）" if parts else ""
    head = f"自{say_day(start)}的次日起{days}个工作日{of_what}"
    try:
        found = calendar.deadline(start, days)
    except UnknownYear as error:
        return Due(None, f"{UNKNOWN_DAY}：{head}，{error.message}")
    return Due(found.day, f"{head}；{found.because}")


def is_late(state: TicketState, due: date | None, at: datetime, *, end_approved: bool = False) -> bool:
    """Say whether the unit's time is over. Without a known day nobody is late; the last day counts to 24:00."""
    runs = state.runs or (state is TicketState.ENDING and end_approved)
    return runs and due is not None and day_of(at) > due


def alive_throughout(seen: Sequence[datetime], start: datetime, end: datetime, line: timedelta) -> bool:
    """Say whether what was seen proves life from `start` to `end` without a gap over the line; not proven is no."""
    marks = sorted(m for m in seen if start - line <= m <= end)
    points = [start, *(m for m in marks if m > start), end]
    if not any(m <= start + line for m in marks):
        return False
    return all(later - earlier <= line for earlier, later in pairwise(points))


def ticket_document() -> str:
    """Return docs/rectification.md: the machine drawn, and each step with who takes it and what it asks for."""
    lines = [
        "# Rectification 整改",
        "",
        "Generated from `core/ticket.py` by `make docs`. Steps that leave a ticket where it stands are in the table only.",
        "",
        "```mermaid",
        "stateDiagram-v2",
    ]
    lines += [f"    {s.value}: {s.word}" for s in TicketState]
    lines += [f"    [*] --> {m.to}: {m.word}" for m in MOVES.values() if not m.start]
    lines += [f"    {s.value} --> {m.to.value}: {m.word}" for m in MOVES.values() if m.to for s in TicketState if s in m.start]
    lines += ["    closed --> [*]", "```", "", "| 步骤 | 谁 | 从 | 到 | 要什么 |", "|---|---|---|---|---|"]
    for m in MOVES.values():
        start = "、".join(s.word for s in TicketState if s in m.start)
        lines.append(f"| {m.word} | {m.who} | {start or '—'} | {m.to.word if m.to else '不变'} | {m.asks} |")
    lines += [
        "",
        "Time runs for the unit while a ticket is 待签收 or 整改中, and 关停办理中 once that is approved; not while it waits for a recheck, an approval or an answer to an appeal. Working days that such an answer took are given back where it is no.",
        "The number of working days is a setting of ours (`QIGUAN_RECTIFY_DAYS`): no national number was found, places give 3 to 9.",
        "",
        "Causes 原因代码, asked for at closing, sums are public: " + " · ".join(Cause) + ".",
    ]
    return "\n".join(lines) + "\n"
