"""The router learns from confirmed routings, outside any request: what was not learned yet, a chunk a transaction.

Weights stand under hashes and hold no text. All the same a model holds only what its samples still say: where one was
deleted, struck out in part, sent elsewhere or turned out a complaint, that office is learned anew from what is left: at the
next run, a large one once a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from qiguan.core.learner import Learner
from qiguan.core.reply_clock import Kind
from qiguan.dialogue.models import RoutingModel, RoutingSample
from qiguan.dialogue.queries.learned import read_model, router_over
from qiguan.dialogue.queries.placing import candidates_below
from qiguan.jobs.keys import public_id
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ

BITS = 15  # 32,768 buckets an organ, an eighth of a megabyte; on 1,800 messages it ranked as well as eight times as many
CHUNK = 200  # samples learned and kept in one transaction
MOST = 600  # samples a run, some seconds; the next goes on where it stopped
PAUSE = timedelta(days=1)  # between two beginnings of a model of more than a chunk: else deletions never let a large one finish


def learn_routings(*, at: datetime) -> int:
    """Learn the samples that no model has learned; return how many. A run that breaks off loses one chunk at most."""
    waiting = _usable().filter(learned_at=None).values("message__office")
    known = RoutingModel.objects.values("office")
    learned = 0
    for office in Organ.objects.filter(Q(pk__in=waiting) | Q(pk__in=known)).order_by("pk"):
        learned += _learn_office(office, most=MOST - learned, at=at)
        if learned >= MOST:
            break
    return learned


def _usable() -> QuerySet[RoutingSample]:
    """No complaint teaches, even if it was found to be one after it was learned; nor does what its writer deleted."""
    return RoutingSample.objects.filter(message__deleted_at=None).exclude(message__kind=Kind.COMPLAINT)


def _learn_office(office: Organ, *, most: int, at: datetime) -> int:
    samples = _usable().filter(message__office=office)
    row = RoutingModel.objects.filter(office=office).first()
    learner = read_model(row) if row is not None else None
    if _is_past(row, learner, samples.exclude(learned_at=None).count(), at):
        _begin_anew(office, at=at)
        row = learner = None
    organs = candidates_below(office)
    labels = {o.pk: o.public_id for o in organs}
    router = router_over(organs, learner or Learner(bits=BITS))
    learned = 0
    while learned < most:
        chunk = list(samples.filter(learned_at=None).order_by("at", "pk")[: min(CHUNK, most - learned)])
        if not chunk:
            break
        router.learn([(s.text, labels[s.organ_id]) for s in chunk if s.organ_id in labels])
        row = _keep(office, row, chunk, kept=router.learner.to_bytes(), at=at)
        if row is None:
            break
        learned += len(chunk)
    return learned


def _is_past(row: RoutingModel | None, learner: Learner | None, left: int, at: datetime) -> bool:
    """`left`: samples that count as learned. A model learned each of them, and more where one is gone or was changed."""
    if row is None or learner is None:
        return row is not None or left > 0
    return left != row.samples and (left <= CHUNK or row.begun_at <= at - PAUSE)


def _keep(
    office: Organ, row: RoutingModel | None, chunk: Sequence[RoutingSample], *, kept: bytes, at: datetime
) -> RoutingModel | None:
    """Keep the model and mark its samples together. None: a sample or the model changed meanwhile, and nothing is kept."""
    with transaction.atomic():
        same = RoutingSample.objects.select_for_update().filter(pk__in=[s.pk for s in chunk], learned_at=None)
        if {(s.pk, s.organ_id, s.text) for s in same} != {(s.pk, s.organ_id, s.text) for s in chunk}:
            return None
        samples = len(chunk) + (row.samples if row is not None else 0)
        version = public_id()
        fresh = {"kept": kept, "samples": samples, "learned_at": at, "version": version}
        if row is None:
            row, made = RoutingModel.objects.get_or_create(office=office, defaults=fresh | {"begun_at": at})
            if not made:
                return None
        elif RoutingModel.objects.filter(pk=row.pk, version=row.version).update(**fresh) != 1:
            return None
        RoutingSample.objects.filter(pk__in=[s.pk for s in chunk]).update(learned_at=at)
        record_audit(action="learn_routings", by=None, at=at, on=row, organ=office, count=len(chunk))
    row.samples, row.version = samples, version
    return row


def _begin_anew(office: Organ, *, at: datetime) -> None:
    with transaction.atomic():
        RoutingModel.objects.filter(office=office).delete()
        learned = RoutingSample.objects.filter(message__office=office).exclude(learned_at=None)
        count = learned.update(learned_at=None)
        record_audit(action="forget_routings", by=None, at=at, organ=office, count=count)
