"""Upload a register, see how it is read, correct the columns, import, undo."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from qiguan.archive.uploads import read_upload
from qiguan.core.columns import FIELDS, Columns
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.sheet import as_text
from qiguan.jobs import clock
from qiguan.jobs.actions import start_progress
from qiguan.jobs.models import Progress
from qiguan.people.models import Organ, Role, any_within
from qiguan.people.queries import MANAGES, demand_role, memberships_of, official, organs_seen_by, paths_seen_by
from qiguan.register.actions.imports import apply_file, choose_columns, plan_file, receive_file, undo_file
from qiguan.register.models import Account, SheetFile, SheetRow
from qiguan.register.queries.export import fill_template, register_csv, register_xlsx
from qiguan.register.tasks import import_in_background

BACKGROUND_ROWS = 3000
SHOWN = 30


class UploadForm(forms.Form):
    """A register to import, and who sends it."""

    file = forms.FileField(
        label="登记表", help_text="xlsx、xls、ods、csv都行；标题行、合并单元格不用先删。不得上传涉密和工作秘密内容。"
    )
    organ = forms.ModelChoiceField(
        label="报送单位", queryset=Organ.objects.none(), empty_label=None, help_text="表里没写主办单位的，算这个单位的"
    )

    def __init__(self, *args: Any, organs: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organ"].queryset = organs  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Refuse what is too large before it is read."""
        file = self.cleaned_data["file"]
        if file.size > settings.UPLOAD_LIMIT:
            raise forms.ValidationError(
                f"文件有{file.size // 1048576}MB，超过{settings.UPLOAD_LIMIT // 1048576}MB；请按单位拆成几个文件"
            )
        return file


def files_seen(request: HttpRequest) -> Any:
    """Return the files of the organs the user manages."""
    paths = paths_seen_by(request.user)
    files = SheetFile.objects.select_related("organ", "sent_by")
    return files if paths is None else files.filter(any_within(["organ_path"], paths))


def _organs(request: HttpRequest) -> Any:
    managed = [m.organ_id for m in memberships_of(request.user, roles=MANAGES)]
    seen = organs_seen_by(request.user)
    return seen.filter(pk__in=managed) | seen.filter(sort="place") if managed else seen.filter(sort="place")


@login_required
def register(request: HttpRequest) -> HttpResponse:
    """The register's front page: upload, earlier files, export."""
    demand_role(request.user, *MANAGES)
    form = UploadForm(request.POST or None, request.FILES or None, organs=_organs(request))
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            file = receive_file(
                organ=form.cleaned_data["organ"], name=upload.name, data=upload.read(), by=official(request), at=clock.now()
            )
            return redirect("register_file", public_id=file.public_id)
        except UnusableInput as error:
            form.add_error("file", str(error))
    page = Paginator(files_seen(request), 20).get_page(request.GET.get("page"))
    count = Account.objects.visible_to(request.user).count()
    return render(
        request,
        "register/register.html",
        {"form": form, "page_obj": page, "count": count, "at": clock.now()},
        status=400 if form.errors else 200,
    )


@login_required
def register_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """A file: its preview, its progress or its result."""
    file = get_object_or_404(files_seen(request), public_id=public_id)
    if file.state == SheetFile.State.APPLYING and file.progress_id:
        return _progress_page(request, file)
    if file.state != SheetFile.State.PREVIEW:
        return _result_page(request, file)
    if request.method == "POST":
        headers, codes = request.POST.getlist("header"), request.POST.getlist("code")
        choose_columns(file=file, chosen=dict(zip(headers, codes, strict=False)), by=official(request), at=clock.now())
        return redirect("register_file", public_id=public_id)
    try:
        plan = plan_file(file)
    except UnusableInput as error:
        return render(request, "ui/error.html", {"error": error, "status": 400}, status=400)
    words = dict(SheetRow.Fate.choices)
    return render(
        request,
        "register/preview.html",
        {
            "file": file,
            "columns": _columns(plan.columns, plan.sheet.rows),
            "fields": [(f.code, f.word) for f in FIELDS],
            "rows": [(p, words[p.fate], [(f, a, b) for f, (a, b) in p.changes.items()]) for p in plan.rows[:SHOWN]],
            "more": max(0, len(plan.rows) - SHOWN),
            "counts": [(words[k], n) for k, n in plan.counts.items()],
            "problems": plan.problems[:200],
            "problem_count": len(plan.problems),
            "asks": [p for p in plan.rows if p.fate == SheetRow.Fate.ASK][:50],
        },
    )


