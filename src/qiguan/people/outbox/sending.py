"""Send what is queued: claim in one commit, send, settle in another, so that a crash loses nothing and doubles nothing in silence."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Case, F, Value, When

from qiguan.core.robots import Answer, Letter, Robot, answer_of, post_of
from qiguan.core.source import Outcome, Response
from qiguan.jobs import clock
from qiguan.net.door import Door, Limits
from qiguan.net.post import Unanswered, post_json
from qiguan.people.outbox.mail import Mail, send_mails
from qiguan.people.outbox.models import Delivery, DeliveryQuerySet, NoticeTarget
from qiguan.people.secrets import decrypt

log = logging.getLogger(__name__)
BATCH = 40
LEASE = timedelta(minutes=5)  # a batch is over long before: 40 posts of 10 s, four at a host, mail within 100 s
LIMITS = Limits(total=10.0, connect=5.0, body=256 * 1024, redirects=0, per_host=4)
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720, 1440)]  # before the next attempt; then it has failed
State = Delivery.State
Result = tuple[int, Answer, str]


def send_due_notices(*, at: datetime, most: int = 2000, limits: Limits = LIMITS) -> dict[str, int]:
    """Send what is due; return how many deliveries ended with which answer. Safe to run twice and by several workers.

    1. What a dead sender left claimed is in doubt: a mail waits again (same Message-ID), a post waits for a person.
    2. Claim a batch. 3. Mails go over one connection in a thread, posts side by side; each is settled as soon as its answer is
    there, whatever the others do. 4. Again, until nothing is due. `at` is business time, for the record only: what is due is
    told by machine time, so that a business clock that jumps sends nothing twice.
    """
    totals: Counter[str] = Counter()
    totals["doubted"] = doubt_abandoned(at=at)
    while sum(totals.values()) < most:
        claim = secrets.token_hex(16)
        batch = claim_batch(claim=claim, now=clock.machine_now())
        if not batch:
            break
        for pk, answer, word in _results(batch, limits):
            settle(pk, claim=claim, answer=answer, word=word, at=at)
            totals[answer.value] += 1
    return {word: n for word, n in totals.items() if n}


def doubt_abandoned(*, at: datetime) -> int:
    """Put what was left claimed by a dead sender where it belongs."""
    left = Delivery.objects.abandoned(clock.machine_now())
    return _doubt(left.filter(target__kind=NoticeTarget.Kind.EMAIL), "crashed", at, mail=True) + _doubt(
        left.exclude(target__kind=NoticeTarget.Kind.EMAIL), "crashed", at, mail=False
    )


def claim_batch(*, claim: str, now: datetime, most: int = BATCH) -> list[Delivery]:
    """Claim what is due: one conditional update, so that of several workers one gets each delivery."""
    ids = list(Delivery.objects.due(now).values_list("pk", flat=True)[:most])
    if not ids:
        return []
    Delivery.objects.due(now).order_by().filter(pk__in=ids).update(state=State.CLAIMED, claim=claim, lease_until=now + LEASE)
    return list(Delivery.objects.filter(claim=claim, state=State.CLAIMED).select_related("notice__to", "target").order_by("pk"))


def settle(pk: int, *, claim: str, answer: Answer, word: str, at: datetime) -> None:
    """Write down what became of a delivery. A word that comes late, after somebody doubted this claim, clears the doubt up."""
    now = clock.machine_now()
    mine = Delivery.objects.filter(pk=pk, claim=claim)
    if answer is Answer.RECEIVED:
        mine.filter(state__in=[State.CLAIMED, State.WAITING, State.IN_DOUBT, State.FAILED]).update(
            state=State.SENT, done_at=at, lease_until=None, error=""
        )
        return
    mine = mine.filter(state=State.CLAIMED)
    if answer is Answer.UNCLEAR:
        _doubt(mine.filter(target__kind=NoticeTarget.Kind.EMAIL), word, at, mail=True)
        _doubt(mine.exclude(target__kind=NoticeTarget.Kind.EMAIL), word, at, mail=False)
    elif answer is Answer.REFUSED:
        mine.update(state=State.FAILED, attempts=F("attempts") + 1, lease_until=None, error=word, done_at=at)
    else:
        mine.update(state=_next_state(), next_at=_next_at(now), attempts=F("attempts") + 1, lease_until=None, error=word)


def _doubt(found: DeliveryQuerySet, word: str, at: datetime, *, mail: bool) -> int:
    """In doubt: `found` is a queryset of claimed deliveries. Its `claim` stays, so that its sender may still speak."""
    now = clock.machine_now()
    ids = list(found.values_list("pk", flat=True))
    claimed = Delivery.objects.filter(pk__in=ids, state=State.CLAIMED)
    if mail:
        return claimed.update(
            state=_next_state(), next_at=_next_at(now), attempts=F("attempts") + 1, doubts=F("doubts") + 1, lease_until=None, error=word
        )  # fmt: skip
    return claimed.update(state=State.IN_DOUBT, attempts=F("attempts") + 1, doubts=F("doubts") + 1, lease_until=None, error=word)


def _next_state() -> Case:
    return Case(When(attempts__gte=len(PAUSES), then=Value(State.FAILED.value)), default=Value(State.WAITING.value))


def _next_at(now: datetime) -> Case:
    return Case(*(When(attempts=n, then=Value(now + pause)) for n, pause in enumerate(PAUSES)), default=Value(now + PAUSES[-1]))


def letter_of(delivery: Delivery) -> Letter:
    """Return what a delivery says; the private link in place of the product's, where there is one."""
    notice = delivery.notice
    path = decrypt(bytes(notice.private)) or notice.link
    return Letter(delivery.public_id, notice.kind, notice.title, notice.lines, f"{settings.PUBLIC_URL}{path}" if path else "")


