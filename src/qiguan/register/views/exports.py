"""The register as a file: our own columns, or those of a template with the difference told."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qiguan.archive.actions import read_blob, store_blob
from qiguan.archive.uploads import read_upload
from qiguan.core.errors import UnusableInput
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Role
from qiguan.people.queries import MANAGES, demand_role, memberships_of, official
from qiguan.register.models import Account
from qiguan.register.queries.export import compare_template, fill_template, register_csv, register_xlsx
from qiguan.register.views.scoped import download

_SALT = "register.template"
_HOUR = 3600


@login_required
def export(request: HttpRequest, kind: str) -> HttpResponse:
    """Download the register of the user's jurisdiction as xlsx or csv."""
    demand_role(request.user, *MANAGES, Role.AUDITOR)
    if kind not in {"csv", "xlsx"} or request.method != "GET":
        return render(request, "404.html", status=404)
    accounts = Account.objects.visible_to(request.user)
    _note(request, kind, accounts.count())
    return download(register_csv(accounts), "登记表.csv") if kind == "csv" else download(register_xlsx(accounts), "登记表.xlsx")


def _note(request: HttpRequest, kind: str, count: int) -> None:
    """Leave a trace that data went out: the auditor reads it."""
    user = official(request)
    mine = memberships_of(user, roles=(*MANAGES, Role.AUDITOR))
    organ = min((m.organ for m in mine), key=lambda o: len(o.path), default=None)
    record_audit(action="export_register", by=user, at=clock.now(), organ=organ, fields=[kind], count=max(count, 1))


@login_required
def template(request: HttpRequest) -> HttpResponse:
    """POST a template: how its columns differ from ours. GET with its token: the register filled into it."""
    demand_role(request.user, *MANAGES, Role.AUDITOR)
    if request.method != "POST":
        return _filled(request, request.GET.get("token", ""))
    name, data = read_upload(request, "template")
    difference = compare_template(name, data)
    at = clock.now()
    blob = store_blob(data=data, media_type="application/octet-stream", at=at, keep_until=at + timedelta(days=1))
    token = signing.dumps({"digest": blob.digest, "name": name, "user": official(request).pk}, salt=_SALT)
    return render(request, "register/template.html", {"name": name, "difference": difference, "token": token})


def _filled(request: HttpRequest, token: str) -> HttpResponse:
    """Only for whoever uploaded it, for an hour."""
    try:
        kept = signing.loads(token, salt=_SALT, max_age=_HOUR)
    except signing.BadSignature as error:
        raise UnusableInput("这个下载链接过时了", place="按模板导出", remedy="请重新上传模板") from error
    if kept["user"] != official(request).pk:
        return render(request, "404.html", status=404)
    accounts = Account.objects.visible_to(request.user)
    data, _ = fill_template(kept["name"], read_blob(kept["digest"]), accounts)
    _note(request, "template", accounts.count())
    return download(data, "登记表（按模板）.xlsx")
