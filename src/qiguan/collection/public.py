"""我看到它更新了: a citizen tells of a post. No log-in, no scripts, nothing kept about who told."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from qiguan.collection.actions.sightings import FORM, send_sighting
from qiguan.core.errors import QiguanError, TooMany
from qiguan.core.written_dates import SHANGHAI
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.intake.visitors import visitor_of
from qiguan.jobs import clock
from qiguan.register.models import PublicEntry
from qiguan.register.queries.lookup import platform_word

TRAP = "homepage"  # a person does not see this field; what programs write in it is told, not dropped


@never_cache
def sighting(request: HttpRequest) -> HttpResponse:
    """Show the form of one registered account, and take it."""
    given = request.POST if request.method == "POST" else request.GET
    name = given.get("account", "").replace("\x00", "")
    public = PublicEntry.objects.select_related("account").only("name", "owner_name", "platform", "account__public_id")
    entry = get_object_or_404(public, account__public_id=name)
    at, now = clock.now(), clock.machine_now()
    error: QiguanError | None = None
    if request.method == "POST":
        try:
            if request.POST.get(TRAP):
                raise QiguanError("有一栏本来应该空着", place="请不要填这一栏", remedy="已替您清空，请再提交一次")
            send_sighting(
                account=entry.account,
                said=request.POST.get("link", ""),
                day=request.POST.get("day", ""),
                clock_time=request.POST.get("time", ""),
                form_key=request.POST.get("key", ""),
                visitor=visitor_of(request),
                at=at,
                now=now,
            )
            return redirect("sighting_thanks")
        except QiguanError as told:
            error = told
    shown = {
        "entry": entry,
        "platform": platform_word(entry),
        "error": error,
        "said": request.POST,
        "today": f"{at.astimezone(SHANGHAI):%Y-%m-%d}",
        "key": make_form_key(what=FORM, now=now),
        "trap": TRAP,
    }
    status = 200 if error is None else 429 if isinstance(error, TooMany) else 400
    page = render(request, "collection/sighting.html", shown, status=status)
    if isinstance(error, TooMany):
        page["Retry-After"] = str(error.wait)
    return page


def sighting_thanks(request: HttpRequest) -> HttpResponse:
    """Say what the word is good for."""
    return render(request, "collection/sighting_thanks.html")
