"""受理设置 of the user's organs, templates of replies, and the two-way file of 12345 orders."""

from __future__ import annotations

import csv
import io

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qiguan.archive.uploads import read_upload
from qiguan.core.days import say_day
from qiguan.core.doors import DOORS
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.pack import load_packs
from qiguan.core.sheet import as_text, read_workbook
from qiguan.dialogue.actions.desks import add_template, issue_order_key, remove_template, set_desk, set_review
from qiguan.dialogue.actions.orders import COLUMNS, MOST, OrderRow, linked_messages, take_orders
from qiguan.dialogue.models import Desk, ReplyTemplate
from qiguan.dialogue.queries.placing import desk_of
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role, has_role, memberships_of, official


@login_required
def desks(request: HttpRequest) -> HttpResponse:
    """Show and set how the user's organs take messages."""
    user, at = official(request), clock.now()
    demand_role(user, Role.SUPERVISOR, Role.UNIT_ADMIN)
    mine = _mine(user)
    key = ""
    if request.method == "POST":
        try:
            key = _done(request, user, mine)
            if not key:
                return redirect("desks")
        except QiguanError as error:
            messages.error(request, str(error))
    rows = [(organ, desk_of(organ), has_role(user, Role.SUPERVISOR, organ=organ)) for organ in mine]
    context = {
        "at": at, "rows": [(o, d, [(door, d.doors.get(door.code, "")) for door in DOORS], may) for o, d, may in rows], "modes": Desk.Mode.choices,
        "packs": [(p.id, p.title_zh) for p in load_packs().values()], "key": key, "templates": ReplyTemplate.objects.filter(organ__in=mine).select_related("organ"),
    }  # fmt: skip
    return render(request, "dialogue/desks.html", context)


def _mine(user: User) -> list[Organ]:
    if user.is_superuser:
        return list(Organ.objects.filter(parent=None))
    return list(dict.fromkeys(m.organ for m in memberships_of(user, roles=[Role.SUPERVISOR, Role.UNIT_ADMIN])))


def _done(request: HttpRequest, user: User, mine: list[Organ]) -> str:
    """Do what the form asks; return a key that is to be shown once, "" otherwise."""
    said, at = request.POST, clock.now()
    organ = next((o for o in mine if o.public_id == said.get("organ")), None)
    if organ is None:
        raise QiguanError("没有选单位", place="受理设置", remedy="请从列表里选")
    what = said.get("do")
    if what == "desk":
        doors = {door.code: said.get(f"door_{door.code}", "") for door in DOORS}
        review = said.get("review") == "1"
        set_desk(
            organ=organ,
            mode=said.get("mode", ""),
            pack=said.get("pack", ""),
            review=review,
            doors=doors,
            counter=said.get("counter", ""),
            by=user,
            at=at,
        )
    elif what == "review":
        set_review(organ=organ, review=said.get("review") == "1", by=user, at=at)
    elif what == "template":
        add_template(organ=organ, title=said.get("title", ""), text=said.get("text", ""), by=user, at=at)
    elif what == "drop_template":
        template = ReplyTemplate.objects.filter(public_id=said.get("template", "")[:16], organ__in=mine).first()
        if template is not None:
            remove_template(template=template, by=user, at=at)
    elif what == "key":
        desk = Desk.objects.filter(organ=organ).first()
        if desk is None or desk.mode != Desk.Mode.LINKED:
            raise QiguanError("还不是“对接”方式", place="受理方式", remedy="先改成“对接”再发密钥")
        return issue_order_key(desk=desk, by=user, at=at)
    else:
        raise QiguanError("没有这个操作", place="受理设置", remedy="请刷新页面")
    messages.success(request, "记下了")
    return ""


@login_required
def orders(request: HttpRequest) -> HttpResponse:
    """GET: the file for 12345. POST: the same file with order numbers and answers."""
    user, at = official(request), clock.now()
    found = [
        d
        for d in Desk.objects.filter(mode=Desk.Mode.LINKED).select_related("organ")
        if has_role(user, Role.SUPERVISOR, organ=d.organ)
    ]
    desk = next((d for d in found if d.public_id == request.GET.get("desk")), found[0] if found else None)
    if desk is None:
        raise UnusableInput("没有用“对接”方式的地方", place="12345工单", remedy="先在受理设置里改成“对接”")
    if request.method == "POST":
        name, data = read_upload(request, "file")
        outcome = take_orders(desk=desk, rows=_rows(name, data), by=user, at=at)
        return render(
            request,
            "dialogue/orders.html",
            {
                "desk": desk,
                "outcome": outcome,
                "taken": sum(r.changed for r in outcome),
                "bad": [r for r in outcome if r.trouble],
            },
        )
    if request.GET.get("file") != "1":
        return render(
            request, "dialogue/orders.html", {"desk": desk, "waiting": linked_messages(desk).count(), "columns": COLUMNS}
        )
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    rows = list(linked_messages(desk)[:MOST])
    for m in rows:
        cells = [
            m.public_id,
            m.get_kind_display(),
            m.text,
            m.organ.name,
            f"{m.received_at:%Y-%m-%d}",
            say_day(m.due_on) if m.due_on else "",
            m.order_no,
            "",
        ]
        writer.writerow(["'" + c if c.startswith(("=", "+", "-", "@", "\t")) else c for c in cells])
    record_audit(action="export_orders", by=user, at=at, on=desk, organ=desk.organ, count=max(len(rows), 1))
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="12345.csv"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _rows(name: str, data: bytes) -> list[OrderRow]:
    rows = [[as_text(c) for c in row] for row in read_workbook(name, data)[0].rows]
    head = next((n for n, row in enumerate(rows) if "编号" in row and "工单号" in row), None)
    if head is None:
        raise UnusableInput("没有“编号”和“工单号”两列", place=name, remedy="请用导出的那份文件填好再传")
    at = {word: rows[head].index(word) for word in ("编号", "工单号", "答复") if word in rows[head]}
    out = []
    for n, row in enumerate(rows[head + 1 :], start=head + 2):
        cell = {word: row[column] if column < len(row) else "" for word, column in at.items()}
        if cell.get("编号") and (cell.get("工单号") or cell.get("答复")):
            out.append(OrderRow(cell["编号"], cell.get("工单号", ""), cell.get("答复", ""), f"第{n}行"))
    return out
