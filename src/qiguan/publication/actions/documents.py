"""The office's own templates of documents: taken after a look inside and a trial, or given up for ours or the ones above."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from qiguan.archive.actions import store_blob
from qiguan.archive.uploads import DOCUMENTS as MEDIA
from qiguan.archive.uploads import harmless_name, media_type_of
from qiguan.core.days import day_of
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, User
from qiguan.people.queries import MANAGES, demand_role
from qiguan.publication.models import DocumentTemplate
from qiguan.publication.queries.templates import trial_values
from qiguan.publication.render.documents.form import DocumentKind
from qiguan.publication.render.documents.library import DOCUMENTS
from qiguan.publication.render.documents.template import inspect_template
from qiguan.publication.render.documents.writing import write_document

Use = DocumentTemplate.Use


def replace_template(*, kind: DocumentKind, organ: Organ, name: str, data: bytes, by: User, at: datetime) -> DocumentTemplate:
    """Print this kind of document on the organ's own template from now on, for it and all below without one of their own.

    Raises UnusableInput for what is no plain docx, UnknownPlaceholder for fields that this document does not have.
    """
    demand_role(by, *MANAGES, organ=organ)
    kind = _known(kind)
    name = harmless_name(name)
    if not name.lower().endswith(".docx"):
        raise UnusableInput("模板要用docx文档", place=name, remedy="请在Word或WPS中另存为docx后再传")
    inspect_template(data, title=kind.title)
    media_type_of(name, data)
    write_document(kind, trial_values(kind), day=day_of(at), template=data)
    with transaction.atomic():
        blob = store_blob(data=data, media_type=MEDIA["docx"][0], at=at)
        row = DocumentTemplate.objects.create(
            organ=organ, organ_path=organ.path, kind=kind.code, use=Use.OWN, name=name, blob=blob, since=at, by=by
        )
        record_audit(action="replace_document_template", by=by, at=at, on=row, organ=organ, fields=[kind.code])
    return row


def give_up_template(*, kind: DocumentKind, organ: Organ, use: str, by: User, at: datetime) -> DocumentTemplate:
    """Go back to our own layout (`ours`), or to whatever the organs above print on (`above`). Earlier templates are kept."""
    demand_role(by, *MANAGES, organ=organ)
    kind = _known(kind)
    if use not in {Use.OURS, Use.ABOVE}:
        raise QiguanError("没有这种做法", place=kind.title, remedy="请从页面上的按钮办理")
    with transaction.atomic():
        row = DocumentTemplate.objects.create(organ=organ, organ_path=organ.path, kind=kind.code, use=use, since=at, by=by)
        record_audit(action="give_up_document_template", by=by, at=at, on=row, organ=organ, fields=[kind.code, use])
    return row


def _known(kind: DocumentKind) -> DocumentKind:
    if DOCUMENTS.get(kind.code) is not kind:
        raise QiguanError("文书库里没有这一种", place=kind.title, remedy="请从文书库里选")
    return kind
