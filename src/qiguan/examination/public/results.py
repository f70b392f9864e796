"""结果: two panels apart, intervals, against like units, the frame, who answered, whom it misses, what looks like stuffing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString

from qiguan.core.marking import GRADES, METHOD, POINTS, Interval, differs, say
from qiguan.core.rate import percent
from qiguan.examination.models import Season
from qiguan.examination.pictures import compared_picture, grades_picture
from qiguan.examination.public.seasons import season_of

# SafeString wraps only what pictures.py drew, where every word is escaped


def exam_results(request: HttpRequest, public_id: str) -> HttpResponse:
    """The published result of a season."""
    season = season_of(public_id)
    if season.stage != Season.Stage.PUBLISHED:
        return redirect("exam", public_id=public_id)
    return render(request, "examination/exam_results.html", {"season": season, "method": METHOD, **told_of(season)})


def told_of(season: Season) -> dict[str, Any]:
    """Return what the result says, in words and pictures. Read from the stored result alone."""
    data = season.result.data
    known = {c.public_id: c for c in season.candidates.all()}
    asked = {q.pk: q for q in season.paper.questions.select_related("question")}
    questions = [asked[pk] for pk in data["questions"]]
    rows: list[dict[str, Any]] = []
    titles = ["账号总的满意程度", *(q.words for q in questions)]
    for told in data["candidates"]:
        rows.append(
            {
                "c": known[told["id"]], "pressure": told["pressure"], "invited": told["invited"], "open": told["open"],
                "rate": percent(told["invited"]["n"], told["invited"]["reached"]) if told["invited"]["reached"] else "",
                "invited_cells": [_cell(t, c, data["whole"][n]) for n, (t, c) in enumerate(zip(titles, told["invited"]["cells"], strict=True))],
                "open_cells": [_cell(t, c, None) for t, c in zip(titles, told["open"]["cells"], strict=True)],
                "without": _without(told["open"].get("without")),
                "missed": [(name, say(had), say(should)) for name, had, should in told["invited"].get("missed", [])],
                "table": _table(season, told["invited"].get("table")),
            }
        )  # fmt: skip
    compared = []
    for n, title in enumerate(titles):
        found = [(r["c"].owner_name, r["invited"]["cells"][n]["bad"]) for r in rows if r["invited"]["cells"][n]["enough"]]
        if len(found) > 1:
            compared.append((title, SafeString(compared_picture(found, limit=season.limit))))
    for row in rows:  # the grade of the account as a whole opens nothing
        for cell, told in zip(row["invited_cells"][1:], row["invited"]["cells"][1:], strict=True):
            cell["above"] = told.get("above", False)
    above = sum(cell["above"] for row in rows for cell in row["invited_cells"][1:])
    return {
        "rows": rows, "compared": compared, "above": above, "limit": say(season.limit), "grade_words": GRADES,
        "half_typed": data.get("half_typed", 0),
        "letters": sum(r["invited"]["letters"] for r in rows), "answers": sum(r["invited"]["n"] for r in rows),
        "open_answers": sum(r["open"]["n"] for r in rows),
    }  # fmt: skip


def _cell(title: str, cell: dict[str, Any], whole: dict[str, Any] | None) -> dict[str, Any]:
    """Return one line of the result in words; `whole`: of all candidates together, to compare with."""
    told: dict[str, Any] = {"title": title, "n": cell["n"], "enough": cell["enough"]}
    if not cell["enough"]:
        return told
    share, low, high = cell["bad"]
    told |= {
        "bad": say(share), "low": say(low), "high": say(high), "good": say(cell["good"][0]),
        "picture": SafeString(grades_picture(cell["parts"], intervals=whole is not None)),
        "table": [(word, n, say(p[0]), say(p[1]), say(p[2])) for word, n, p in zip(GRADES, cell["grades"], cell["parts"], strict=True)],
        "points": [(word, n, percent(n, sum(cell["points"]))) for word, n in zip(POINTS, cell["points"], strict=True)] if cell["points"] else [],
    }  # fmt: skip
    if whole is not None and whole["enough"] and whole["n"] > cell["n"]:
        apart = differs(Interval(*cell["bad"]), Interval(*whole["bad"]))
        more = "高于" if share > whole["bad"][0] else "低于"
        told["compared"] = (
            f"{more}各单位合起来的{say(whole['bad'][0])}" if apart else f"与各单位合起来的{say(whole['bad'][0])}分不出高低"
        )
    return told


def _without(told: dict[str, Any] | None) -> dict[str, Any] | None:
    if told is None or not told["enough"]:
        return told
    return {"n": told["n"], "enough": True, "bad": say(told["bad"][0]), "good": say(told["good"][0])}


def _table(season: Season, table: list[list[int | None]] | None) -> list[tuple[str, list[str]]]:
    if table is None:
        return []
    names = [*(str(name) for name, _ in season.groups), "没有填"]
    return [(name, ["不显示" if v is None else str(v) for v in row]) for name, row in zip(names, table, strict=True)]
