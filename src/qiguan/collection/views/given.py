"""上传导出表: an operator's export of an account's posts."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from qiguan.archive.uploads import read_upload
from qiguan.collection.actions.given import receive_export
from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.core.written_dates import SHANGHAI
from qiguan.jobs import clock
from qiguan.people.queries import official
from qiguan.register.models import Account


@login_required
def source_upload(request: HttpRequest) -> HttpResponse:
    """Take a file; good rows are kept, the others are told by cell."""
    account = get_object_or_404(
        Account.objects.visible_to(request.user).select_related("owner"),
        public_id=request.GET.get("account") or request.POST.get("account", ""),
    )
    shown: dict[str, object] = {"account": account, "said": request.POST}
    status = 200
    if request.method == "POST":
        try:
            name, data = read_upload(request, "file")
            given, new = receive_export(
                account=account,
                name=name,
                data=data,
                exported_at=_moment(request.POST.get("exported_at", "")),
                by=official(request),
                at=clock.now(),
            )
            shown |= {"given": given, "new": new}
        except NotPermitted:
            raise
        except QiguanError as error:
            messages.error(request, str(error))
            status = 400
    return render(request, "collection/source_upload.html", shown, status=status)


def _moment(text: str) -> datetime | None:
    """Read the form's moment, which is Shanghai time."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)
    except ValueError as error:
        raise UnusableInput("导出时间读不出来", place="导出时间", remedy="请重新选择，或不填") from error
