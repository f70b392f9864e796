"""What was learned here from confirmed routings, as the router reads it: one model an office, kept by a process while it is new."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from qiguan.core.errors import UnusableInput
from qiguan.core.learner import Learner
from qiguan.core.routing import Router, kinds_of_organ
from qiguan.dialogue.models import RoutingModel
from qiguan.people.models import Organ

_KEPT = 8  # models a process keeps; one of thirty organs takes four megabytes


def learner_of(office: Organ) -> Learner | None:
    """Return what the office's people taught, to be read only; None where nothing was learned or it cannot be read."""
    version = RoutingModel.objects.filter(office=office).values_list("version", flat=True).first()
    return _kept(version) if version else None


@lru_cache(maxsize=_KEPT)
def _kept(version: str) -> Learner | None:
    row = RoutingModel.objects.filter(version=version).first()
    return read_model(row) if row is not None else None


def read_model(row: RoutingModel) -> Learner | None:
    """Read a stored model into a learner of the caller's own; None: it must be learned anew."""
    try:
        return Learner.from_bytes(bytes(row.kept))
    except UnusableInput:
        return None


def router_over(organs: Iterable[Organ], learner: Learner | None) -> Router:
    """Return a router over these organs by public id: an organ that ended is out of the ranking, a new one begins with its duty words.

    It shares the learner's weights: who lets it learn passes a learner of his own.
    """
    labels = {o.public_id: kinds_of_organ(o.name) for o in organs}
    if learner is None:
        return Router(labels, Learner(bits=1))  # nothing is looked up in it, so its size is no matter
    known = [label for label in labels if label in learner.weights]
    weights, offsets = {k: learner.weights[k] for k in known}, {k: learner.offsets[k] for k in known}
    return Router(labels, replace(learner, weights=weights, offsets=offsets))
