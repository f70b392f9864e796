"""What was counted, for the pages and for rectification, which pulls the questions whose lower bound lies above the limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from qiguan.examination.models import Candidate, PaperQuestion, Season


@dataclass(frozen=True, slots=True)
class Below:
    """A question that the invited panel found badly answered. Shares in 1/10,000; `low` lies above the season's limit."""

    candidate: Candidate
    question: PaperQuestion
    n: int
    share: int
    low: int
    high: int


def questions_below_limit(season: Season) -> list[Below]:
    """Return, for a published season, each (candidate, question) whose lower bound of 不满意 in the invited panel lies above the limit.

    One ticket a question: rectification pulls these. The open panel and the grade of the account as a whole open nothing.
    """
    if season.stage != Season.Stage.PUBLISHED:
        return []
    data: dict[str, Any] = season.result.data
    candidates = {c.public_id: c for c in season.candidates.select_related("account", "account__owner")}
    questions = {q.pk: q for q in season.paper.questions.select_related("question")}
    found = []
    for told in data["candidates"]:
        for pk, cell in zip(data["questions"], told["invited"]["cells"][1:], strict=True):
            if cell.get("above"):
                share, low, high = cell["bad"]
                found.append(Below(candidates[told["id"]], questions[pk], cell["n"], share, low, high))
    return found
