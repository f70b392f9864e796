"""The round as a spreadsheet 核查记录表: out with the accounts filled in, back with what people saw."""

from __future__ import annotations

import io
from hashlib import sha256

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.archive.uploads import read_upload
from qiguan.collection.actions.checks import Seen, record_check
from qiguan.collection.models import CheckRound, CheckTask
from qiguan.collection.queries.checks import rounds_seen_by
from qiguan.core.check_rows import EXPORT_HEADER, SAID_WORDS, CheckRow, read_checks
from qiguan.core.errors import QiguanError
from qiguan.core.platforms import PLATFORM_NAMES, name_key
from qiguan.core.register_rows import RowProblem, safe_cell
from qiguan.core.sheet import read_workbook
from qiguan.jobs import clock
from qiguan.people.queries import official


@login_required
def sheet(request: HttpRequest, public_id: str) -> HttpResponse:
    """GET gives the sheet; POST takes it back: good rows kept, the same file twice changes nothing."""
    round_ = get_object_or_404(rounds_seen_by(request.user), public_id=public_id)
    if request.method != "POST":
        response = HttpResponse(_workbook(round_), content_type="application/octet-stream")
        response["Content-Disposition"] = "attachment; filename*=UTF-8''%E6%A0%B8%E6%9F%A5%E8%AE%B0%E5%BD%95%E8%A1%A8.xlsx"
        return response
    kept, problems = 0, list[str]()
    try:
        name, data = read_upload(request, "file")
        for page in read_workbook(name, data):
            reading = read_checks(page, at=clock.now())
            problems += [str(p) for p in reading.problems]
            for row in reading.rows:
                try:
                    kept += _keep(round_, row, request)
                except QiguanError as error:
                    problems.append(str(RowProblem(row.number, f"第{row.number}行", "", error.message, error.remedy)))
    except QiguanError as error:
        messages.error(request, str(error))
        return redirect("check_round", public_id=public_id)
    messages.success(request, f"记下{kept}条" + (f"，{len(problems)}处要改" if problems else ""))
    return (
        render(request, "collection/check_sheet.html", {"round": round_, "kept": kept, "problems": problems[:200]})
        if problems
        else redirect("check_round", public_id=public_id)
    )


def _keep(round_: CheckRound, row: CheckRow, request: HttpRequest) -> int:
    """Keep one line; 0 where it was kept before."""
    tasks = CheckTask.objects.filter(round=round_).select_related("account", "account__owner").order_by("turn")
    tasks = (
        tasks.filter(account__platform_id=row.platform_id)
        if row.platform_id
        else tasks.filter(account__name_key=name_key(row.name))
    )
    found = [t for t in tasks if not row.platform or t.account.platform == row.platform]
    if len({t.account_id for t in found}) != 1:
        raise QiguanError("这一轮里没有这个账号" if not found else "这一轮里有几个同名账号", remedy="请写账号ID")
    mine = official(request)
    said = f"{round_.public_id}|{found[0].account_id}|{row.said}|{row.newest}|{row.at}|{row.hand}|{row.note}"
    key = "s" + sha256(said.encode()).hexdigest()[:32]
    task = next((t for t in found if t.done_at is None), found[0])
    if task.checks.filter(client_key=key).exists() or any(t.checks.filter(client_key=key).exists() for t in found):
        return 0
    seen = Seen(
        row.said,
        row.newest.at if row.newest else None,
        row.newest.precision if row.newest else "day",
        row.new_name,
        row.message_box,
        row.menu,
        row.note,
    )
    hand = f"人工核查（{row.hand}，表格）" if row.hand else ""
    record_check(
        account=task.account,
        seen=seen,
        client_key=key,
        looked_at=row.at or clock.now(),
        task=task,
        came_by="sheet",
        hand=hand,
        by=mine,
        at=clock.now(),
    )
    return 1


def _workbook(round_: CheckRound) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    tasks = CheckTask.objects.filter(round=round_, done_at=None, turn=1).select_related("account").order_by("position")
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet("核查记录表")
        page.write_row(0, 0, EXPORT_HEADER, book.add_format({"bold": True, "bottom": 1}))
        page.set_column(0, 2, 22)
        page.set_column(3, 11, 14)
        rows = 0
        for rows, task in enumerate(tasks.iterator(chunk_size=1000), start=1):
            account = task.account
            page.write_row(
                rows, 0, [safe_cell(account.name), PLATFORM_NAMES.get(account.platform, ""), safe_cell(account.platform_id)]
            )
        last = max(rows, 1)
        page.data_validation(1, 3, last, 3, {"validate": "list", "source": list(SAID_WORDS.values())})
        page.data_validation(1, 7, last, 8, {"validate": "list", "source": ["能用", "不能用", "没试"]})
        page.freeze_panes(1, 1)
    return out.getvalue()
