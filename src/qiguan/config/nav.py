"""The row of words on top, gathered here: only config knows every app."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from qiguan.core.pack import load_packs
from qiguan.people.models import Organ, Role
from qiguan.people.outbox.models import Notice
from qiguan.people.queries import has_role, memberships_of, organs_seen_by
from qiguan.ui.nav import Link, NavItem, Place, Shell, frame

_EVERY = (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.LEADER, Role.AUDITOR)
# word, URL name, roles that see it
_ROW = (
    ("总览", "overview", _EVERY),
    ("待我处理", "waiting", (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.LEADER, Role.OPERATOR, Role.CONTRACTOR)),
    ("账号", "accounts", (*_EVERY, Role.OPERATOR, Role.CONTRACTOR)),
    ("提醒", "warnings", (*_EVERY, Role.OPERATOR, Role.CONTRACTOR)),
    ("检查", "rounds", (Role.SUPERVISOR, Role.AUDITOR, Role.LEADER)),
    ("人工核查", "check", (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.CHECKER)),
    ("整改", "tickets", (*_EVERY, Role.OPERATOR, Role.CONTRACTOR)),
    ("民情互动", "messages", (*_EVERY, Role.OPERATOR)),
    ("代填", "counter", (Role.COUNTER,)),
    ("考评", "seasons", (*_EVERY, Role.OPERATOR, Role.CHECKER, Role.COUNTER)),
    ("点题", "topic_requests", (*_EVERY, Role.OPERATOR)),
    ("采集", "sources", (Role.SUPERVISOR, Role.UNIT_ADMIN)),
    ("登记", "register", (Role.SUPERVISOR, Role.UNIT_ADMIN)),
    ("人员", "people", (Role.SUPERVISOR, Role.UNIT_ADMIN)),
    ("报送", "returns", (Role.SUPERVISOR, Role.UNIT_ADMIN)),
    ("通报", "bulletins", _EVERY),
    ("文书库", "documents", (Role.SUPERVISOR, Role.UNIT_ADMIN, Role.CHECKER)),
    ("操作记录", "audit", (Role.AUDITOR,)),
)
_MOST_PLACES = 30


_PUBLIC = (
    ("查账号", "lookup"),
    ("找对门", "doors"),
    ("点题", "public_topics"),
    ("群众出题", "exams"),
    ("通报", "public_bulletins"),
)


def _public_row(request: HttpRequest) -> list[NavItem]:
    """The row of words on citizens' pages."""
    row = [(word, reverse(name)) for word, name in _PUBLIC]
    here = max((url for _, url in row if request.path.startswith(url)), key=len, default="")
    return [NavItem(label=word, url=url, current=url == here) for word, url in row]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context for every page: the row of words, the user's place and roles."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or not request.path.startswith("/office/"):
        public = frame(public_nav=_public_row(request), shell=Shell(public_account_url="/accounts/"))
        doors = [("问一句", "ask_write"), ("我来点题", "topic_board_of"), ("我看到它更新了", "sighting")]
        return {**public, "entry_doors": [Link(word, reverse(name)) for word, name in doors]}
    nav = []
    for word, name, roles in _ROW:
        if has_role(user, *roles):
            url = reverse(name)
            nav.append(NavItem(label=word, url=url, current=request.path.startswith(url)))
    inbox = reverse("inbox")
    nav.append(NavItem("消息", inbox, request.path.startswith(inbox), Notice.objects.filter(to=user).unread().count()))
    mine = memberships_of(user)
    overview, chosen = reverse("overview"), request.GET.get("place", "")
    below = organs_seen_by(user).filter(sort=Organ.Sort.PLACE)[:_MOST_PLACES]
    places = [Place(label=o.name, url=f"{overview}?place={o.public_id}", current=o.public_id == chosen) for o in below]
    return {
        **frame(
            nav=nav,
            places=places,
            shell=Shell(packs=load_packs()[settings.DEFAULT_PACK].title_zh, links=[Link("判定口径", reverse("rules"))]),
        ),
        "place": next((o.name for o in below if o.public_id == chosen), mine[0].organ.name if mine else "全部"),
        "role_words": list(dict.fromkeys(m.get_role_display() for m in mine)),
    }
