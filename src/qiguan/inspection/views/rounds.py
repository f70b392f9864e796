"""检查批次: the rounds, opening one, one round with its next step first, drawing, judging and settling."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from qiguan.core.errors import QiguanError
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.inspection.actions.looking import ask_again, send_to_look
from qiguan.inspection.actions.rounds import draw_round, open_round
from qiguan.inspection.models import Round
from qiguan.inspection.queries.rounds import counts_of, progress_of, rounds_seen_by, unknown_reasons, waiting_of_all
from qiguan.inspection.tasks import begin_judging, begin_settling, is_at_work
from qiguan.inspection.tasks import progress_of as job_of
from qiguan.inspection.views.round_forms import RoundForm, offices_of, told_in
from qiguan.jobs import clock
from qiguan.people.models import Organ, Role
from qiguan.people.queries import demand_role, has_role, official
from qiguan.ui.nav import Tab

LEVELS = dict(Organ.Level.choices)


@login_required
def rounds(request: HttpRequest) -> HttpResponse:
    """List the rounds of the user's offices."""
    found = rounds_seen_by(request.user).select_related("organ")
    if not found.exists():
        demand_role(request.user, Role.SUPERVISOR, Role.AUDITOR, Role.LEADER)
    page = Paginator(found, 20).get_page(request.GET.get("page"))
    waiting = waiting_of_all(page.object_list)
    context = {
        "rows": [(r, waiting.get(r.pk, 0)) for r in page], "page_obj": page,
        "may_open": has_role(request.user, Role.SUPERVISOR), "at": clock.now(),
    }  # fmt: skip
    return render(request, "inspection/rounds.html", context)


@login_required
def round_new(request: HttpRequest) -> HttpResponse:
    """Open a round; what was typed stays where something is wrong, and the field says what."""
    demand_role(request.user, Role.SUPERVISOR)
    at, user = clock.now(), official(request)
    form = RoundForm(request.POST or None, offices=offices_of(request.user), at=at)
    if request.method == "POST" and form.is_valid():
        try:
            round_ = open_round(
                organ=form.cleaned_data["organ"], title=form.cleaned_data["title"], at=form.cleaned_data["day"], choice=form.choice(),
                by=user, now=at,
            )  # fmt: skip
            if round_.stage == Round.Stage.JUDGING:
                begin_judging(round_=round_, by=user)
            return redirect("round", public_id=round_.public_id)
        except QiguanError as error:
            form.add_error(told_in(error), f"{error.message}。{error.remedy}")
    return render(request, "inspection/round_new.html", {"form": form}, status=400 if form.errors else 200)


def tabs_of(round_: Round, current: str) -> list[Tab]:
    """The pages of one round."""
    words = [("round", "概况"), ("round_findings", "问题"), ("round_scope", "检查范围"), ("round_compare", "与上期比")]
    if round_.sort == Round.Sort.DRAWN:
        words.insert(1, ("round_lot", "抽签"))
    if round_.stage == Round.Stage.SETTLED:
        words.append(("round_verdicts", "结论"))
    return [Tab(word, reverse(name, args=[round_.public_id]), current=name == current) for name, word in words]


def seen_round(request: HttpRequest, public_id: str) -> Round:
    """Return a round that the user may see; 404 for any other."""
    found = rounds_seen_by(request.user).select_related("organ", "organ__parent", "before", "opened_by", "settled_by")
    return get_object_or_404(found, public_id=public_id)