def _results(batch: Sequence[Delivery], limits: Limits) -> Iterator[Result]:
    """Yield each delivery's fate as it becomes known; the loop stands still while the caller writes."""
    sent = set[int]()
    with asyncio.Runner() as runner:
        done: asyncio.Queue[Result] = asyncio.Queue()
        work = runner.get_loop().create_task(_send(batch, limits, done))
        while len(sent) < len(batch):
            pk, answer, word = runner.run(_first(done, work))
            if pk < 0:
                break
            if pk not in sent:
                sent.add(pk)
                yield pk, answer, word
    for delivery in batch:
        if delivery.pk not in sent:  # our own fault half-way: nobody can tell
            yield delivery.pk, Answer.UNCLEAR, "internal"


async def _first(done: asyncio.Queue[Result], work: asyncio.Task[None]) -> Result:
    """Wait for the next fate; (-1, …) when there will be none."""
    while done.empty() and not work.done():
        get = asyncio.ensure_future(done.get())
        await asyncio.wait({get, work}, return_when=asyncio.FIRST_COMPLETED)
        if get.done():
            return get.result()
        get.cancel()
    if done.empty():
        return -1, Answer.UNCLEAR, ""
    return done.get_nowait()


async def _send(batch: Sequence[Delivery], limits: Limits, done: asyncio.Queue[Result]) -> None:
    loop = asyncio.get_running_loop()
    mails: list[Mail] = []
    posts: list[Delivery] = []
    for delivery in batch:
        if not delivery.notice.to.is_active:
            done.put_nowait((delivery.pk, Answer.REFUSED, "refused"))
        elif delivery.target.kind == NoticeTarget.Kind.EMAIL:
            address = decrypt(bytes(delivery.target.address))
            if address:
                mails.append(Mail(delivery.pk, address, letter_of(delivery)))
            else:
                done.put_nowait((delivery.pk, Answer.REFUSED, "unreadable"))
        else:
            posts.append(delivery)

    def from_thread(pk: int, answer: Answer, word: str) -> None:
        loop.call_soon_threadsafe(done.put_nowait, (pk, answer, word))

    agent, networks = settings.NET_AGENT, settings.NOTICE_NETWORKS
    async with Door(agent=agent, allow_loopback=settings.NET_ALLOW_LOOPBACK, allow=networks, limits=limits) as door:
        jobs = [_post(door, delivery, done) for delivery in posts]
        if mails:
            jobs.append(asyncio.to_thread(send_mails, mails, from_thread))
        for failed in await asyncio.gather(*jobs, return_exceptions=True):
            if isinstance(failed, BaseException):
                log.error("a notice could not be sent: %s", type(failed).__name__)
    await asyncio.sleep(0)  # what the thread said last


async def _post(door: Door, delivery: Delivery, done: asyncio.Queue[Result]) -> None:
    robot, url = Robot(delivery.target.kind), decrypt(bytes(delivery.target.address))
    if not url:
        done.put_nowait((delivery.pk, Answer.REFUSED, "unreadable"))
        return
    post = post_of(robot, letter_of(delivery), url=url, secret=decrypt(bytes(delivery.target.secret)), now=clock.machine_now())
    found = await post_json(door, post.url, post.body, post.headers)
    if isinstance(found, Response):
        answer = answer_of(robot, found.status, found.body)
        done.put_nowait((delivery.pk, answer, _WORDS[answer]))
    else:
        done.put_nowait((delivery.pk, *_unanswered(found)))


_WORDS = {Answer.RECEIVED: "", Answer.LATER: "busy", Answer.REFUSED: "refused", Answer.UNCLEAR: "timeout"}


def _unanswered(found: Unanswered) -> tuple[Answer, str]:
    if found.outcome is Outcome.PRIVATE_ADDRESS:
        return Answer.REFUSED, "private"
    if found.outcome is Outcome.REDIRECT_LOOP:
        return Answer.REFUSED, "redirected"
    return (Answer.UNCLEAR, "timeout") if found.perhaps else (Answer.LATER, "unreachable")
