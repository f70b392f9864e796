"""Which template a document is printed on: the newest of the nearest organ above that said something, else our own layout."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from qiguan.people.models import Organ, User, any_within
from qiguan.people.queries import MANAGES, memberships_of, paths_seen_by
from qiguan.publication.models import DocumentTemplate
from qiguan.publication.render.documents.form import DocumentKind, List, Rows


def paths_above(path: str) -> Iterator[str]:
    """Yield /1/5/7/, /1/5/, /1/ for /1/5/7/."""
    while len(path) > 1:
        yield path
        path = path[: path.rstrip("/").rfind("/") + 1]


def template_in_force(kind: str, organ: Organ | None) -> DocumentTemplate | None:
    """Return the organ's template of a kind of document; None for our own layout."""
    if organ is None:
        return None
    paths = list(paths_above(organ.path))
    newest: dict[str, DocumentTemplate] = {}
    for row in DocumentTemplate.objects.filter(kind=kind, organ_path__in=paths).select_related("organ").order_by("since", "pk"):
        newest[row.organ_path] = row
    for path in paths:
        said = newest.get(path)
        if said is not None and said.use != DocumentTemplate.Use.ABOVE:
            return said if said.use == DocumentTemplate.Use.OWN else None
    return None


def templates_seen_by(user: User | AnonymousUser) -> QuerySet[DocumentTemplate]:
    """Return the templates with a file that the user may open: of the own organs and those above, and of what they see below."""
    found = DocumentTemplate.objects.filter(use=DocumentTemplate.Use.OWN).select_related("organ", "blob")
    seen = paths_seen_by(user)
    if seen is None:
        return found
    above = {path for m in memberships_of(user) for path in paths_above(m.organ.path)}
    return found.filter(Q(organ_path__in=above) | any_within(["organ_path"], seen))


def offices_of(user: User | AnonymousUser) -> list[Organ]:
    """Return the organs for which the user may replace templates, the highest first; the installation's administrator: the roots."""
    if paths_seen_by(user) is None:
        return list(Organ.objects.filter(parent=None).order_by("path"))
    managed = {m.organ.pk: m.organ for m in memberships_of(user, roles=MANAGES)}
    return sorted(managed.values(), key=lambda organ: organ.path)


def lists_of(kind: DocumentKind) -> set[str]:
    """Return the fields that hold rows."""
    return {block.field for block in kind.blocks if isinstance(block, List)}


def trial_values(kind: DocumentKind) -> dict[str, str | Rows]:
    """Return something for each field: a template is filled once before it is taken."""
    lists = lists_of(kind)
    return {name: [["试", "试"]] if name in lists else "试" for name in kind.fields}
