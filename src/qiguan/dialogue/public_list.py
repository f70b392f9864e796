"""What is public of dialogue: texts that their writers agreed to, facts without texts, the holding rules and moderation in numbers."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from qiguan.core.holding import HOLD_RULES
from qiguan.dialogue.models import Message, Reply
from qiguan.dialogue.queries.figures import moderation_figures
from qiguan.dialogue.queries.finding import search_public
from qiguan.jobs import clock

PAGE = 20


def published(request: HttpRequest) -> HttpResponse:
    """Search over what is public; below it the facts of what is not."""
    query = request.GET.get("q", "")[:100]
    page = Paginator(search_public(query), PAGE).get_page(request.GET.get("page"))
    facts = [] if query else list(Message.objects.public_facts().select_related("organ", "handler")[:PAGE])
    return render(request, "dialogue/published.html", {"page_obj": page, "q": query, "facts": facts, "at": clock.now()})


def published_one(request: HttpRequest, public_id: str) -> HttpResponse:
    """One question and its answer, as agreed to."""
    message = get_object_or_404(Message.objects.public_texts().select_related("handler", "organ"), public_id=public_id)
    replies = message.replies.filter(state=Reply.State.SENT).select_related("organ")
    return render(request, "dialogue/published_one.html", {"message": message, "replies": replies, "at": clock.now()})


def rules(request: HttpRequest) -> HttpResponse:
    """The rules for holding a text back, and how often each was used and corrected."""
    return render(request, "dialogue/rules.html", {"rules": HOLD_RULES, "figures": moderation_figures(), "at": clock.now()})
