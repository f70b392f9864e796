"""The front door: the newest look that could tell counts; a machine accuses only where the answer itself says so, or twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qiguan.core.source import Outcome
from qiguan.core.window import LONGEST_RETRY, Line, Look, Part, Works, broken, by_machine, next_try, stumbles, window_lines
from tests.core.stories import AT, ago

SITE = (Part.SERVICE, "办事大厅")


def look(part: Part = Part.MENU, days: float = 1, works: bool | None = True, label: str = "", **more: str) -> Look:
    return Look(part, ago(days), works, "核查员", label, **more)


def only(lines: list[Line], part: Part) -> Line:
    return next(line for line in lines if line.part is part)


def test_what_nobody_tried_is_not_tried_and_every_part_has_its_line():
    lines = window_lines([], [], at=AT)
    assert [line.part for line in lines] == list(Part)
    assert {line.works for line in lines} == {Works.NOT_TRIED}
    assert [line.part.word for line in lines] == ["菜单", "服务链接", "小程序", "电话", "自动回复", "留言"]
    assert broken(lines) == []


def test_the_newest_look_that_could_tell_counts():
    looks = [look(days=1, works=None), look(days=3, works=False, proof="sha256:a"), look(days=9)]
    line = only(window_lines([], looks, at=AT), Part.MENU)
    assert (line.works, line.at, line.proof) == (Works.NO, ago(3), "sha256:a")
    assert broken(window_lines([], looks, at=AT)) == [line]


def test_a_look_holds_for_ninety_days_and_none_comes_from_the_future():
    assert only(window_lines([], [look(days=91)], at=AT), Part.MENU).works is Works.NOT_TRIED
    assert only(window_lines([], [look(days=-1)], at=AT), Part.MENU).works is Works.NOT_TRIED


def test_a_broken_part_without_proof_says_so():
    assert only(window_lines([], [look(works=False)], at=AT), Part.MENU).because == "没有截图"
    assert only(window_lines([], [look(works=False, because="打不开")], at=AT), Part.MENU).because == "打不开"


def test_links_have_lines_of_their_own_and_the_part_as_a_whole_where_a_person_looked():
    looks = [look(Part.SERVICE, label="办事大厅", works=False, because="地址已不存在")]
    lines = [line for line in window_lines([SITE, SITE], looks, at=AT) if line.part is Part.SERVICE]
    assert [(line.label, line.works) for line in lines] == [("办事大厅", Works.NO)]
    lines = [line for line in window_lines([SITE], [*looks, look(Part.SERVICE)], at=AT) if line.part is Part.SERVICE]
    assert [(line.label, line.works) for line in lines] == [("", Works.YES), ("办事大厅", Works.NO)]


@pytest.mark.parametrize(
    ("outcome", "failures", "works"),
    [
        (Outcome.OK, 0, True),
        (Outcome.TOO_LARGE, 0, True),
        (Outcome.GONE, 0, False),
        (Outcome.REDIRECT_LOOP, 0, False),
        (Outcome.TIMEOUT, 1, None),
        (Outcome.TIMEOUT, 2, False),
        (Outcome.FORBIDDEN, 9, None),
        (Outcome.LOGIN_PAGE, 9, None),
        (Outcome.RATE_LIMITED, 9, None),
        (Outcome.PRIVATE_ADDRESS, 9, None),
    ],
)
def test_a_machine_accuses_only_where_the_answer_says_so_or_twice_in_a_row(outcome, failures, works):
    said, words = by_machine(outcome, failures)
    assert said is works
    assert words


def test_a_link_is_tried_weekly_and_sooner_after_a_stumble():
    assert next_try(at=AT, outcome=Outcome.OK, failures=0) - AT == timedelta(days=7)
    waits = [next_try(at=AT, outcome=Outcome.TIMEOUT, failures=n) - AT for n in (1, 2, 3, 60)]
    assert waits == [timedelta(hours=6), timedelta(hours=12), timedelta(hours=24), LONGEST_RETRY]
    assert [stumbles(Outcome.TIMEOUT, 1), stumbles(Outcome.OK, 5), stumbles(Outcome.GONE, 5)] == [2, 0, 0]
