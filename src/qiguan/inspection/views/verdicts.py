"""Scope, comparison and verdicts of a round; one verdict with its evidence and its correction."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.core.errors import QiguanError
from qiguan.core.rule import all_rules
from qiguan.core.verdict import Word
from qiguan.inspection.actions.settling import correct_verdict
from qiguan.inspection.models import Round, RoundAccount, Verdict
from qiguan.inspection.queries.causes import moved
from qiguan.inspection.queries.compare import Move, compare, earlier_rounds, entered, left, lines_of
from qiguan.inspection.queries.findings import seen_of
from qiguan.inspection.queries.rounds import counts_of, verdicts_seen_by
from qiguan.inspection.views.rounds import seen_round, tabs_of
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import has_role, official
from qiguan.ui.values import Pick

PAGE = 50


def _before(request: HttpRequest, round_: Round) -> Round | None:
    """Return the round to compare with: the one asked for, else the last settled one at the opening."""
    asked = request.GET.get("with", "")
    if not asked:
        return round_.before
    return get_object_or_404(earlier_rounds(request.user, round_), public_id=asked)


@login_required
def round_scope(request: HttpRequest, public_id: str) -> HttpResponse:
    """检查对象: everyone in the scope, and who entered or left it since the last round, by whom and why."""
    round_ = seen_round(request, public_id)
    before = _before(request, round_)
    show = request.GET.get("show", "all")
    kept = f"&with={before.public_id}" if before and before.pk != round_.before_id else ""
    counts = {"all": round_.accounts.count()}
    if before is not None:
        counts |= {"entered": entered(round_, before).count(), "left": left(round_, before).count()}
    words = {"all": "全部", "entered": "新进范围", "left": "离开范围"}
    show = show if show in counts else "all"
    lines: Any = round_.accounts.order_by("owner_path", "pk")
    if before is not None and show != "all":
        lines = entered(round_, before) if show == "entered" else left(round_, before)
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    changes = moved(list(page), round_=round_, before=before, came=show == "entered") if before and show != "all" else []
    context = {
        "round": round_, "tabs": tabs_of(round_, "round_scope"), "before": before, "page_obj": page, "changes": changes, "show": show,
        "picks": [Pick(words[k], f"?show={k}{kept}", n, k == show) for k, n in counts.items()], "counts": counts, "at": clock.now(),
    }  # fmt: skip
    return render(request, "inspection/round_scope.html", context)


@login_required
def round_compare(request: HttpRequest, public_id: str) -> HttpResponse:
    """Two rounds side by side: rates on the old and the new denominator; who failed newly, again, or recovered."""
    round_ = seen_round(request, public_id)
    before = _before(request, round_)
    context: dict[str, Any] = {
        "round": round_, "tabs": tabs_of(round_, "round_compare"), "before": before, "earlier": earlier_rounds(request.user, round_)[:20],
        "at": clock.now(), "open": round_.stage != Round.Stage.SETTLED,
    }  # fmt: skip
    if before is not None and round_.stage in {Round.Stage.REVIEWING, Round.Stage.SETTLED}:
        found = compare(round_, before=before)
        show = request.GET.get("show", "")
        chosen = Move(show) if show in set(Move) else Move.NEW
        kept = f"&with={before.public_id}" if before.pk != round_.before_id else ""
        context |= {
            "found": found, "chosen": chosen, "kept": kept,
            "picks": [Pick(m.word, f"?show={m}{kept}", n, m is chosen) for m, n in found.moves.items()] if found else [],
            "page_obj": Paginator(lines_of(round_, before, chosen), PAGE).get_page(request.GET.get("page")),
        }  # fmt: skip
    return render(request, "inspection/round_compare.html", context)


@login_required
def round_verdicts(request: HttpRequest, public_id: str) -> HttpResponse:
    """The verdicts of a settled round, by word; corrected ones show the correction."""
    round_ = seen_round(request, public_id)
    if round_.stage != Round.Stage.SETTLED:
        return redirect("round", public_id=public_id)
    found = (
        Verdict.objects.filter(line__round=round_, replaced_by=None)
        .select_related("line")
        .order_by("line__owner_path", "line_id")
    )
    counts, word = counts_of(round_), request.GET.get("word", "")
    word = word if word in set(Word) else ""
    page = Paginator(found.filter(word=word) if word else found, PAGE).get_page(request.GET.get("page"))
    picks = [Pick("全部", "?", counts.whole.total, not word)]
    picks += [
        Pick(w.value, f"?word={w.value}", counts.whole.words.get(w, 0), w == word) for w in (Word.FAIL, Word.UNTOLD, Word.PASS)
    ]
    context = {
        "round": round_, "tabs": tabs_of(round_, "round_verdicts"), "picks": picks, "page_obj": page, "counts": counts, "at": clock.now(),
    }  # fmt: skip
    return render(request, "inspection/verdicts.html", context)


@login_required
def round_verdict(request: HttpRequest, public_id: str) -> HttpResponse:
    """One verdict: its word, the rules behind it, what nobody looked at, the evidence, and what it replaces or is replaced by."""
    found = verdicts_seen_by(request.user).select_related(
        "line__round__organ", "replaces", "replaced_by", "account", "decided_by"
    )
    verdict = get_object_or_404(found, public_id=public_id)
    round_ = verdict.line.round
    may = has_role(request.user, Role.SUPERVISOR, organ=round_.organ)
    replaced = getattr(verdict, "replaced_by", None)
    if request.method == "POST":
        if not may:
            raise Http404
        try:
            new = correct_verdict(
                verdict=verdict, word=request.POST.get("word", ""), because=request.POST.get("because", ""),
                reason=request.POST.get("reason", ""), by=official(request), at=clock.now(),
            )  # fmt: skip
            messages.success(request, "已更正；原来的一份也留着")
            return redirect("round_verdict", public_id=new.public_id)
        except QiguanError as error:
            messages.error(request, str(error))
    rules = all_rules()
    titles = {code: rule.title_zh for code, rule in rules.items()}
    context = {
        "verdict": verdict, "line": verdict.line, "round": round_, "replaced": replaced, "may_correct": may and replaced is None,
        "seen": seen_of(verdict.evidence), "covered": [titles.get(c, c) for c in verdict.covered], "words": list(Word),
        "not_looked": [(titles.get(c, c), why) for c, why in verdict.not_looked.items()], "asked": request.POST, "at": clock.now(),
        "sees_round": has_role(request.user, Role.SUPERVISOR, Role.AUDITOR, Role.LEADER, organ=round_.organ),
        "why_words": dict(RoundAccount.Why.choices)[verdict.line.why],
    }  # fmt: skip
    return render(request, "inspection/verdict.html", context, status=400 if request.method == "POST" else 200)
