"""The ticket's machine is whole, deadlines are counted or said to be unknown, causes are answered, life is proven or not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from qiguan.core.calendar import WorkCalendar, seed
from qiguan.core.ticket import (
    MOVES,
    NEXT,
    Cause,
    Outcome,
    TicketState,
    What,
    alive_throughout,
    due_of,
    is_late,
    moves_from,
    ticket_document,
    unanswered,
)

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
LINE = timedelta(days=14)


def test_every_state_is_reached_and_only_closed_is_an_end():
    reached = {m.to for m in MOVES.values()} - {None}
    assert reached == set(TicketState)
    ends = {s for s in TicketState if not [m for m in moves_from(s) if m.to]}
    assert ends == {TicketState.CLOSED}
    assert set(MOVES) == set(What)
    assert set(NEXT) == set(TicketState)


def test_a_waiting_ticket_can_always_come_to_an_end():
    seen, todo = set(), [TicketState.WAITING]
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += [m.to for m in moves_from(state) if m.to]
    assert seen == set(TicketState)


def test_words_are_there_for_each_state_and_outcome():
    assert all(s.word for s in TicketState)
    assert all(o.word for o in Outcome)


def test_a_deadline_says_why_this_date():
    due = due_of(WorkCalendar(seed([2026])), date(2026, 9, 23), 5, parts=["整改期限5个"])
    assert due.day == date(2026, 10, 8)  # 24, 28, 29, 30 September, 8 October
    assert due.because.startswith("自2026年9月23日的次日起5个工作日（整改期限5个）")
    assert "中秋节放假，不计入" in due.because


def test_a_deadline_past_the_calendar_is_said_and_not_guessed():
    due = due_of(WorkCalendar(seed([2026])), date(2026, 12, 28), 10)
    assert due.day is None
    assert due.because.startswith("待日历公布")
    assert "2027年" in due.because
    assert not is_late(TicketState.FIXING, due.day, datetime(2027, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("state", "day", "late"),
    [
        (TicketState.FIXING, date(2026, 9, 16), False),  # the last day counts to 24:00
        (TicketState.FIXING, date(2026, 9, 15), True),
        (TicketState.WAITING, date(2026, 9, 15), True),
        (TicketState.ENDING, date(2026, 9, 15), False),  # it waits for approval
        (TicketState.REPORTED, date(2026, 9, 15), False),  # it is the office's turn
        (TicketState.APPEALED, date(2026, 9, 15), False),
        (TicketState.CLOSED, date(2026, 9, 15), False),
    ],
)
def test_only_a_unit_whose_time_runs_is_late(state, day, late):
    assert is_late(state, day, AT) is late


@pytest.mark.parametrize(
    ("cause", "outcome", "staff", "handed", "word"),
    [
        ("", Outcome.REVIVED, True, False, "没有选原因"),
        (Cause.MISJUDGED, Outcome.REVIVED, True, False, "申诉成立"),
        (Cause.NO_CONTENT, Outcome.MISJUDGED, True, False, "申诉成立"),
        (Cause.MISJUDGED, Outcome.MISJUDGED, False, False, ""),
        (Cause.NOT_NEEDED, Outcome.REVIVED, True, False, "关停"),
        (Cause.NOT_NEEDED, Outcome.CANCELLED, False, False, ""),
        (Cause.NOT_NEEDED, Outcome.FIXED, False, True, ""),
        (Cause.NO_ONE, Outcome.REVIVED, False, False, "运营人员"),
        (Cause.NO_ONE, Outcome.REVIVED, True, False, ""),
        (Cause.NO_ONE, Outcome.MERGED, False, False, ""),
        (Cause.NO_ONE, Outcome.FIXED, False, True, ""),
        (Cause.CANNOT, Outcome.REVIVED, False, False, ""),
    ],
)
def test_a_cause_is_answered_before_a_ticket_is_closed(cause, outcome, staff, handed, word):
    said = unanswered(cause, outcome, has_staff=staff, handed=handed)
    assert word in said
    assert bool(said) is bool(word)


def test_an_approved_end_has_its_own_day():
    assert is_late(TicketState.ENDING, date(2026, 9, 15), AT, end_approved=True)
    assert not is_late(TicketState.REPORTED, date(2026, 9, 15), AT, end_approved=True)


def days(*numbers: int) -> list[datetime]:
    return [AT + timedelta(days=n) for n in numbers]


@pytest.mark.parametrize(
    ("seen", "proven"),
    [
        (days(0, 10, 20, 30, 40), True),
        (days(30, 0, 20, 40, 10, 90), True),  # any order; later ones do not matter
        (days(-10, 4, 18, 32), True),
        (days(0, 10, 30, 40), False),  # a gap of twenty days
        (days(0, 10, 20), False),  # nothing in the last twenty days
        (days(20, 30, 40), False),
        ([], False),
    ],
)
def test_life_is_proven_by_what_was_seen_without_a_gap(seen, proven):
    assert alive_throughout(seen, AT, AT + timedelta(days=45), LINE) is proven


def test_the_document_draws_every_step_that_moves():
    text = ticket_document()
    for move in MOVES.values():
        assert move.word in text
        for state in move.start:
            assert move.to is None or f"{state.value} --> {move.to.value}: {move.word}" in text
    assert "无人 · 不会" in text
