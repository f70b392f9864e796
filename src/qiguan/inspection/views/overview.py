"""总览: the conclusion first, what needs a hand today, then each place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from qiguan.core.facts import State
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.inspection.models import Standing, StandingQuerySet
from qiguan.inspection.queries.coverage import LIVE, blind_reasons
from qiguan.inspection.queries.standings import ListFilter, Tally, crossing_soon, matching, tally
from qiguan.jobs import clock
from qiguan.people.models import Organ, within
from qiguan.people.queries import organs_seen_by
from qiguan.ui.values import MixGroup, Pick, PlaceRow

TO_DO = PlaceRow.TO_DO
FINE = (State.ACTIVE, State.DUE)
QUIET = (State.UNKNOWN, State.CLOSING)


@dataclass(frozen=True, slots=True)
class Count3:
    """One line of a count: word, number, where the list stands."""

    word: str
    n: int
    url: str


@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """Show the user's jurisdiction, or one place of it."""
    at = clock.now()
    wanted = ListFilter.of(request.GET.dict())
    here = ListFilter(place=wanted.place)
    found = matching(user=request.user, wanted=here)
    counted = tally(found, "state", "platform", "level", "owner_ended")
    counts = {State(state): n for state, n in counted.of("state").items()}
    total = sum(n for state, n in counts.items() if state is not State.CLOSED)
    soon = [row for row in crossing_soon(user=request.user, at=at, until=at + timedelta(days=3)) if _is_here(row, here)]
    return render(
        request,
        "inspection/overview.html",
        {
            "at": at,
            "counts": counts,
            "total": total,
            "to_do": sum(counts.get(s, 0) for s in TO_DO),
            "unseen": counts.get(State.UNKNOWN, 0),
            "groups": _groups(counts, here),
            "soon": soon,
            "blind": blind_reasons(found),
            "rows": _places(request, found, wanted.place, counts),
            "platforms": _counts("platform", counted, here, PLATFORM_NAMES),
            "levels": _counts("level", counted, here, dict(Organ.Level.choices)),
            "ended": counted.of("owner_ended", state=LIVE).get(True, 0),
            "accounts_url": _url(here),
            "ended_url": _url(here, ended="1"),
        },
    )


def _is_here(row: Standing, here: ListFilter) -> bool:
    if not here.place:
        return True
    path = Organ.objects.filter(public_id=here.place).values_list("path", flat=True).first()
    return path is not None and (row.owner_path.startswith(path) or row.supervisor_path.startswith(path))


def _url(here: ListFilter, **more: str) -> str:
    query = {**({"place": here.place} if here.place else {}), **more}
    return reverse("accounts") + (f"?{urlencode(query)}" if query else "")


def _groups(counts: dict[State, int], here: ListFilter) -> list[MixGroup]:
    def group(word: str, note: str, states: tuple[State, ...]) -> MixGroup:
        picks = [Pick(s.word, _url(here, state=s), counts[s], state=s) for s in states if counts.get(s)]
        return MixGroup(sum(counts.get(s, 0) for s in states), word, note, picks)

    return [
        group("要处理", "有人证或完整来源", TO_DO),
        group("在线内", "两周内有更新", FINE),
        group("还没看清或在收尾", "待核实是我们没看到", QUIET),
    ]


def _counts(column: str, counted: Tally, here: ListFilter, words: dict[str, str]) -> list[Count3]:
    return [Count3(words.get(key, key), n, _url(here, **{column: key})) for key, n in counted.of(column, state=LIVE).items()]


def _places(request: HttpRequest, found: StandingQuerySet, place: str, counts: dict[State, int]) -> list[PlaceRow]:
    """One row a place of government below, in register order; then the departments of the place itself together.

    `counts`: of all that was found, which is what lies under the root.
    """
    seen = organs_seen_by(request.user)
    top = seen.filter(public_id=place).first() if place else seen.order_by("path").first()
    if top is None:
        return []
    rows = []
    below = list(seen.filter(parent=top, sort=Organ.Sort.PLACE).order_by("path")[:60])
    own = counts if top.parent_id is None else _states(found, top) if below else {}
    for organ in below:
        states = _states(found, organ)
        rows.append(PlaceRow(organ.name, f"{reverse('overview')}?place={organ.public_id}", states))
        own = {state: n - states.get(state, 0) for state, n in own.items()}
    if below:
        own = {state: n for state, n in own.items() if n}
        rows.insert(0, PlaceRow("本级部门", f"{reverse('accounts')}?place={top.public_id}", own))
    return rows


def _states(found: StandingQuerySet, organ: Organ) -> dict[State, int]:
    """Count by state what lies under an organ."""
    counted = found.filter(within("owner_path", organ.path)).order_by().values_list("state").annotate(n=Count("pk"))
    return {State(state): n for state, n in counted}
