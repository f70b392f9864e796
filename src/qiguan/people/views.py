"""操作记录: the auditor's page. Read-only: state of the chain, what other apps put before an auditor, the log, samples by lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from qiguan.core.errors import QiguanError
from qiguan.core.sampling import RULE, fingerprint
from qiguan.jobs import clock
from qiguan.people.audit.acts import chain_state
from qiguan.people.audit.log import MOST_DRAWN, LogFilter, draw_sample, log_page
from qiguan.people.audit.rows import BY, OBJECT, tombstones_of
from qiguan.people.audit.sections import Offer
from qiguan.people.audit.words import action_choices, action_word
from qiguan.people.models import AuditEntry, AuditSeal, Organ, Role
from qiguan.people.queries import demand_role, official

_KEPT = ("who", "action", "on", "place", "since", "until")
_FIELDS_SHOWN = 8


class LogForm(forms.Form):
    """Who, what, when, of what: a plain GET form."""

    who = forms.CharField(label="操作人", required=False, max_length=60)
    action = forms.ChoiceField(label="操作", required=False, choices=action_choices)
    on = forms.CharField(label="对象编号", required=False, max_length=40)
    since = forms.DateField(label="自", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="至", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    place = forms.CharField(required=False, widget=forms.HiddenInput)


class SampleForm(LogForm):
    """What to draw from, how many, and the seed."""

    seed = forms.CharField(label="种子", required=False, max_length=60)
    count = forms.CharField(label="抽几条", required=False, max_length=3, initial="20")
    seal = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ["seed", "count", "who", "action", "on", "since", "until"]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with the words that the page shows."""

    entry: AuditEntry
    word: str
    by: str
    on: str
    organ: str
    fields: str


@login_required
@require_safe
def audit(request: HttpRequest, offers: Sequence[Offer] = ()) -> HttpResponse:
    """State of the chain, sections, log. `offers` come from config: people knows no app above it."""
    user, at = official(request), clock.now()
    demand_role(user, Role.AUDITOR)
    query = request.GET.dict()
    page = log_page(user=user, wanted=LogFilter.of(query), before=_number(query.get("before", "")))
    filtered = any(query.get(name) for name in (*_KEPT, "before"))
    context = {
        "at": at,
        "chain": chain_state(),
        "sections": [] if filtered else [offer(user, at) for offer in offers],
        "lines": _lines(page.rows),
        "filtered": filtered,
        "filter_form": LogForm(query),
        "older_url": _with(query, before=str(page.older)) if page.older else "",
        "newest_url": _with(query) if query.get("before") else "",
        "sample_url": _with(query),
    }
    return render(request, "people/audit.html", context)


@login_required
@require_safe
def audit_sample(request: HttpRequest) -> HttpResponse:
    """Draw entries by lot; `?numbers=1` gives the list that was drawn from, so that anyone can redo the draw."""
    user, query = official(request), request.GET.dict()
    demand_role(user, Role.AUDITOR)
    last = AuditSeal.objects.order_by("-number").values_list("number", flat=True).first() or 0
    seal = min(_number(query.get("seal", "")) or last, last)
    count = min(_number(query.get("count", "")) or 20, MOST_DRAWN)
    sample, error = None, None
    if "seed" in query:
        try:
            sample = draw_sample(user=user, wanted=LogFilter.of(query), seed=query["seed"][:60], count=count, seal=seal)
        except QiguanError as problem:
            error = problem
    if sample is not None and query.get("numbers"):
        return HttpResponse("".join(f"{n}\n" for n in sample.numbers), content_type="text/plain; charset=utf-8")
    again = _with(query, seed=query.get("seed", ""), count=str(count), seal=str(seal))
    context = {
        "at": clock.now(), "sample": sample, "lines": _lines(sample.rows) if sample else [], "problem": error, "rule": RULE, "total": len(sample.numbers) if sample else 0,
        "fingerprint": fingerprint(sample.seed) if sample else "", "filter_form": SampleForm({**query, "count": str(count), "seal": ""}), "again_url": again, "numbers_url": f"{again}&numbers=1",
    }  # fmt: skip
    return render(request, "people/audit_sample.html", context)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def _with(query: dict[str, str], **more: str) -> str:
    return "?" + urlencode({k: v for k, v in {**{k: query.get(k, "") for k in _KEPT}, **more}.items() if v})


def _lines(rows: Sequence[AuditEntry]) -> list[Line]:
    organs = dict(Organ.objects.filter(path__in={row.organ_path for row in rows}).values_list("path", "name"))
    erased = tombstones_of([row.pk for row in rows])
    return [
        Line(
            row,
            action_word(row.action),
            str(row.by) if row.by else "已依法抹除" if (row.pk, BY) in erased else "系统或命令行",
            "已依法抹除" if (row.pk, OBJECT) in erased else row.object_id,
            organs.get(row.organ_path, ""),
            _fields(row),
        )
        for row in rows
    ]


def _fields(row: AuditEntry) -> str:
    names = [str(name) for name in row.fields][:_FIELDS_SHOWN] if isinstance(row.fields, list) else []
    return "、".join(name if len(name) <= 40 else f"{name[:32]}…" for name in names)
