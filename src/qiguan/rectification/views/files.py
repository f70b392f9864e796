"""A file of a ticket: to keep, never to open in the page."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from qiguan.archive.actions import read_blob
from qiguan.rectification.models import StepFile, Ticket


@login_required
def ticket_file(request: HttpRequest, public_id: str) -> HttpResponse:
    """Serve a file of a ticket that the user may see, as an attachment."""
    seen = StepFile.objects.filter(step__ticket__in=Ticket.objects.visible_to(request.user))
    file = get_object_or_404(seen, public_id=public_id)
    response = HttpResponse(read_blob(file.blob_id), content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name)}"
    response["Cache-Control"] = "private, no-store"
    return response
