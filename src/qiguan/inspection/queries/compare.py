"""Two rounds compared: who entered or left the scope, who failed newly, again, or recovered; rates on the old and the new denominator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from qiguan.core.verdict import Word
from qiguan.inspection.models import Round, RoundAccount, Verdict
from qiguan.inspection.queries.rounds import Words, counts_of, rounds_seen_by, words_of
from qiguan.people.models import User


class Move(StrEnum):
    """What became of an account between two rounds; the value stands in addresses."""

    NEW = "new"
    AGAIN = "again"
    RECOVERED = "recovered"
    UNSEEN = "unseen"
    ENTERED = "entered"

    @property
    def word(self) -> str:
        """As it is said on pages."""
        return _MOVES[self]


_MOVES = {
    Move.NEW: "新增不合格",
    Move.AGAIN: "上期又犯",
    Move.RECOVERED: "已恢复合格",
    Move.UNSEEN: "上期不合格，本期没看清",
    Move.ENTERED: "新进范围不合格",
}
_FAILED_BEFORE = Q(was=Word.FAIL)
_CONDITIONS = {
    Move.NEW: Q(stayed=True, said=Word.FAIL) & ~_FAILED_BEFORE,
    Move.AGAIN: Q(said=Word.FAIL) & _FAILED_BEFORE,
    Move.RECOVERED: Q(said=Word.PASS) & _FAILED_BEFORE,
    Move.UNSEEN: Q(said=Word.UNTOLD) & _FAILED_BEFORE,
    Move.ENTERED: Q(stayed=False, said=Word.FAIL) & ~_FAILED_BEFORE,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of two rounds. `kept`: this round's words of the accounts that both looked at, `kept_then` the last round's of the same."""

    now: Words
    then: Words
    kept: Words
    kept_then: Words
    entered: int
    left: int
    moves: Mapping[Move, int]


def earlier_rounds(user: User | AnonymousUser, round_: Round) -> QuerySet[Round]:
    """Return the settled rounds of the same organ with an earlier check point, newest first."""
    return rounds_seen_by(user).filter(organ=round_.organ, stage=Round.Stage.SETTLED, at__lt=round_.at).order_by("-at", "-id")


def compare(round_: Round, *, before: Round | None = None) -> Comparison | None:
    """Compare with `before`, by default the last settled round at the time of opening; None where there is none.

    One grouping over the lines looked at, with what each account's verdict was before and whether it was in scope then.
    """
    before = before or round_.before
    if before is None:
        return None
    now, kept, kept_then, moves = dict[str, int](), dict[str, int](), dict[str, int](), dict.fromkeys(Move, 0)
    lines = moved_lines(round_, before).order_by().values_list("stayed", "was", "said").annotate(n=Count("pk"))
    for stayed, was, said, n in lines:
        now[said] = now.get(said, 0) + n
        if was:
            kept[said] = kept.get(said, 0) + n
            kept_then[was] = kept_then.get(was, 0) + n
        move = _move(bool(stayed), was, said)
        if move is not None:
            moves[move] += n
    return Comparison(
        Words(now), counts_of(before).whole, Words(kept), Words(kept_then), entered(round_, before).count(), left(round_, before).count(), moves
    )  # fmt: skip


def _move(stayed: bool, was: str, said: str) -> Move | None:
    """Say what `_CONDITIONS` say, for one group."""
    if said == Word.FAIL:
        return Move.AGAIN if was == Word.FAIL else Move.NEW if stayed else Move.ENTERED
    if was != Word.FAIL:
        return None
    return Move.RECOVERED if said == Word.PASS else Move.UNSEEN


def moved_lines(round_: Round, before: Round) -> Any:
    """Return the lines looked at with `said`, `was` (the word in `before`, "" without one) and `stayed` (in its scope)."""
    verdict = Verdict.objects.filter(account=OuterRef("account"), line__round=before, replaced_by=None).values("word")[:1]
    scope = RoundAccount.objects.filter(round=before, account=OuterRef("account"))
    return words_of(round_).annotate(was=Coalesce(Subquery(verdict), Value(""), output_field=CharField()), stayed=Exists(scope))


def lines_of(round_: Round, before: Round, move: Move) -> Any:
    """Return the lines that moved so, in the register's order."""
    return moved_lines(round_, before).filter(_CONDITIONS[move]).order_by("owner_path", "pk")


def entered(round_: Round, before: Round) -> QuerySet[RoundAccount, Any]:
    """Return the lines of this round's scope whose account was not in the other's."""
    return _missing(round_, before)


def left(round_: Round, before: Round) -> QuerySet[RoundAccount, Any]:
    """Return the lines of the other round's scope whose account is not in this one's."""
    return _missing(before, round_)


def _missing(here: Round, there: Round) -> QuerySet[RoundAccount, Any]:
    other = RoundAccount.objects.filter(round=there, account=OuterRef("account"))
    return here.accounts.filter(~Exists(other)).order_by("owner_path", "pk")
