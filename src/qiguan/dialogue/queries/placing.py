"""Where a message goes: the desk in force, the office that routes, the unit that answers, and for a complaint the level above."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from math import exp

from qiguan.core.errors import QiguanError
from qiguan.core.grievance import complaint_spans
from qiguan.core.learner import labels_by_probability
from qiguan.core.routing import SURE
from qiguan.dialogue.models import Desk, Transfer, ways_up
from qiguan.dialogue.queries.learned import learner_of, router_over
from qiguan.people.models import Organ, within

_OF_TEN_THOUSAND = 10_000
_SHOWN = 3  # suggestions, and words of each
_FAINT = 0.05  # what is less likely is not suggested; among very many organs, twice an even chance
_NAMED = exp(4.4)  # a department named in full weighs as much as its duty words at their most

Suggestion = tuple[str, float, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Placement:
    """What becomes of a message: its desk, its office, who answers (None: a person decides), and against whom it is.

    A complaint without `against` names no unit: a person of the office finds out before it goes anywhere.
    """

    desk: Desk
    office: Organ
    handler: Organ | None
    against: Organ | None
    sort: str
    complaint: bool
    suggested: Sequence[tuple[str, int, list[tuple[int, int]]]]


def desk_of(organ: Organ) -> Desk:
    """Return the settings of the organ or of the nearest above it; where none were made, 转接."""
    found = {desk.organ_path: desk for desk in Desk.objects.filter(organ_path__in=ways_up([organ.path])).select_related("organ")}
    return max(found.values(), key=lambda desk: len(desk.organ_path)) if found else Desk(organ=organ, organ_path=organ.path)


def office_of(organ: Organ) -> Organ:
    """Return the place that the organ belongs to: itself where it is one, else the nearest above; the root at last."""
    above = {o.path: o for o in Organ.objects.filter(path__in=ways_up([organ.path]))}
    places = [o for o in above.values() if o.sort == Organ.Sort.PLACE]
    return max(places, key=lambda o: len(o.path)) if places else min(above.values(), key=lambda o: len(o.path))


def above(organ: Organ) -> Organ:
    """Return the office one level above an organ. Raises QiguanError at the root: this installation has nobody above it."""
    if organ.parent is None:
        raise QiguanError(
            "本系统里没有它的上一级", place=organ.name, remedy="请打12345，或找当地信访、纪检监察机关", code="nobody_above"
        )
    return office_of(organ.parent)


def candidates_below(office: Organ) -> list[Organ]:
    """Return the organs that a message of the office may be routed to: its living departments and institutions, and itself."""
    below = Organ.objects.filter(parent=office, ended_on=None).exclude(sort=Organ.Sort.PLACE).order_by("sort_key")
    return [*below, office]


def reachable_from(office: Organ) -> list[Organ]:
    """Return the organs that a person of the office may send a message to: the candidates, and the places below it."""
    places = Organ.objects.filter(parent=office, ended_on=None, sort=Organ.Sort.PLACE).order_by("sort_key")
    return [*candidates_below(office), *places]


def may_be_meant(office: Organ) -> list[Organ]:
    """Return the organs that a complaint in the hands of the office may be about: all that live in its subtree, itself included."""
    return list(Organ.objects.filter(within("path", office.path), ended_on=None).order_by("path"))


def suggest_routing(text: str, office: Organ) -> list[Suggestion]:
    """Return at most three organs that a message of the office is for: public id, p, at most three spans; the likeliest first.

    The duty words of an organ's kind speak, what the office's people confirmed, and a department named in full. [] where
    nothing speaks: a router that has one organ to choose from would be sure of it.
    """
    organs, learner = candidates_below(office), learner_of(office)
    by_id = {o.public_id: o for o in organs}
    names = _names_in(text, organs)
    ranked = _raise_named(router_over(organs, learner).route(text).ranked, names)
    found: list[Suggestion] = []
    for n, (label, p) in enumerate(ranked[:_SHOWN]):
        if p < min(_FAINT, 2 / len(ranked)):
            break
        rest = router_over([by_id[other] for other, _ in ranked[n:]], learner).route(text)  # why this one and none after it
        spans = [(w.start, w.end) for w in rest.words] if rest.label == label else []
        if label in names:
            start, end = names[label]
            spans = [(start, end), *(s for s in spans if s[1] <= start or end <= s[0])]
        if spans:
            found.append((label, p, sorted(spans[:_SHOWN])))
    return found


def _names_in(text: str, organs: Sequence[Organ]) -> dict[str, tuple[int, int]]:
    """Find departments named in full. The name of a place says where, and one inside a longer name says nothing."""
    heard = [o for o in organs if o.sort != Organ.Sort.PLACE and o.name in text]
    longest = [o for o in heard if not any(o.name != other.name and o.name in other.name for other in heard)]
    return {o.public_id: (text.index(o.name), text.index(o.name) + len(o.name)) for o in longest}


def _raise_named(ranked: Sequence[tuple[str, float]], names: Container[str]) -> list[tuple[str, float]]:
    raised = {label: p * (_NAMED if label in names else 1) for label, p in ranked}
    total = sum(raised.values())
    return labels_by_probability({label: p / total for label, p in raised.items()})


def place_message(*, text: str, organ: Organ, up: bool | None) -> Placement:
    """Say where a text written to `organ` goes.

    `up`: it complains about the organ, its account or its people; None: its words decide. Words alone, written to a place,
    complain about somebody not named: they stay with the office, and no machine routes them.
    """
    worded = up is None and bool(complaint_spans(text))
    office = office_of(organ)
    if up or (worded and organ.pk != office.pk):
        office = above(organ)
        return Placement(desk_of(office), office, office, organ, Transfer.Sort.UP, True, [])
    desk = desk_of(organ)
    if organ.pk != office.pk:
        return Placement(desk, office, organ, None, Transfer.Sort.ADDRESSED, False, [])
    if worded:
        return Placement(desk, office, None, None, Transfer.Sort.ROUTED, True, [])
    found = suggest_routing(text, office)
    kept = [(label, round(p * _OF_TEN_THOUSAND), spans) for label, p, spans in found]
    if found and found[0][1] >= SURE:
        chosen = Organ.objects.get(public_id=found[0][0])
        return Placement(desk_of(chosen), office, chosen, None, Transfer.Sort.MACHINE, False, kept)
    return Placement(desk, office, None, None, Transfer.Sort.ROUTED, False, kept)
