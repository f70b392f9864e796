"""文书库: what each document is for, blank, filled from a case, or printed on the office's own template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from qiguan.archive.actions import read_blob
from qiguan.archive.uploads import harmless_name, read_upload
from qiguan.core.days import day_of, say
from qiguan.core.errors import QiguanError
from qiguan.jobs import clock
from qiguan.people.models import Organ
from qiguan.people.queries import official
from qiguan.publication.actions.documents import give_up_template, replace_template
from qiguan.publication.models import DocumentTemplate
from qiguan.publication.queries.cases import CASES, Case
from qiguan.publication.queries.templates import lists_of, offices_of, template_in_force, templates_seen_by
from qiguan.publication.render.documents.form import DocumentKind
from qiguan.publication.render.documents.library import DOCUMENTS
from qiguan.publication.render.documents.purposes import PURPOSES
from qiguan.publication.render.documents.writing import blank_template, write_document
from qiguan.register.views.scoped import download

MOST: Final = 2000  # characters of one field
_LONG: Final = frozenset({"问题", "证据", "整改措施", "理由", "已做工作", "长效措施", "申诉理由", "答复理由", "期限说明", "依据"})


def _kind(code: str) -> DocumentKind:
    if code not in DOCUMENTS:
        raise Http404
    return DOCUMENTS[code]


def _office(request: HttpRequest, case: Case | None) -> Organ | None:
    """Whose template counts: the organ that signs the case, else the user's own."""
    if case is not None:
        return case.organ
    mine = offices_of(request.user)
    return mine[0] if mine else None


@login_required
def documents(request: HttpRequest) -> HttpResponse:
    """Every document, what it is for, and on whose template it is printed for the user's office."""
    office = _office(request, None)
    rows = [
        (kind, PURPOSES[kind.code], CASES[kind.code].word if kind.code in CASES else "", template_in_force(kind.code, office))
        for kind in DOCUMENTS.values()
    ]
    return render(request, "publication/documents.html", {"rows": rows, "office": office})


@login_required
def document_page(request: HttpRequest, code: str) -> HttpResponse:
    """GET: the fields, filled from a case where one is chosen. POST: the Word file, or what is missing with all that was typed."""
    kind, at = _kind(code), clock.now()
    error = ""
    case = None
    try:
        case = _case(request, kind, at)
    except QiguanError as problem:  # a case too large for Word: the form stays, empty
        error = str(problem)
    if request.method == "POST" and not error:
        try:
            return _written(request, kind, case, at)
        except QiguanError as problem:
            error = str(problem)
    return render(request, "publication/document.html", _context(request, kind, case, error, at), status=400 if error else 200)


def _case(request: HttpRequest, kind: DocumentKind, at: datetime) -> Case | None:
    """The chosen case; 404 for one that the user may not see."""
    asked = request.POST.get("case", "") or request.GET.get("case", "")
    if not asked:
        return None
    source = CASES.get(kind.code)
    found = source.case(request.user, asked[:16].replace("\x00", ""), at) if source else None
    if found is None:
        raise Http404
    return found


def _written(request: HttpRequest, kind: DocumentKind, case: Case | None, at: datetime) -> HttpResponse:
    lists = lists_of(kind)
    values: dict[str, Any] = {n: request.POST.get(n, "").strip()[:MOST] for n in kind.fields if n not in lists}
    values |= {name: case.values.get(name, ()) if case else () for name in lists}
    return _file(kind, values, case, _office(request, case), at)


def _file(kind: DocumentKind, values: Mapping[str, Any], case: Case | None, office: Organ | None, at: datetime) -> HttpResponse:
    """Write the document on the office's template, as a download."""
    row = template_in_force(kind.code, office)
    template = read_blob(row.blob_id) if row is not None and row.blob_id else None
    data = write_document(kind, values, day=day_of(at), template=template)
    name = "".join(
        f"（{words}）" for words in [values.get("账号名称") or (case.words.partition("，")[0] if case else "")] if words
    )
    return download(data, harmless_name(f"{kind.title}{name}.docx"))


@login_required
def document_filled(request: HttpRequest, code: str, case: str) -> HttpResponse:
    """A document filled from a case, at once; to the page with the form where something is still missing."""
    kind, at = _kind(code), clock.now()
    source = CASES.get(code)
    found = source.case(request.user, case[:16].replace("\x00", ""), at) if source else None
    if found is None or request.method not in {"GET", "HEAD"}:
        raise Http404
    try:
        return _file(kind, found.values, found, found.organ, at)
    except QiguanError as error:
        messages.info(request, f"{error.message}。{error.remedy}")
        return redirect(f"{reverse('document', args=[code])}?case={found.public_id}")


def _context(request: HttpRequest, kind: DocumentKind, case: Case | None, error: str, at: datetime) -> dict[str, Any]:
    lists = lists_of(kind)
    given: dict[str, Any] = dict(case.values) if case else {"日期": say(at)}
    if request.method == "POST":
        given |= {name: request.POST.get(name, "")[:MOST] for name in kind.fields if name not in lists}
    fields = [
        (f"f{n}", name, hint, given.get(name, ""), name in kind.optional, name in _LONG)
        for n, (name, hint) in enumerate(kind.fields.items()) if name not in lists
    ]  # fmt: skip
    source = CASES.get(kind.code)
    offices = offices_of(request.user)
    return {
        "kind": kind, "purpose": PURPOSES[kind.code], "case": case, "fields": fields, "error": error, "at": at, "lists": [(name, len(given.get(name) or ())) for name in lists],
        "source": source, "cases": source.offered(request.user) if source else [], "names": list(kind.fields),
        "offices": [(organ, template_in_force(kind.code, organ), _newest(kind, organ)) for organ in offices[:20]],
        "in_force": template_in_force(kind.code, _office(request, case)),
    }  # fmt: skip


def _newest(kind: DocumentKind, organ: Organ) -> DocumentTemplate | None:
    return DocumentTemplate.objects.filter(kind=kind.code, organ=organ).first()


@login_required
def document_blank(request: HttpRequest, code: str) -> HttpResponse:
    """Our layout with its placeholders in: to fill in by hand, or to make the office's own template from."""
    kind = _kind(code)
    if request.method != "GET":
        raise Http404
    return download(blank_template(kind, day=day_of(clock.now())), f"{kind.title}（空白）.docx")


@login_required
def document_template(request: HttpRequest, code: str) -> HttpResponse:
    """Take the office's template, or go back to ours or to the ones above in one click."""
    kind = _kind(code)
    if request.method != "POST":
        raise Http404
    by, at = official(request), clock.now()
    organ = get_object_or_404(Organ, pk__in=[o.pk for o in offices_of(by)], public_id=request.POST.get("organ", "")[:16])
    try:
        if request.POST.get("do") == "own":
            name, data = read_upload(request, "file")
            replace_template(kind=kind, organ=organ, name=name, data=data, by=by, at=at)
            messages.success(request, f"《{kind.title}》以后用{organ.name}的模板")
        else:
            row = give_up_template(kind=kind, organ=organ, use=request.POST.get("do", ""), by=by, at=at)
            messages.success(request, f"《{kind.title}》以后用{row.get_use_display()}" if row.use == "ours" else "以后沿用上级的")
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("document", code=code)


@login_required
def document_template_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """A template as it came, to keep."""
    row = get_object_or_404(templates_seen_by(request.user), public_id=public_id)
    return download(read_blob(row.blob_id or ""), row.name)
