"""What the pages of the register may reach: each list begins here, cut to the user's jurisdiction."""

from __future__ import annotations

from urllib.parse import quote

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from qiguan.people.models import Organ, any_within
from qiguan.people.queries import MANAGES, memberships_of, organs_seen_by, paths_seen_by
from qiguan.register.models import Filing, ReturnShare, SheetFile


def files_seen(request: HttpRequest) -> QuerySet[SheetFile]:
    """Return the files of the organs the user sees whole."""
    paths = paths_seen_by(request.user)
    files = SheetFile.objects.select_related("organ", "sent_by", "share__task", "part_of")
    return files if paths is None else files.filter(any_within(["organ_path"], paths))


def filings_seen(request: HttpRequest) -> QuerySet[Filing]:
    """Return the filings of the organs the user sees whole."""
    paths = paths_seen_by(request.user)
    filings = Filing.objects.select_related("organ", "account", "submitted_by", "decided_by")
    return filings if paths is None else filings.filter(any_within(["organ_path"], paths))


def shares_seen(request: HttpRequest) -> QuerySet[ReturnShare]:
    """Return the shares of returns of the organs the user sees whole."""
    paths = paths_seen_by(request.user)
    shares = ReturnShare.objects.select_related("task", "task__organ", "organ", "file")
    return shares if paths is None else shares.filter(any_within(["organ_path"], paths))


def senders(request: HttpRequest) -> QuerySet[Organ]:
    """Return the organs for which the user may send a register: those they manage, and the places below."""
    seen = organs_seen_by(request.user)
    managed = [m.organ_id for m in memberships_of(request.user, roles=MANAGES)]
    return (seen.filter(pk__in=managed) | seen.filter(sort=Organ.Sort.PLACE)).order_by("path")


def download(data: bytes, name: str) -> HttpResponse:
    """Return bytes as a file to keep, under a Chinese name."""
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
