"""For machines: Open311 GeoReport v2 (read and write), and the 12345 system's orders. Not ninja: GeoReport has shapes of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime
from django.views.decorators.csrf import csrf_exempt

from qiguan.core.errors import NotPermitted, QiguanError, TooMany, UnusableInput
from qiguan.core.reply_clock import Kind
from qiguan.core.tracking import show_code
from qiguan.dialogue.actions.orders import MOST, OrderRow, linked_messages, take_orders
from qiguan.dialogue.actions.sending import FORM, Draft, Entered, send_message
from qiguan.dialogue.models import Desk, Message
from qiguan.dialogue.open311 import KINDS, Row, as_json, as_xml, definition_row, error_rows, request_row, service_rows
from qiguan.dialogue.queries.codes import stored
from qiguan.dialogue.queries.finding import root_organ
from qiguan.dialogue.queries.placing import reachable_from
from qiguan.intake.actions.allow import Rate, demand_room
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.intake.visitors import visitor_of
from qiguan.jobs import clock
from qiguan.people.models import Organ

READS = Rate(600, timedelta(hours=1))
ORDERS = Rate(600, timedelta(hours=1))
_SPAN, _MOST = timedelta(days=90), 1000  # GeoReport: 90 days or 1,000 requests, whichever is less


class NotFound(QiguanError):
    """Nothing of that name here (HTTP 404)."""


def _answer(kind: str, root: str, item: str, work: Callable[[], Sequence[Row] | Row], *, made: int = 200) -> HttpResponse:
    """Answer in the asked format; an error has GeoReport's own shape."""
    headers: dict[str, str] = {}
    try:
        rows, status = work(), made
    except QiguanError as error:
        status = (
            404
            if isinstance(error, NotFound)
            else 429
            if isinstance(error, TooMany)
            else 403
            if isinstance(error, NotPermitted)
            else 400
        )
        rows, root, item = error_rows(error, status), "errors", "error"
        headers = {"Retry-After": str(error.wait)} if isinstance(error, TooMany) else {}
    body = as_xml(root, item, rows) if kind == "xml" else as_json(rows)
    answer = HttpResponse(
        body, status=status, content_type=f"{'text/xml' if kind == 'xml' else 'application/json'}; charset=utf-8", headers=headers
    )
    answer["Cache-Control"] = "no-store"
    return answer


def services(request: HttpRequest, kind: str) -> HttpResponse:
    """GET services: the kinds of messages."""
    return _answer(kind, "services", "service", lambda: _read(request, service_rows))


def definition(request: HttpRequest, kind: str, code: str) -> HttpResponse:
    """GET a service's definition: which units may be written to."""

    def work() -> Row:
        if code not in set(KINDS):
            raise NotFound("没有这个service_code", place="service_code", remedy="请看services")
        root = root_organ()
        organs = reachable_from(root) if root else []
        return definition_row(Kind(code), [(o.public_id, o.name) for o in organs])

    return _answer(kind, "service_definition", "service_definition", lambda: _read(request, work))


@csrf_exempt  # no cookie takes part
def requests(request: HttpRequest, kind: str) -> HttpResponse:
    """GET the public facts; POST a message."""
    if request.method == "POST":
        return _answer(kind, "service_requests", "request", lambda: _posted(request), made=201)
    return _answer(
        kind, "service_requests", "request", lambda: _read(request, lambda: [request_row(m) for m in _wanted(request)])
    )


def one_request(request: HttpRequest, kind: str, public_id: str) -> HttpResponse:
    """GET one public fact."""

    def work() -> list[Row]:
        found = Message.objects.public_facts().select_related("handler", "organ").filter(public_id=public_id[:16]).first()
        if found is None:
            raise NotFound("没有公开的这一条", place="service_request_id", remedy="不公开的凭查询码在网页上看")
        return [request_row(found)]

    return _answer(kind, "service_requests", "request", lambda: _read(request, work))


def _read(request: HttpRequest, work: Callable[[], Any]) -> Any:
    demand_room(what="open311 read", who=visitor_of(request), rate=READS, now=clock.machine_now())
    return work()


