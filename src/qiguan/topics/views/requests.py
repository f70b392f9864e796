"""点题 for officials: the list, one request with what it can be answered by, and what citizens gave."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from qiguan.collection.models import Post
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.subject import UNCLEAR
from qiguan.core.written_dates import parse_day
from qiguan.jobs import clock
from qiguan.people.models import User
from qiguan.people.queries import official
from qiguan.topics.actions.deciding import answer_topic, decline_topic, hold_topic, may_decide, pledge_topic, release_topic
from qiguan.topics.actions.giving import decline_contribution, use_contribution
from qiguan.topics.models import Contribution, TopicRequest
from qiguan.topics.queries.listing import counts_for, posts_like, topics_seen_by
from qiguan.topics.queries.public import wanted_counts
from qiguan.topics.words import HOLDS
from qiguan.ui.values import Pick

PAGE = 50
_TABS = (
    ("new", "待公开"),
    ("waiting", "待认领"),
    ("pledged", "已认领"),
    ("answered", "已回应"),
    ("declined", "没做"),
    ("held", "不公开"),
)


@login_required
def topic_requests(request: HttpRequest) -> HttpResponse:
    """List the requests of the user's accounts."""
    user, at = official(request), clock.now()
    wanted = request.GET.get("state", "")
    wanted = wanted if wanted in dict(_TABS) else ""
    state = wanted if wanted in TopicRequest.State.values else ""
    rows = topics_seen_by(user, state=state, held=wanted == "held", new=wanted == "new")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    counts = counts_for(user)
    picks = [Pick(label, f"?state={code}", counts.get(code, 0), current=code == wanted) for code, label in _TABS]
    return render(
        request,
        "topics/office_requests.html",
        {"at": at, "page_obj": page, "counts": counts, "picks": picks, "all": wanted == "", "unclear": UNCLEAR},
    )


@login_required
def topic_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show one request that the user may see, and take a step; what was typed stays where a step is refused."""
    user, at = official(request), clock.now()
    seen = TopicRequest.objects.visible_to(user).select_related("account__owner")
    found = get_object_or_404(seen, public_id=public_id)
    posted: dict[str, str] = {}
    if request.method == "POST":
        try:
            messages.success(request, _take(request, found, user, at))
            return redirect("topic_request", public_id=public_id)
        except QiguanError as error:
            messages.error(request, str(error))
            posted = request.POST.dict()
    context = {
        "at": at, "topic": found, "may": may_decide(user, found.account), "posted": posted, "holds": HOLDS.items(), "hold": HOLDS.get(found.held_by_rule),
        "pledges": found.pledges.select_related("by"), "seconds": found.seconds.count(), "wanted": wanted_counts(found), "likely": posts_like(found),
        "unclear": UNCLEAR,
    }  # fmt: skip
    return render(request, "topics/office_request.html", context)


def _take(request: HttpRequest, found: TopicRequest, user: User, at: datetime) -> str:
    form = request.POST
    match form.get("do"):
        case "release":
            release_topic(request=found, by=user, at=at)
            return "已公开"
        case "hold":
            hold_topic(request=found, rule=form.get("rule", ""), why=form.get("why", ""), by=user, at=at)
            return "没有公开，点题人看得到规则，可以申诉"
        case "pledge":
            pledge_topic(request=found, due_on=_day(form.get("due_on", "")), words=form.get("words", ""), by=user, at=at)
            return "已认领，点题人查得到"
        case "decline":
            decline_topic(request=found, why=form.get("why", ""), by=user, at=at)
            return "已写明没做的原因，点题人查得到"
        case "answer":
            key = form.get("post", "")
            number = int(key) if key.isascii() and key.isdecimal() and len(key) < 19 else 0
            post = Post.objects.filter(account=found.account, pk=number).first()
            answer_topic(request=found, post=post, url=form.get("url", ""), words=form.get("answer", ""), by=user, at=at)
            return "已回应，点题人查得到"
    raise QiguanError("没有这个操作", place="点题", remedy="请刷新页面")


def _day(text: str) -> date:
    found = parse_day(text.strip()[:40])
    if not isinstance(found, date):
        raise UnusableInput("日期读不出来", place="哪天前", remedy="请写成2026年9月30日")
    return found


@login_required
def contributions(request: HttpRequest) -> HttpResponse:
    """What citizens gave: use it with credit, or say why not."""
    user, at = official(request), clock.now()
    seen = Contribution.objects.visible_to(user).select_related("account__owner")
    if request.method == "POST":
        found = get_object_or_404(seen, public_id=request.POST.get("contribution", "").replace("\x00", "")[:16])
        try:
            if request.POST.get("do") == "use":
                use_contribution(contribution=found, url=request.POST.get("url", ""), by=user, at=at)
            else:
                decline_contribution(contribution=found, why=request.POST.get("why", ""), by=user, at=at)
            messages.success(request, "记下了，供稿人查得到")
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect("topic_contributions")
    page = Paginator(seen.order_by("-given_at", "-pk"), 20).get_page(request.GET.get("page"))
    return render(request, "topics/office_contributions.html", {"at": at, "page_obj": page})
