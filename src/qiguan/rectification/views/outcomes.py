"""整改成效: the figures of a year."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qiguan.core.days import day_of, start_of
from qiguan.core.errors import NotPermitted
from qiguan.jobs import clock
from qiguan.people.models import Role
from qiguan.people.queries import demand_role, memberships_of, organs_seen_by
from qiguan.rectification.queries.outcomes import Outcomes, outcomes
from qiguan.ui.values import Fact

_MAY = (Role.SUPERVISOR, Role.LEADER, Role.AUDITOR)


@login_required
def ticket_outcomes(request: HttpRequest) -> HttpResponse:
    """Show the year's figures of the user's own organ."""
    demand_role(request.user, *_MAY)
    at = clock.now()
    mine = memberships_of(request.user, roles=_MAY)
    organ = mine[0].organ if mine else organs_seen_by(request.user).order_by("path").first()
    if organ is None:
        raise NotPermitted("还没有单位", remedy="先导入登记表", code="forbidden")
    text = request.GET.get("year", "")
    year = int(text) if text.isdecimal() and text.isascii() and len(text) == 4 and 2000 < int(text) < 2100 else day_of(at).year
    found = outcomes(organ=organ, since=start_of(date(year, 1, 1)), until=start_of(date(year + 1, 1, 1)), at=at)
    context = {
        "at": at,
        "organ": organ,
        "year": year,
        "years": [day_of(at).year - n for n in range(3)],
        "found": found,
        "facts": _facts(found),
    }
    return render(request, "rectification/outcomes.html", context)


def _facts(found: Outcomes) -> list[tuple[str, list[Fact]]]:
    return [
        (
            f"僵尸和从未发布的账号 {found.zombies}个，了结{found.ended}个",
            [
                Fact("恢复更新满90天", found.revived, "以看到的内容为证"),
                Fact("合并", found.merged),
                Fact("关停，有替代账号", found.closed_with_successor),
                Fact("关停，没有替代账号", found.closed_without, "不计入了结"),
                Fact("恢复更新未满90天", found.reviving),
                Fact("满90天，证据不足", found.not_proven, "中间有空档或没有谁看着"),
                Fact("还在办", found.still_open),
                Fact("误判", found.misjudged),
                Fact("从通知到了结", "还没有" if found.days_to_end is None else f"{found.days_to_end}天", "中位数，自然日"),
            ],
        ),
        (
            f"恢复更新满半年的 {found.relapse_due}个",
            [
                Fact("又停更", found.relapsed),
                Fact("没有停更", found.held),
                Fact("看不清", found.relapse_unknown, "没有谁能作证，不算停更"),
            ],
        ),
    ]
