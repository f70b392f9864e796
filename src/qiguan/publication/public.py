"""Public pages: bulletins, places, units, accounts as front doors. No log-in, no scripts; only from snapshots."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from qiguan.archive.actions import read_blob
from qiguan.core.days import day_of
from qiguan.core.rate import percent
from qiguan.core.rule import all_rules
from qiguan.jobs import clock
from qiguan.people.models import Organ
from qiguan.publication.badge import badge_svg
from qiguan.publication.models import SnapshotAccount
from qiguan.publication.queries.public import (
    card_of,
    front_of,
    method_of,
    newest_of_unit,
    newest_snapshot_of_place,
    rows_of,
    rows_of_place,
    snapshot_of,
    sums_of_place,
    units_of,
    visible_snapshots,
    words_of,
)
from qiguan.ui.pictures import mini_strip
from qiguan.ui.pictures.strips import Strip

PAGE = 50
VERDICTS = ("不合格", "未能判定", "合格")


@require_safe
def bulletins(request: HttpRequest) -> HttpResponse:
    """All published bulletins, the newest first."""
    page = Paginator(visible_snapshots(), 20).get_page(request.GET.get("page"))
    return render(request, "publication/bulletins.html", {"page_obj": page, "at": clock.now()})


@require_safe
def bulletin(request: HttpRequest, public_id: str) -> HttpResponse:
    """One bulletin as it was published; its rows by verdict, paged."""
    snapshot = snapshot_of(public_id)
    if snapshot is None:
        raise Http404
    word = request.GET.get("verdict", "")
    word = word if word in VERDICTS else VERDICTS[0]
    page = Paginator(rows_of(snapshot, word=word), PAGE).get_page(request.GET.get("page"))
    counts = words_of(snapshot.accounts.all())
    told = counts.get("合格", 0) + counts.get("不合格", 0)
    context = {
        "snapshot": snapshot, "bulletin": snapshot.bulletin, "page_obj": page, "word": word, "verdicts": [(w, counts.get(w, 0)) for w in VERDICTS],
        "passed": counts.get("合格", 0), "failed": counts.get("不合格", 0), "unknown": counts.get("未能判定", 0), "told": told,
        "rate": percent(counts.get("合格", 0), told) if told else "", "at": snapshot.published_at,
        "instead": getattr(snapshot.bulletin, "corrected_by", None), "corrects": snapshot.bulletin.corrects,
        "version": snapshot.bulletin.versions.filter(stage="published").order_by("-number").first(),
    }  # fmt: skip
    return render(request, "publication/bulletin.html", context)


@require_safe
def account(request: HttpRequest, public_id: str) -> HttpResponse:
    """An account's front door."""
    front = front_of(public_id)
    if front.entry is None and front.newest is None:
        raise Http404
    at = clock.now()
    row = front.newest
    return render(
        request,
        "publication/account.html",
        {
            "front": front,
            "entry": front.entry,
            "row": row,
            "strip": _strip(row) if row and row.weeks else "",
            "at": at,
            "ref": public_id,
        },
    )


def _strip(row: SnapshotAccount) -> str:
    """The year's weeks as a picture with its words."""
    day = day_of(row.snapshot.at)
    posts = {day - timedelta(days=7 * (len(row.weeks) - 1 - i)): int(n) for i, n in enumerate(row.weeks) if n != "0"}
    # a week's digit ends at nine, and silences are no part of the snapshot's weeks: the words take its own figures
    figures = f"{row.posts_year}篇" + (f"，最长静默{row.longest_gap_days}天" if row.longest_gap_days else "")
    return mark_safe(mini_strip(Strip(day, posts, figures=figures), name=f"{row.name}每周的发布"))  # noqa: S308  escaped in ui.pictures


@require_safe
def unit(request: HttpRequest, public_id: str) -> HttpResponse:
    """A unit and its accounts, as the newest snapshots say."""
    rows = newest_of_unit(public_id)
    if not rows:
        raise Http404
    return render(
        request, "publication/unit.html", {"rows": rows, "name": rows[0].owner_name, "ref": public_id, "at": clock.now()}
    )


@require_safe
def place(request: HttpRequest, public_id: str) -> HttpResponse:
    """A place: how its accounts stand in the newest bulletin, and its units."""
    organ = get_object_or_404(Organ, public_id=public_id)
    snapshot = newest_snapshot_of_place(organ)
    rows = rows_of_place(snapshot, organ) if snapshot else None
    if snapshot is None or rows is None or not rows.exists():
        raise Http404
    page = Paginator(units_of(rows), PAGE).get_page(request.GET.get("page"))
    failed = {r["owner_ref"]: r["n"] for r in units_of(rows.filter(word="不合格"))}
    units = [(u, failed.get(str(u["owner_ref"]), 0)) for u in page]
    counts = words_of(rows)
    return render(
        request,
        "publication/place.html",
        {"organ": organ, "snapshot": snapshot, "counts": [(w, counts.get(w, 0)) for w in VERDICTS], "page_obj": page, "units": units, "sums": sums_of_place(snapshot, organ), "at": clock.now()},
    )  # fmt: skip


@require_safe
def method(request: HttpRequest, public_id: str) -> HttpResponse:
    """How a round was made, and how to redo it."""
    snapshot = snapshot_of(public_id)
    if snapshot is None:
        raise Http404
    context = {
        "snapshot": snapshot,
        "bulletin": snapshot.bulletin,
        "m": method_of(snapshot),
        "rules": all_rules().values(),
        "at": clock.now(),
    }
    return render(request, "publication/method.html", context)


@require_safe
def card(request: HttpRequest, public_id: str) -> HttpResponse:
    """The supervising office's own card."""
    found = card_of(get_object_or_404(Organ, public_id=public_id))
    if found is None:
        raise Http404
    share = percent(found.unknown, found.inspected)
    context = {"card": found, "share": share, "sums": found.sums, "at": clock.now()}
    return render(request, "publication/card.html", context)


@require_safe
def badge(request: HttpRequest, public_id: str) -> HttpResponse:
    """A badge for the account's own page: facts and their date, no praise."""
    row = front_of(public_id).newest
    if row is None:
        raise Http404
    answer = HttpResponse(badge_svg(row), content_type="image/svg+xml")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


@require_safe
def feed(request: HttpRequest, public_id: str = "", kind: str = "bulletins") -> HttpResponse:
    """Atom: all bulletins, or the verdicts of one account."""
    context: dict[str, Any] = {
        "base": request.build_absolute_uri("/").rstrip("/"),
        "self": request.build_absolute_uri(request.path),
        "kind": kind,
    }
    if kind == "account":
        front = front_of(public_id)
        if not front.history:
            raise Http404
        context |= {
            "rows": front.history,
            "name": front.history[0].name,
            "updated": front.history[0].snapshot.published_at,
            "ref": public_id,
        }
    else:
        found = list(visible_snapshots()[:30])
        context |= {"snapshots": found, "updated": found[0].published_at if found else clock.now()}
    return HttpResponse(render_to_string("publication/feed.xml", context), content_type="application/atom+xml; charset=utf-8")


@require_safe
def file(request: HttpRequest, public_id: str, name: str) -> HttpResponse:
    """A published bulletin's file, as an attachment."""
    snapshot = snapshot_of(public_id)
    version = snapshot.bulletin.versions.filter(stage="published").order_by("-number").first() if snapshot else None
    if snapshot is None or version is None or name not in version.files:
        raise Http404
    answer = HttpResponse(read_blob(version.files[name]), content_type="application/octet-stream")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{snapshot.title}-{name}')}"
    return answer