@login_required
def round_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """One round: what is to be done next, how far it is, what it came to. As JSON: how far its job is."""
    round_ = seen_round(request, public_id)
    job = job_of(round_)
    if request.headers.get("Accept", "").startswith("application/json"):
        state = (job.state, job.percent, job.message) if job else ("done", 100, "")
        return JsonResponse(dict(zip(("state", "percent", "message"), state, strict=True)))
    progress = progress_of(round_)
    at_work = is_at_work(round_)
    done = round_.stage in {Round.Stage.REVIEWING, Round.Stage.SETTLED}
    context: dict[str, Any] = {
        "round": round_, "tabs": tabs_of(round_, "round"), "progress": progress, "job": job, "at_work": at_work,
        "failed": job is not None and job.state == "failed",
        "may": has_role(request.user, Role.SUPERVISOR, organ=round_.organ),
        "counts": counts_of(round_) if done else None, "reasons": unknown_reasons(round_) if done else [],
        "platform_words": PLATFORM_NAMES, "wanted": wanted_words(round_), "at": clock.now(),
    }  # fmt: skip
    if done:
        context["groups"] = [
            ("按平台", [(PLATFORM_NAMES.get(code, code), words) for code, words in context["counts"].by_platform]),
            ("按层级", [(LEVELS.get(code, code), words) for code, words in context["counts"].by_level]),
        ]
    return render(request, "inspection/round.html", context)


def wanted_words(round_: Round) -> str:
    """Say what the scope was narrowed to."""
    asked = round_.wanted
    words = [
        PLATFORM_NAMES.get(asked.get("platform", ""), ""), LEVELS.get(asked.get("level", ""), ""),
        {"national": "国办口径", "local": "地方扩围"}.get(asked.get("scope", ""), ""),
        Organ.objects.filter(public_id=asked["place"]).values_list("name", flat=True).first() or "" if "place" in asked else "",
    ]  # fmt: skip
    return "，".join(w for w in words if w)


@login_required
@require_POST
def round_draw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Draw with the public number, and judge what is drawn."""
    round_, user = seen_round(request, public_id), official(request)
    demand_role(user, Role.SUPERVISOR, organ=round_.organ)
    try:
        n = draw_round(round_=round_, seed=request.POST.get("seed", ""), by=user, at=clock.now())
        messages.success(request, f"抽中{n}个账号")
        begin_judging(round_=round_, by=user)
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("round", public_id=public_id)


@login_required
@require_POST
def round_judge(request: HttpRequest, public_id: str) -> HttpResponse:
    """Judge what is not judged yet."""
    round_, user = seen_round(request, public_id), official(request)
    demand_role(user, Role.SUPERVISOR, organ=round_.organ)
    try:
        begin_judging(round_=round_, by=user)
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("round", public_id=public_id)


@login_required
@require_POST
def round_look(request: HttpRequest, public_id: str) -> HttpResponse:
    """Open a human round over what could not be told, for the check point of this one."""
    try:
        check = send_to_look(round_=seen_round(request, public_id), by=official(request), at=clock.now())
    except QiguanError as error:
        messages.error(request, str(error))
        return redirect("round", public_id=public_id)
    return redirect("check_round", public_id=check.public_id)


@login_required
@require_POST
def round_again(request: HttpRequest, public_id: str) -> HttpResponse:
    """Judge what could not be told once more, by what is known now."""
    round_, user = seen_round(request, public_id), official(request)
    try:
        ask_again(round_=round_, by=user, at=clock.now())
        begin_judging(round_=round_, by=user)
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect("round", public_id=public_id)


@login_required
def round_settle(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once more, then write the verdicts."""
    round_, user = seen_round(request, public_id), official(request)
    demand_role(user, Role.SUPERVISOR, organ=round_.organ)
    here = reverse("round", args=[public_id])
    progress = progress_of(round_)
    if request.method == "POST":
        try:
            begin_settling(round_=round_, by=user)
        except QiguanError as error:
            messages.error(request, str(error))
        return redirect(here)
    if progress.waiting or round_.stage != Round.Stage.REVIEWING:
        return redirect(here)
    counts = counts_of(round_)
    context = {
        "question": f"给“{round_.title}”定案",
        "consequences": [
            f"写下{progress.total}份检查结论，每份带证据和规则包",
            f"{progress.findings.get('confirmed', 0)}条问题已确认，{progress.findings.get('dismissed', 0)}条不属实",
            f"未能判定{counts.whole.untold}个，占{counts.whole.untold_rate}",
        ],
        "undo": "定案后不能再改，只能更正：另写一份，两份都留着。",
        "action_label": "定案", "action_url": reverse("round_settle", args=[public_id]), "cancel_url": here,
    }  # fmt: skip
    return render(request, "ui/confirm.html", context)
