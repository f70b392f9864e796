"""先找对门, then write: no log-in, no script. What is written here becomes a message only with the second button."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from qiguan.core.doors import DOORS, EMERGENCY, Door, danger_in, doors_for
from qiguan.core.errors import QiguanError, TooMany
from qiguan.core.grievance import complaint_spans
from qiguan.core.private_numbers import mask, private_numbers
from qiguan.core.reply_clock import Kind
from qiguan.dialogue.actions.sending import FORM, MOST, Draft, look_over, send_message
from qiguan.dialogue.handing import sealed, sent_context
from qiguan.dialogue.models import Desk
from qiguan.dialogue.queries.clock import due_from
from qiguan.dialogue.queries.finding import likely_answers, root_organ, targets_for
from qiguan.dialogue.queries.placing import desk_of, office_of
from qiguan.intake.actions.attachments import read_attachments
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.intake.visitors import visitor_of
from qiguan.jobs import clock
from qiguan.people.models import Organ
from qiguan.register.models import Account

TRAP = "homepage"  # a person does not see this field


@dataclass(frozen=True, slots=True)
class ShownDoor:
    """A door as a place has it: where its button leads; "" where the place has named no address of its own."""

    door: Door
    url: str


def shown_doors(desk: Desk) -> list[ShownDoor]:
    """Return the doors with this place's addresses: a number is called, an address is opened."""
    return [ShownDoor(d, desk.doors.get(d.code, "") or (f"tel:{d.number}" if d.number else "")) for d in DOORS]


def doors(request: HttpRequest) -> HttpResponse:
    """The doors before writing, whom to write to, and the field for a code."""
    query = request.GET.get("q", "")[:200]
    root = root_organ()
    desk = desk_of(root) if root is not None else Desk()
    context = {
        "doors": shown_doors(desk), "emergency": EMERGENCY, "q": query, "targets": targets_for(query), "root": root,
        "counter": desk.counter, "danger": danger_in(query),
    }  # fmt: skip
    return render(request, "dialogue/doors.html", context)


@never_cache
def write(request: HttpRequest) -> HttpResponse:
    """The form; after the first button what should be known before; after the second the code."""
    given = request.POST if request.method == "POST" else request.GET
    if not given.get("account") and not given.get("organ"):
        return redirect("doors")  # nobody is named yet: the doors come first
    organ, account = _addressed(given)
    at, now = clock.now(), clock.machine_now()
    said = request.POST
    draft = _draft(said, organ, account)
    error: QiguanError | None = None
    looked: dict[str, Any] = {}
    if request.method == "POST":
        try:
            if said.get(TRAP):
                raise QiguanError("有一栏本来应该空着", place="请不要填这一栏", remedy="已替您清空，请再提交一次")
            if said.get("do") == "send":
                sent = send_message(
                    draft=draft,
                    files=read_attachments(request),
                    form_key=said.get("key", ""),
                    visitor=visitor_of(request),
                    at=at,
                    now=now,
                )
                return sealed(render(request, "dialogue/sent.html", sent_context(sent, at)))
            looked = _look(draft, at)
        except QiguanError as told:
            error = told
            looked = _again(draft, at) if said.get("do") == "send" and not isinstance(told, TooMany) else {}
    context = {
        "organ": organ, "account": account, "office": office_of(organ), "kinds": [(k.value, k.word) for k in Kind], "said": said, "error": error,
        "trap": TRAP, "most": MOST, "key": _key(said, now), "desk": desk_of(organ), "doors": shown_doors(desk_of(organ)),
        "danger": danger_in(said.get("text", "")), "emergency": EMERGENCY, "looked": looked, "asked": given.get("kind", ""),
    }  # fmt: skip
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 400
    page = render(request, "dialogue/write.html", context, status=status)
    if isinstance(error, TooMany):
        page["Retry-After"] = str(error.wait)
    return page


def _addressed(given: Any) -> tuple[Organ, Account | None]:
    """To whom: a registered account (its owner), or an organ; a successor where it has ended."""
    name = given.get("account", "").replace("\x00", "")[:16]
    if name:
        seen = Account.objects.filter(public_entry__isnull=False).select_related("owner")
        account = get_object_or_404(seen, public_id=name)
        return _living(account.owner), account
    organ = get_object_or_404(Organ, public_id=given.get("organ", "").replace("\x00", "")[:16])
    return _living(organ), None


def _living(organ: Organ) -> Organ:
    for _ in range(8):
        if organ.ended_on is None or not organ.heirs:
            return organ
        organ = organ.heirs[0]
    return organ


def _draft(said: Any, organ: Organ, account: Account | None) -> Draft:
    up = {"up": True, "here": False}.get(said.get("up", ""))
    return Draft(
        kind=said.get("kind", ""), text=said.get("text", ""), organ=organ, account=account, up=up, contact=said.get("contact", ""),
        mail=said.get("mail", ""), consent=said.get("consent") == "1",
    )  # fmt: skip


def _look(draft: Draft, at: datetime) -> dict[str, Any]:
    """What should be known before it is sent: where it goes, by when, doors of its own, numbers not needed, likely answers."""
    text, placed = look_over(draft)
    kind = Kind.COMPLAINT.value if placed.complaint else draft.kind
    due = due_from(kind=kind, pack=placed.desk.pack, at=at)
    local = placed.desk.doors
    return {
        "placed": placed, "due": due, "answers": likely_answers(text, organ=placed.handler or placed.office, at=at) if not placed.complaint else [],
        "own_doors": [ShownDoor(d, local.get(d.code, "") or (f"tel:{d.number}" if d.number else "")) for d in doors_for(text)],
        "numbers": private_numbers(text), "shown": mask(text), "worded": bool(complaint_spans(text)), "kind": Kind(kind).word,
        "explicit": draft.kind == Kind.COMPLAINT,
    }  # fmt: skip


def _again(draft: Draft, at: datetime) -> dict[str, Any]:
    """The same once more where a sending was refused for something else, such as a file."""
    try:
        return _look(draft, at)
    except QiguanError:
        return {}


def _key(said: Any, now: datetime) -> str:
    """Keep the key of a form that was looked at: it is one form until it is sent."""
    return said.get("key", "")[:200] or make_form_key(what=FORM, now=now)
