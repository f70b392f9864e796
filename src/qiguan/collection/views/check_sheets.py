"""The round as a spreadsheet 核查记录表: out with the accounts filled in, back with what people saw."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.archive.uploads import read_upload
from qiguan.collection.actions.checks import MAY_CHECK, Seen, record_check
from qiguan.collection.models import CheckRound, CheckTask, HumanCheck
from qiguan.collection.queries.checks import clash_of, rounds_seen_by
from qiguan.core.check_rows import (
    BEFORE_HEADER,
    EXPORT_HEADER,
    SAID_WORDS,
    WINDOW_TITLES,
    WORKS_WORDS,
    CheckReading,
    CheckRow,
    read_checks,
)
from qiguan.core.days import day_of, end_of, say_at
from qiguan.core.errors import QiguanError
from qiguan.core.platforms import PLATFORM_NAMES, name_key
from qiguan.core.register_rows import RowProblem, safe_cell, unsafe_cell
from qiguan.core.sheet import read_workbook
from qiguan.core.written_dates import PostedAt, parse_day
from qiguan.jobs import clock
from qiguan.people.models import User
from qiguan.people.queries import demand_role, official

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(slots=True)
class _Kept:
    """What became of a file."""

    new: int = 0
    known: int = 0
    problems: list[str] | None = None
    told: list[str] | None = None


@login_required
def sheet(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET gives the sheet; POST takes it back: good rows kept, the same file twice changes nothing."""
    round_ = get_object_or_404(rounds_seen_by(request.user), public_id=public_id)
    user = official(request)
    if request.method != "POST":
        response = HttpResponse(_workbook(round_, user), content_type=_XLSX)
        response["Content-Disposition"] = "attachment; filename*=UTF-8''%E6%A0%B8%E6%9F%A5%E8%AE%B0%E5%BD%95%E8%A1%A8.xlsx"
        return response
    demand_role(user, *MAY_CHECK, organ=round_.organ)
    kept = _Kept(problems=[], told=[])
    try:
        name, data = read_upload(request, "file")
        looked_on = parse_day(request.POST.get("looked_on", ""))
        fallback = None if looked_on is None or hasattr(looked_on, "message") else end_of(looked_on)
        book = read_workbook(name, data)
        kept.told = list(book.notes)
        for page in book:
            _take(round_, read_checks(page, at=clock.now()), fallback, user, kept)
    except QiguanError as error:
        messages.error(request, str(error))
        return redirect("check_round", public_id=public_id)
    if not kept.problems and not kept.told:
        known = f"，{kept.known}条以前传过，没有重复" if kept.known else ""
        messages.success(request, f"记下{kept.new}条{known}")
        return redirect("check_round", public_id=public_id)
    return render(request, "collection/check_sheet.html", {"round": round_, "kept": kept})


def _take(round_: CheckRound, reading: CheckReading, fallback: datetime | None, user: User, kept: _Kept) -> None:
    """Keep the good rows of one sheet; say of each other one where and what."""
    assert kept.problems is not None
    assert kept.told is not None
    problems = [(p.row, str(p)) for p in reading.problems]
    tasks = _Tasks(round_)
    for row in reading.rows:
        try:
            told = _keep(tasks, row, fallback, user)
        except QiguanError as error:
            problems.append((row.number, str(RowProblem(row.number, f"第{row.number}行", "", error.message, error.remedy))))
            continue
        kept.known += told is None
        kept.new += told is not None
        if told:
            kept.told.append(f"第{row.number}行　{told}")
    kept.problems += [words for _, words in sorted(problems)]


class _Tasks:
    """A round's tasks by id and by name, read once for a whole sheet."""

    def __init__(self, round_: CheckRound) -> None:
        self.round = round_
        self.by_id: dict[str, list[CheckTask]] = {}
        self.by_name: dict[str, list[CheckTask]] = {}
        rows = CheckTask.objects.filter(round=round_).select_related("account__owner", "account__supervisor", "round")
        for task in rows.order_by("turn"):
            if task.account.platform_id:
                self.by_id.setdefault(task.account.platform_id, []).append(task)
            self.by_name.setdefault(task.account.name_key, []).append(task)

    def of(self, row: CheckRow) -> list[CheckTask]:
        """Return the tasks of the one account a row means. Raises QiguanError where it means none or several."""
        number = unsafe_cell(row.platform_id)
        found = self.by_id.get(number, []) if number else self.by_name.get(name_key(unsafe_cell(row.name)), [])
        found = [t for t in found if not row.platform or t.account.platform == row.platform]
        if not found:
            raise QiguanError("这一轮里没有这个账号", remedy="请核对账号ID和平台；改了名的账号请保留原来的ID")
        if len({t.account_id for t in found}) > 1:
            raise QiguanError("这一轮里有几个同名账号", remedy="请写账号ID")
        return found