def _columns(columns: Columns, rows: Any) -> list[dict[str, Any]]:
    """Each column with its header, what it is read as and why, and two samples (contacts are not shown)."""
    private = {f.code for f in FIELDS if f.private}
    found = []
    for column, header in enumerate(columns.headers):
        if not header:
            continue
        code = columns.mapping.get(column, "")
        samples = [
            as_text(r[column])
            for r in rows[columns.first_row : columns.first_row + 40]
            if column < len(r) and r[column] not in (None, "")
        ][:2]
        found.append(
            {
                "header": header,
                "code": code,
                "why": columns.why.get(column, ""),
                "samples": "不显示（联系方式加密保存）" if code in private else "、".join(samples)[:60],
            }
        )
    return found


@login_required
@require_POST
def apply(request: HttpRequest, public_id: str) -> HttpResponse:
    """Import the file: at once where it is small, else in the background with progress."""
    file = get_object_or_404(files_seen(request), public_id=public_id)
    user: Any = request.user
    demand_role(user, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    if sum(plan_file(file).counts.values()) <= BACKGROUND_ROWS:
        apply_file(file=file, by=user, at=clock.now())
        messages.success(request, "已导入")
        return redirect("register_file", public_id=public_id)
    progress = start_progress(kind="import", title=f"导入{file.name}", by=str(user.pk))
    SheetFile.objects.filter(pk=file.pk).update(state=SheetFile.State.APPLYING, progress_id=progress.public_id)
    import_in_background.enqueue(file.pk, user.pk, progress.public_id)
    return redirect("register_file", public_id=public_id)


@login_required
@require_POST
def undo(request: HttpRequest, public_id: str) -> HttpResponse:
    """Put back what stood before the file."""
    file = get_object_or_404(files_seen(request), public_id=public_id)
    try:
        undo_file(file=file, by=official(request), at=clock.now())
        messages.success(request, f"已撤销{file.name}")
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("register_file", public_id=public_id)


def _progress_page(request: HttpRequest, file: SheetFile) -> HttpResponse:
    progress = get_object_or_404(Progress, public_id=file.progress_id)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"state": progress.state, "percent": progress.percent, "message": progress.message})
    here = reverse("register_file", args=[file.public_id])
    context = {
        "progress": progress,
        "poll_url": here,
        "done_url": here,
        "back_url": reverse("register"),
        "retry": progress.state == "failed",
        "file": file,
    }
    return render(request, "register/applying.html", context)


def _result_page(request: HttpRequest, file: SheetFile) -> HttpResponse:
    words = dict(SheetRow.Fate.choices)
    rows = SheetRow.objects.filter(file=file).order_by("number")
    fate = request.GET.get("fate", "")
    if fate in words:
        rows = rows.filter(fate=fate)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    names = {a.pk: a for a in Account.objects.filter(pk__in=[r.account_id for r in page if r.account_id])}
    counts = [(k, words[k], n) for k, n in file.counts.items() if k in words]
    return render(
        request,
        "register/result.html",
        {
            "file": file,
            "page_obj": page,
            "rows": [(r, words[r.fate], names.get(r.account_id or 0)) for r in page],
            "counts": counts,
            "fate": fate,
            "at": clock.now(),
        },
    )


@login_required
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """Download the register of the user's jurisdiction as xlsx or csv; or fill an uploaded template."""
    demand_role(request.user, *MANAGES, Role.AUDITOR)
    accounts = Account.objects.visible_to(request.user)
    if kind == "template" and request.method == "POST" and request.FILES.get("template"):
        name, sample = read_upload(request, "template")
        data, differences = fill_template(name, sample, accounts)
        response = _download(data, "登记表（按模板）.xlsx")
        response["X-Differences"] = str(len(differences))
        return response
    if kind == "csv":
        return _download(register_csv(accounts), "登记表.csv")
    return _download(register_xlsx(accounts), "登记表.xlsx")


def _download(data: bytes, name: str) -> HttpResponse:
    from urllib.parse import quote

    response = HttpResponse(data, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
