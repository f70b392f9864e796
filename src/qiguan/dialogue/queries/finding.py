"""Whom to write to, found by name, subject, place or link; and what has perhaps been answered already. Public columns only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from qiguan.collection.models import Post
from qiguan.core.likely import likely
from qiguan.core.platforms import name_key
from qiguan.dialogue.models import Message, Reply
from qiguan.dialogue.queries.placing import suggest_routing
from qiguan.people.models import Organ
from qiguan.people.queries import organs_named
from qiguan.register.models import PublicEntry
from qiguan.register.queries.lookup import look_up

_MOST = 8
_POSTS = 400
_TEXTS = 400


@dataclass(frozen=True, slots=True)
class Target:
    """One that can be written to: where the form is, what it is called, what it belongs to."""

    query: str  # of the form's address
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Likely:
    """What may be the answer: its title, where it stands, whose and when."""

    title: str
    url: str
    note: str
    at: datetime


def root_organ() -> Organ | None:
    """Return the place at the root: whoever does not know whom to write to writes there."""
    return Organ.objects.filter(parent=None, ended_on=None).order_by("pk").first()


def targets_for(query: str) -> list[Target]:
    """Return accounts and living organs that a name, an id, a link, a place or a subject means."""
    text = query.strip().replace("\x00", "")[:200]
    if not text:
        return []
    found: dict[str, Target] = {}
    for entry in look_up(text).entries:
        account = PublicEntry.objects.select_related("account").get(pk=entry.pk).account
        found[f"a{account.pk}"] = Target(
            f"account={account.public_id}", entry.name, f"{account.get_platform_display()}，{entry.owner_name}"
        )
    named = organs_named(name_key(text) or "-")
    organs = {o.pk: o for o in [*named, *Organ.objects.filter(name__contains=text).order_by("path")[:_MOST]]}
    root = root_organ()
    if root is not None and len(text) >= 2 and not organs:
        wanted = [label for label, _, _ in suggest_routing(text, root)]
        organs |= {o.pk: o for o in Organ.objects.filter(public_id__in=wanted)}
    for organ in list(organs.values())[:_MOST]:
        for living in organ.heirs or [organ]:
            if living.ended_on is None:
                note = f"{organ.name}的职能由它承接" if living.pk != organ.pk else (organ.parent.name if organ.parent else "")
                found[f"o{living.pk}"] = Target(f"organ={living.public_id}", living.name, note)
    return list(found.values())[:_MOST]


def likely_answers(text: str, *, organ: Organ, at: datetime) -> list[Likely]:
    """Return published answers and recent posts of the organ's accounts that are close to the text."""
    answered = {m.pk: m for m in Message.objects.public_texts().select_related("handler").order_by("-released_at")[:_TEXTS]}
    since = at - timedelta(days=365)
    posts = Post.objects.filter(account__owner_path__startswith=organ.path, published_at__gte=since).exclude(url="")
    recent = {
        p.pk: p
        for p in posts.select_related("account")
        .only("title", "url", "published_at", "account__name")
        .order_by("-published_at")[:_POSTS]
    }
    options = [(("m", pk), m.public_text) for pk, m in answered.items()] + [(("p", pk), p.title) for pk, p in recent.items()]
    out = []
    for kind, pk in likely(text, options):
        if kind == "m":
            message = answered[pk]
            who = message.handler.name if message.handler else ""
            out.append(Likely(message.public_text[:60], f"/ask/public/{message.public_id}/", who, message.released_at or at))
        else:
            post = recent[pk]
            out.append(Likely(post.title, post.url, post.account.name, post.published_at or at))
    return out


def search_public(query: str, *, most: int = 200) -> list[Message]:
    """Return published messages in which every word of the query stands, newest first; all of them without a query."""
    found = Message.objects.public_texts().select_related("handler", "organ").order_by("-released_at")
    for word in query.replace("\x00", "").split()[:6]:
        replied = Reply.objects.filter(state=Reply.State.SENT, text__contains=word).values("message")
        found = found.filter(Q(public_text__contains=word) | Q(pk__in=replied) | Q(organ__name__contains=word))
    return list(found[:most])
