"""An account's evidence bundle, sent while it is written."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from qiguan.archive.uploads import harmless_name
from qiguan.jobs import clock
from qiguan.people.queries import official
from qiguan.publication.actions.bundling import export_evidence
from qiguan.register.models import Account


@login_required
def account_evidence(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Download the bundle of an account of the user's jurisdiction; 404 for any other."""
    seen = Account.objects.visible_to(request.user).select_related("owner", "supervisor")
    found = get_object_or_404(seen, public_id=public_id)
    if request.method != "GET":
        return render(request, "404.html", status=404)
    at = clock.now()
    response = StreamingHttpResponse(export_evidence(account=found, by=official(request), at=at), content_type="application/zip")
    name = harmless_name(f"证据包 {found.name} {at:%Y%m%d}.zip")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "private, no-store"
    return response
