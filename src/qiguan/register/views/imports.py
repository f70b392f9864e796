"""The register's front page: upload a file, files sent before, export."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qiguan.core.errors import UnusableInput
from qiguan.jobs import clock
from qiguan.jobs.actions import start_progress
from qiguan.people.models import Organ
from qiguan.people.queries import MANAGES, demand_role, official
from qiguan.register.actions.imports import receive_file
from qiguan.register.models import Account, Filing, SheetFile
from qiguan.register.queries.ended import accounts_of_ended
from qiguan.register.tasks import read_in_background
from qiguan.register.views.scoped import files_seen, filings_seen, senders

LARGE = 2 * 1024 * 1024  # bytes from which a file is read in the background


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
            limit = settings.UPLOAD_LIMIT // 1048576
            raise forms.ValidationError(f"文件有{file.size // 1048576}MB，超过{limit}MB；请按单位拆成几个文件")
        return file


@login_required
def register(request: HttpRequest) -> HttpResponse:
    """The register's front page."""
    demand_role(request.user, *MANAGES)
    form = UploadForm(request.POST or None, request.FILES or None, organs=senders(request))
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("register_file", public_id=_received(request, form).public_id)
        except UnusableInput as error:
            form.add_error("file", str(error))
    sent = files_seen(request).filter(part_of=None).prefetch_related("parts")
    page = Paginator(sent, 20).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page_obj": page,
        "count": Account.objects.visible_to(request.user).count(),
        "filings": filings_seen(request).filter(state=Filing.State.SUBMITTED).count(),
        "ended": accounts_of_ended(request.user).count(),
        "at": clock.now(),
    }
    return render(request, "register/register.html", context, status=400 if form.errors else 200)


def _received(request: HttpRequest, form: UploadForm) -> SheetFile:
    upload, user, at = form.cleaned_data["file"], official(request), clock.now()
    name = str(upload.name).replace("\\", "/").rsplit("/", 1)[-1]
    later = upload.size > LARGE
    file = receive_file(organ=form.cleaned_data["organ"], name=name, data=upload.read(), later=later, by=user, at=at)
    if later:
        progress = start_progress(kind="read", title=f"读{file.name}", by=str(user.pk))
        SheetFile.objects.filter(pk=file.pk).update(progress_id=progress.public_id)
        read_in_background.enqueue(file.pk, user.pk, progress.public_id)
    return file