def _wanted(request: HttpRequest) -> Sequence[Message]:
    given = request.GET
    found = Message.objects.public_facts().select_related("handler", "organ")
    if given.get("service_request_id"):
        return list(found.filter(public_id__in=given["service_request_id"].replace("\x00", "").split(",")[:50]))
    if given.get("service_code"):
        found = found.filter(kind__in=given["service_code"].split(","))
    states = {"open": [Message.State.ROUTING, Message.State.OPEN], "closed": [Message.State.ANSWERED]}
    if given.get("status"):
        found = found.filter(state__in=[s for word in given["status"].split(",") for s in states.get(word, [])])
    end = _moment(given.get("end_date")) or clock.now()
    start = _moment(given.get("start_date")) or end - _SPAN
    return list(found.filter(received_at__gte=max(start, end - _SPAN), received_at__lte=end)[:_MOST])


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        found = parse_datetime(text[:40])
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UnusableInput("时间读不出来", place="start_date/end_date", remedy="请写成2026-09-01T00:00:00+08:00")
    return found


def _posted(request: HttpRequest) -> list[Row]:
    """Take a message. `client_key` of the sender's own makes a retry the same message; the tracking code comes back once, in service_notice."""
    given = request.POST
    at, now = clock.now(), clock.machine_now()
    kind = given.get("service_code", "")
    if kind not in set(KINDS):
        raise NotFound("没有这个service_code", place="service_code", remedy="请看services；对单位不满意的请在网页上写")
    wanted = given.get("attribute[organ]", "").replace("\x00", "")[:16]
    organ = Organ.objects.filter(public_id=wanted, ended_on=None).first() if wanted else root_organ()
    if organ is None:
        raise NotFound("没有这个单位", place="attribute[organ]", remedy="请看这个service的定义")
    draft = Draft(
        kind=kind, text=given.get("description", ""), organ=organ, contact=given.get("phone", ""), mail=given.get("email", "")
    )
    key = given.get("form_key", "")[:200] or make_form_key(what=FORM, now=now)
    sent = send_message(
        draft=draft, form_key=key, visitor=visitor_of(request), entered=Entered(way=Message.Way.OPEN311), at=at, now=now
    )
    notice = f"查询码：{show_code(sent.code)}，只给这一次"
    return [{"service_request_id": sent.message.public_id, "service_notice": notice, "account_id": ""}]


@csrf_exempt  # the caller is known by its key
def orders(request: HttpRequest) -> HttpResponse:
    """GET what waits for 12345; POST {"orders": [{"id", "order_no", "answer"}]}. The key goes in the header Authorization: Bearer."""
    key = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    demand_room(what="orders", who=visitor_of(request), rate=ORDERS, now=clock.machine_now())
    desk = Desk.objects.filter(order_key=stored(key), mode=Desk.Mode.LINKED).select_related("organ").first() if key else None
    if desk is None:
        raise NotPermitted(
            "密钥不对，或这里不是“对接”方式", place="Authorization", remedy="请监管员在受理设置里发新密钥", code="forbidden"
        )
    if request.method == "POST":
        outcome = take_orders(desk=desk, rows=_rows(request), by=None, at=clock.now())
        return JsonResponse(
            {
                "taken": sum(r.changed for r in outcome),
                "troubles": [{"place": r.place, "message": r.trouble} for r in outcome if r.trouble],
            }
        )
    rows = [
        {"id": m.public_id, "kind": m.kind, "text": m.text, "organ": m.organ.name, "received_at": m.received_at.isoformat(), "due_on": str(m.due_on or ""), "order_no": m.order_no}
        for m in linked_messages(desk)[:MOST]
    ]  # fmt: skip
    answer = JsonResponse({"orders": rows})
    answer["Cache-Control"] = "no-store"
    return answer


def _rows(request: HttpRequest) -> list[OrderRow]:
    try:
        given = json.loads(request.body)["orders"]
        return [
            OrderRow(str(r["id"]), str(r["order_no"]), str(r.get("answer") or ""), f"orders[{n}]") for n, r in enumerate(given)
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnusableInput(
            "读不出来", place="body", remedy='请发{"orders": [{"id": "…", "order_no": "…", "answer": "…"}]}'
        ) from error
