"""本地规则包: a clerk's form, every mistake at its field, and the source document behind a pack."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from qiguan.archive.actions import read_blob
from qiguan.archive.uploads import read_upload
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.local_pack import FIELDS, Field, line_words, make_local_pack
from qiguan.core.pack import Pack
from qiguan.core.written_dates import SHANGHAI
from qiguan.inspection.actions.packs import BadFields, add_local_pack
from qiguan.inspection.models import LocalPack
from qiguan.inspection.queries.packs import local_packs_seen_by
from qiguan.jobs import clock
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role, official, organs_seen_by


def local_rows(user: User | AnonymousUser) -> list[tuple[LocalPack, Pack, list[str], str]]:
    """Every version the user may see: row, pack, its lines in words, whether it is in force."""
    on = clock.now().astimezone(SHANGHAI).date()
    rows, begun = [], set[str]()
    for row in local_packs_seen_by(user):  # the newest of a key first
        try:
            pack = make_local_pack(row.key, row.tables)
        except ValueError:  # PackBook passes it over too, and says so in the log
            continue
        if row.since > on:
            state = "尚未施行"
        elif row.key in begun:
            state = "已被新版代替"
        else:
            state = "已停止施行" if row.until is not None and row.until <= on else "施行中"
            begun.add(row.key)
        rows.append((row, pack, [line_words(line) for line in pack.local], state))
    return rows


@login_required
def local_pack_new(request: HttpRequest) -> HttpResponse:
    """Add a pack, or with `of` (a version's public id) a newer version; nothing typed is lost when something is wrong."""
    demand_role(request.user, Role.SUPERVISOR)
    asked = request.POST if request.method == "POST" else request.GET
    old = get_object_or_404(local_packs_seen_by(request.user), public_id=asked["of"]) if asked.get("of") else None
    organs = organs_seen_by(request.user).order_by("path")
    wrong: Mapping[str, str] = {}
    error, status = "", 200
    if request.method == "POST":
        organ = old.organ if old else get_object_or_404(organs, public_id=asked.get("organ", ""))
        try:
            document = read_upload(request, "document") if request.FILES.get("document") else ("", b"")
            kept = add_local_pack(
                organ=organ,
                said=request.POST.dict(),
                key=old.key if old else "",
                document=document,
                by=official(request),
                at=clock.now(),
            )
            messages.success(request, f"已添加“{kept.title}”，在“哪里用哪个”里选用后生效")
            return redirect(reverse("rules") + "#local")
        except NotPermitted:
            raise
        except BadFields as bad:
            wrong, error, status = bad.wrong, f"有{len(bad.wrong)}处要改", 400
        except QiguanError as problem:
            error, status = str(problem), 400
    said = request.POST.dict() if request.method == "POST" else (old.said if old else {})
    context = {
        "fields": _shown(said, wrong),
        "old": old,
        "organs": organs[:400],
        "organ": asked.get("organ", ""),
        "error": error,
    }
    return render(request, "inspection/local_pack_new.html", context, status=status)


def _shown(said: Mapping[str, str], wrong: Mapping[str, str]) -> list[tuple[Field, str, str]]:
    """Each field with what was typed and what is wrong with it."""
    return [(field, said.get(field.name, ""), wrong.get(field.name, "")) for field in FIELDS]


@login_required
def pack_document(request: HttpRequest, public_id: str) -> HttpResponse:
    """The source document of a pack, as an attachment."""
    row = get_object_or_404(local_packs_seen_by(request.user).exclude(document=""), public_id=public_id)
    response = HttpResponse(read_blob(row.document), content_type="application/octet-stream")
    suffix = row.document_name.rpartition(".")[2].lower()
    name = f"pack-{row.public_id}.{suffix}" if suffix.isascii() and suffix.isalnum() and len(suffix) < 6 else row.public_id
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
