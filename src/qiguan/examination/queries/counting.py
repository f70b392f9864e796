"""Count the box of a season, once: what `Result.data` holds. Values in, values out, but for the reading of rows."""

from __future__ import annotations

from collections import Counter
from statistics import median
from typing import Any

from qiguan.core.marking import Interval, Mark, Tally, interval, lies_above, missed, read, tally
from qiguan.core.withholding import LEAST, publish
from qiguan.examination.ballots import Ballot, Panel
from qiguan.examination.models import Candidate, Season

Row = tuple[str, int, int, bool, str]  # marks, grade, group, verified, doubt
Box = Counter[Row]


def count_box(season: Season) -> dict[str, Any]:
    """Return the result of a season: for every candidate both panels apart, and the invited panel of all that may be shown."""
    boxes: dict[tuple[int, str], Box] = {}
    rows = Ballot.objects.filter(candidate__season=season).order_by()
    columns = rows.values_list("candidate_id", "panel", "marks", "grade", "group", "verified", "doubt")
    for candidate, panel, *rest in columns.iterator(chunk_size=5000):
        boxes.setdefault((candidate, panel), Counter())[tuple(rest)] += 1  # type: ignore[index]
    asked = list(season.paper.questions.all())
    found = []
    shown: list[list[Tally]] = [[] for _ in range(len(asked) + 1)]
    for c in season.candidates.all():
        invited, opened = boxes.get((c.pk, Panel.INVITED), Counter()), boxes.get((c.pk, Panel.OPEN), Counter())
        for row, told in zip(shown, _tallies(invited, len(asked)), strict=True):
            if told.n >= season.least:  # a sum over all must not give one away that is withheld
                row.append(told)
        found.append(
            {
                "id": c.public_id, "invited": _invited(season, c, invited, len(asked)), "open": _open(season, c, opened, len(asked)),
                "pressure": c.pressure.count(),
            }
        )  # fmt: skip
    return {
        "least": season.least,
        "limit": season.limit,
        "questions": [q.pk for q in asked],
        "candidates": found,
        "whole": [_whole(row) for row in shown],
    }


def _whole(shown: list[Tally]) -> dict[str, Any]:
    """Return 不满意 over all candidates that are shown, to compare each with."""
    n, bad = sum(t.n for t in shown), sum(t.dissatisfied for t in shown)
    return {"n": n, "enough": True, "bad": _three(interval(bad, n))} if n else {"n": 0, "enough": False}


def _tallies(box: Box, asked: int) -> list[Tally]:
    """Return the tally of the account as a whole, then of each question."""
    wholes: Counter[int] = Counter()
    marks: Counter[str] = Counter()
    for (written, grade, *_), times in box.items():
        wholes[grade] += times
        marks[written] += times
    pairs: list[Counter[str]] = [
        Counter() for _ in range(asked)
    ]  # by their two digits: reading each mark would cost ten times as much
    for written, times in marks.items():
        for n, pair in enumerate(pairs):
            pair[written[2 * n : 2 * n + 2]] += times
    each = [tally((mark, times) for pair, times in counted.items() for mark in read(pair)) for counted in pairs]
    return [tally((Mark(grade), times) for grade, times in wholes.items()), *each]


def _cells(box: Box, asked: int, *, least: int, limit: int | None, frame: int | None) -> list[dict[str, Any]]:
    return [_cell(t, least=least, limit=limit, frame=frame) for t in _tallies(box, asked)]


def _cell(t: Tally, *, least: int, limit: int | None, frame: int | None) -> dict[str, Any]:
    """Return one line of the result; below the least number of answers, how many there were and no more."""
    if t.n < least:
        return {"n": t.n, "enough": False}
    parts = [interval(g, t.n, frame=frame) for g in t.grades]
    bad = interval(t.dissatisfied, t.n, frame=frame)
    told: dict[str, Any] = {
        "n": t.n, "enough": True, "grades": list(t.grades), "parts": [_three(p) for p in parts], "bad": _three(bad),
        "good": _three(interval(t.satisfied, t.n, frame=frame)), "points": list(t.points) if sum(t.points) >= least else [],
    }  # fmt: skip
    if limit is not None:
        told["above"] = lies_above(t, limit=limit, least=least, frame=frame)
    return told


def _three(found: Interval) -> list[int]:
    return [found.share, found.low, found.high]


def _invited(season: Season, c: Candidate, box: Box, asked: int) -> dict[str, Any]:
    n, reached = box.total(), c.invited - c.returned
    told: dict[str, Any] = {"n": n, "frame": c.frame, "letters": c.invited, "returned": c.returned, "reached": reached}
    told["cells"] = _cells(box, asked, least=season.least, limit=season.limit, frame=c.frame)
    if n >= season.least and season.groups:
        counted: Counter[tuple[int, int]] = Counter()
        for (_, grade, group, *_rest), times in box.items():
            counted[group, grade] += times
        sizes = [sum(counted[g, grade] for grade in range(1, 6)) for g in range(1, len(season.groups) + 1)]
        told["missed"] = [
            [m.name, m.answered, m.expected]
            for m in missed([(name, size, k) for (name, size), k in zip(season.groups, sizes, strict=True)], least=season.least)
        ]
        table = [[counted[g, grade] for grade in range(1, 6)] for g in [*range(1, len(season.groups) + 1), 0]]
        told["table"] = publish(table)
    return told


def _open(season: Season, c: Candidate, box: Box, asked: int) -> dict[str, Any]:
    """Return the open panel with what looks like stuffing: shown, never taken out; beside it the result without what is doubted."""
    doubted: Box = Counter({row: n for row, n in box.items() if row[4]})
    hours = sorted(c.hours.values_list("times", flat=True))
    told: dict[str, Any] = {
        "n": box.total(),
        "verified": sum(n for row, n in box.items() if row[3]),
        "doubted": doubted.total(),
        "top_source": max(c.sources.values_list("times", flat=True), default=0),
        "busiest_hour": hours[-1] if hours else 0,
        "usual_hour": int(median(hours)) if hours else 0,
        "cells": _cells(box, asked, least=season.least, limit=None, frame=None),
    }
    alike = Counter((row[0], row[1]) for row in box.elements())
    told["most_alike"] = max(alike.values(), default=0)
    apart = tally((Mark(row[1]), n) for row, n in doubted.items())
    parts = (apart.satisfied, apart.grades[2], apart.dissatisfied)
    if doubted.total() >= LEAST and not any(0 < p < LEAST for p in parts):  # else the difference would show a few
        rest = _cells(box - doubted, 0, least=season.least, limit=None, frame=None)[0]
        told["without"] = {key: rest[key] for key in ("n", "enough", "bad", "good") if key in rest}
    return told