def _keep(tasks: _Tasks, row: CheckRow, fallback: datetime | None, user: User) -> str | None:
    """Keep one row. Returns None where it was kept before, else what there is to tell, often ""."""
    found = tasks.of(row)
    looked = row.at or fallback
    if looked is None:
        raise QiguanError("没有写核查时间", remedy="请补上，或在传表时写明这些是哪天看的")
    content = (
        row.said,
        row.newest and row.newest.at,
        row.at,
        row.hand,
        row.new_name,
        row.message_box,
        row.menu,
        row.note,
        *sorted(row.window.items()),
        *(
            () if row.before_said is None else (row.before_said, row.before and row.before.at)
        ),  # a sheet without the column keeps its key
    )
    said = "|".join(map(str, (tasks.round.public_id, found[0].account_id, *content)))
    key = "s" + sha256(said.encode()).hexdigest()[:32]
    if HumanCheck.objects.filter(client_key=key).exists():
        return None
    mine = set(HumanCheck.objects.filter(task__in=[t.pk for t in found], by=user).values_list("task", flat=True))
    own = [t for t in found if t.pk in mine]
    still_open = [t for t in found if t.done_at is None]
    task = (own or still_open or found)[0]
    newest, precision = (row.newest.at, row.newest.precision) if row.newest else (None, "day")
    seen = Seen(
        row.said,
        newest,
        precision,
        row.new_name,
        row.message_box,
        row.menu,
        row.note,
        window=row.window,
        before_said=row.before_said or "",
        before_at=_end(row.before),
    )
    hand = f"人工核查（{row.hand}，表格）" if row.hand else ""
    check = record_check(
        account=task.account, seen=seen, client_key=key, looked_at=looked, looked_day_precise=row.at is None or row.at_day_precise, task=task, came_by="sheet", hand=hand, by=user, at=clock.now()
    )  # fmt: skip
    if task.done_at is None and check.task_id == task.pk:
        task.done_at = check.stored_at
    return clash_of(check, task)


def _end(written: PostedAt | None) -> datetime | None:
    return end_of(day_of(written.at)) if written is not None else None


def _workbook(round_: CheckRound, user: User) -> bytes:
    """Return the sheet: accounts still open that nobody else has in hand, the answers as lists to choose from."""
    import xlsxwriter

    out = io.BytesIO()
    tasks = CheckTask.objects.filter(round=round_, done_at=None, turn=1).select_related("account").order_by("position")
    tasks = tasks.filter(Q(held_by=None) | Q(held_by=user) | Q(held_until__lt=clock.machine_now()))
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet("核查记录表")
        page.write_row(0, 0, EXPORT_HEADER, book.add_format({"bold": True, "bottom": 1}))
        if round_.point is not None:
            page.write(0, len(EXPORT_HEADER), BEFORE_HEADER, book.add_format({"bold": True, "bottom": 1}))
            page.set_column(len(EXPORT_HEADER), len(EXPORT_HEADER), 24)
            page.write_comment(
                0,
                len(EXPORT_HEADER),
                f"最新一篇在{say_at(round_.point)}以后的才填：那以前最近一篇是哪天；没有写“没有”，看不清写“看不清”",
            )
        page.set_column(0, 2, 22)
        page.set_column(3, len(EXPORT_HEADER) - 1, 14)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        minute = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        rows = 0
        for rows, task in enumerate(tasks.iterator(chunk_size=1000), start=1):
            account = task.account
            page.write_row(
                rows, 0, [safe_cell(account.name), PLATFORM_NAMES.get(account.platform, ""), safe_cell(account.platform_id)]
            )
            page.write_blank(rows, 4, None, day)
            page.write_blank(rows, 5, None, minute)
        last = max(rows, 1)
        page.data_validation(
            1, 3, last, 3, {"validate": "list", "source": list(SAID_WORDS.values()), "error_message": "请从列表里选"}
        )
        tried = [nth for nth, title in enumerate(EXPORT_HEADER) if title in WINDOW_TITLES]
        page.data_validation(1, min(tried), last, max(tried), {"validate": "list", "source": list(WORKS_WORDS)})
        page.write_comment(0, 4, "有发布才填，写到日就行，如2026-09-14")
        page.write_comment(
            0, 5, "哪天几点看的，如2026-09-14 15:20；只写到日，就只算看清到那天零点；整张表同一天看的可以空着，传回时写一次"
        )
        page.freeze_panes(1, 1)
    return out.getvalue()
