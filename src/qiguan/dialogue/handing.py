"""The page that hands a code over, on the citizen's phone or as a slip at the counter: shown once, kept by nobody."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from qiguan.collection.queries.check_cards import qr_of
from qiguan.core.doors import danger_in
from qiguan.core.tracking import show_code
from qiguan.dialogue.actions.sending import Sent
from qiguan.dialogue.queries.placing import desk_of


def sealed(answer: HttpResponse) -> HttpResponse:
    """Keep a page that shows a code out of caches, search engines and other sites' logs."""
    answer["Cache-Control"] = "no-store, private"
    answer["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def sent_context(sent: Sent, at: datetime) -> dict[str, Any]:
    """What the page with the codes and the slip show."""
    link = settings.PUBLIC_URL + reverse("track_link", args=[sent.code])
    return {
        "message": sent.message, "code": show_code(sent.code), "spoken": f"{sent.spoken[:4]} {sent.spoken[4:]}", "link": link, "qr": qr_of(link),
        "fresh": sent.fresh, "at": at, "danger": danger_in(sent.message.text), "counter": desk_of(sent.message.office).counter,
    }  # fmt: skip
