"""研判: the findings of a round, decided one by one or many at once, by keyboard, mouse, or without scripts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from qiguan.core.errors import QiguanError
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.inspection.actions.findings import confirm_findings, dismiss_findings, merge_findings, reopen_finding
from qiguan.inspection.models import Finding, Round
from qiguan.inspection.queries.findings import PAGE, FindingFilter, findings_matching, rules_of, states_of
from qiguan.inspection.views.rounds import seen_round, tabs_of
from qiguan.jobs import clock
from qiguan.people.models import Organ, Role, User, any_within
from qiguan.people.queries import demand_role, has_role, official
from qiguan.ui.values import Pick

OPEN = (Round.Stage.JUDGING, Round.Stage.REVIEWING)
# common reasons, offered beside the box; any other can be written
REASONS = ("监测时间点前有更新，采集没有看到", "看错了账号", "已备案停更并公告", "平台限流，内容没有显示", "不属于检查范围")


class FindingFilterForm(forms.Form):
    """What the list can be narrowed to: a plain GET form."""

    q = forms.CharField(label="账号名称", required=False, max_length=60)
    rule = forms.ChoiceField(label="规则", required=False)
    platform = forms.ChoiceField(label="平台", required=False, choices=[("", "全部平台"), *PLATFORM_NAMES.items()])
    place = forms.ChoiceField(label="地方", required=False)
    again = forms.BooleanField(label="上期又犯", required=False)
    own = forms.BooleanField(label="本单位自己的", required=False)
    state = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Organ.objects.filter(any_within(["path"], [round_.organ_path]), sort=Organ.Sort.PLACE).order_by("path")[:200]
        self.fields["rule"].choices = [("", "全部规则"), *rules_of(round_)]  # type: ignore[attr-defined]
        self.fields["place"].choices = [("", "全部地方"), *((o.public_id, o.name) for o in places)]  # type: ignore[attr-defined]


@login_required
def round_findings(request: HttpRequest, public_id: str) -> HttpResponse:
    """The list, by default what waits for a decision."""
    round_ = seen_round(request, public_id)
    query = request.GET.dict()
    wanted = FindingFilter.of(query)
    found = findings_matching(user=request.user, round_=round_, wanted=wanted)
    whole = FindingFilter.of({**query, "state": "all"})
    counts = states_of(findings_matching(user=request.user, round_=round_, wanted=whole))
    may = has_role(request.user, Role.SUPERVISOR, organ=round_.organ) and round_.stage in OPEN
    above = may and may_decide_own(request.user, round_)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    waiting = round_.findings.filter(state=Finding.State.SUSPECTED).count()
    context = {
        "round": round_, "tabs": tabs_of(round_, "round_findings"), "page_obj": page, "may": may, "at": clock.now(),
        "rows": [(f, may and f.state == Finding.State.SUSPECTED and (above or not f.line.own)) for f in page],
        "picks": _picks(counts, query, wanted.state), "filter_form": FindingFilterForm(query, round_=round_), "wanted": wanted,
        "back": request.get_full_path(), "reasons": REASONS, "waiting": waiting, "typed": request.GET.get("reason", ""),
        "may_settle": may and not waiting and round_.stage == Round.Stage.REVIEWING,
        "may_enter": may,
    }  # fmt: skip
    return render(request, "inspection/findings.html", context)


def _picks(counts: dict[str, int], query: dict[str, str], now: str) -> list[Pick]:
    kept = {k: v for k, v in query.items() if v and k in {"q", "rule", "platform", "place", "again", "own"}}
    picks = [
        Pick(state.label, "?" + urlencode({**kept, "state": state.value}), counts.get(state, 0), now == state)
        for state in Finding.State
        if counts.get(state) or state == Finding.State.SUSPECTED
    ]
    return [*picks, Pick("全部", "?" + urlencode({**kept, "state": "all"}), sum(counts.values()), not now)]


def may_decide_own(user: Any, round_: Round) -> bool:
    """Say whether the user stands above the inspecting office, and so decides about its own accounts."""
    parent = round_.organ.parent
    return parent is None or has_role(user, Role.SUPERVISOR, organ=parent)


@login_required
@require_POST
def round_decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Decide: `do` (confirm, dismiss, merge, reopen) on each `finding`, or `one` = do:finding of a row's own button.

    Afterwards the page asked from is shown again, at `next`.
    """
    round_, user = seen_round(request, public_id), official(request)
    demand_role(user, Role.SUPERVISOR, organ=round_.organ)
    do, chosen = request.POST.get("do", ""), request.POST.getlist("finding")[:1000]
    one, sep, which = request.POST.get("one", "").partition(":")
    if sep:
        do, chosen = one, [which]
    findings = list(round_.findings.filter(public_id__in=chosen).select_related("round__organ__parent", "line"))
    reason = request.POST.get("reason", "")
    try:
        messages.success(request, _decided(round_, do, findings, user, into=request.POST.get("into", ""), reason=reason))
        reason = ""
    except QiguanError as error:
        messages.error(request, str(error))
    return redirect(_back(request, round_, reason))


def _decided(round_: Round, do: str, findings: list[Finding], by: User, *, into: str, reason: str) -> str:
    """Do it; return what was done in words."""
    at = clock.now()
    if do == "confirm":
        return f"{confirm_findings(findings=findings, by=by, at=at)}条已确认"
    if do == "dismiss":
        return f"{dismiss_findings(findings=findings, reason=reason, by=by, at=at)}条不属实"
    if do == "merge":
        target = get_object_or_404(round_.findings.select_related("line", "round__organ__parent"), public_id=into)
        return f"{merge_findings(into=target, findings=findings, by=by, at=at)}条已并入“{target.title}”"
    if do == "reopen":
        for finding in findings:
            reopen_finding(finding=finding, by=by, at=at)
        return "已退回待研判"
    raise QiguanError("没有选做什么", place="研判", remedy="选“确认”“不属实”或“合并”")


def _back(request: HttpRequest, round_: Round, reason: str) -> str:
    """Where the person came from, inside this round; a reason that did not go through is kept."""
    home = reverse("round_findings", args=[round_.public_id])
    given = request.POST.get("back", "")
    single = reverse("round_finding", args=["x"]).rsplit("x", 1)[0]
    back = given if given.startswith((home, single)) else home
    if reason:
        back += ("&" if "?" in back else "?") + urlencode({"reason": reason[:300]})
    following = request.POST.get("next", "")
    return f"{back}#f-{following}" if following.isalnum() and len(following) <= 16 else back
