"""A round of inspection: freeze its scope, draw by lot where it is drawn, judge every account at the check point.

Judging may be killed and goes on where it stopped: a chunk of accounts with its findings is one transaction, and an account
judged once is not judged again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from json import dumps
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from qiguan.archive.models import Blob
from qiguan.collection.actions.statements import stamp_or_none, update_rows
from qiguan.core.days import say_at
from qiguan.core.errors import QiguanError
from qiguan.core.facts import Scope
from qiguan.core.sampling import draw, share_of
from qiguan.inspection.actions.judging import Judged, judge_lines
from qiguan.inspection.models import Finding, Round, RoundAccount, Verdict
from qiguan.jobs.many import among
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User, any_within
from qiguan.people.queries import demand_role
from qiguan.register.models import Account

CHUNK = 400  # accounts judged and stored in one transaction
CREATED = 2000  # lines made at once: a province is never held in memory
KEPT = timedelta(days=365)  # how long stored copies behind an undecided finding stay
WANTED = ("platform", "level", "scope", "place")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a round covers. `wanted`: platform, level, scope, place (an organ's public id), each may be missing.

    `percent` below 100 draws that share by lot: `number_source` names, before it is known, the public number that will be the
    seed. `recheck`: the failures of the organ's last settled round are in, whether drawn or not.
    """

    sort: str = Round.Sort.FULL
    wanted: Mapping[str, str] | None = None
    percent: int = 100
    number_source: str = ""
    recheck: bool = True


def open_round(*, organ: Organ, title: str, at: datetime, choice: Choice, by: User | None, now: datetime) -> Round:
    """Open a round of the organ over its jurisdiction and freeze the scope. `at` is the check point, `now` the moment of opening.

    Raises QiguanError where the scope is empty, the check point lies ahead, or a draw names no public number.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=organ)
    title = title.strip()[:120]
    drawn = choice.sort == Round.Sort.DRAWN
    if not title:
        raise QiguanError("批次没有名称", place="名称", remedy="如：2026年第三季度检查")
    if at > now:
        raise QiguanError(
            f"监测时间点{say_at(at)}还没有到", place="监测时间点", remedy="只写日期指当日24:00，请选昨天或更早的日子"
        )
    if drawn and not (1 <= choice.percent <= 99):
        raise QiguanError("抽查比例要在1%到99%之间", place="抽查比例", remedy="要查全部，请选“全部检查”")
    if drawn and not choice.number_source.strip():
        raise QiguanError(
            "没有写明用哪个公开的号码抽签", place="抽签号码出处", remedy="写一个之后才知道、谁都查得到的号码，如某日的开奖号"
        )
    wanted = {k: v for k, v in (choice.wanted or {}).items() if k in WANTED and v} if choice.sort != Round.Sort.FULL else {}
    before = Round.objects.filter(organ=organ, stage=Round.Stage.SETTLED, at__lt=at).order_by("-at", "-id").first()
    failed = _failed(before) if choice.recheck else set()
    with transaction.atomic():
        round_ = Round.objects.create(
            organ=organ, organ_path=organ.path, title=title, at=at, sort=choice.sort, wanted=wanted, before=before, opened_at=now, opened_by=by,
            percent=choice.percent if drawn else 100, number_source=choice.number_source.strip()[:120] if drawn else "",
            stage=Round.Stage.WAITING if drawn else Round.Stage.JUDGING,
        )  # fmt: skip
        first = RoundAccount.Why.FRAME if drawn else RoundAccount.Why.SCOPE
        accounts, n = _in_scope(organ, wanted, at, failed), 0
        while chunk := list(islice(accounts, CREATED)):
            lines = [_line(round_, a, RoundAccount.Why.RECHECK if a.pk in failed else first) for a in chunk]
            RoundAccount.objects.bulk_create(lines, batch_size=500)
            n += len(chunk)
        if not n:
            raise QiguanError("这个范围里没有要检查的账号", place="检查范围", remedy="放宽条件，或先导入登记表")
        round_.list_hash = list_hash(numbered(round_))
        round_.save(update_fields=["list_hash"])
        record_audit(action="open_round", by=by, at=now, on=round_, organ=organ, fields=["at", "scope"], count=n)
    return round_


def numbered(round_: Round) -> list[str]:
    """Return the list that the lot is drawn from: the public ids in order, failures to be rechecked left out."""
    lines = round_.accounts.exclude(why=RoundAccount.Why.RECHECK)
    return sorted(lines.values_list("public_id", flat=True))


def list_hash(numbers: Sequence[str]) -> str:
    """Return the fingerprint of a list, a number a line: told before the seed, it shows that the list was not changed later."""
    return "sha256:" + sha256("\n".join(numbers).encode()).hexdigest()


def draw_round(*, round_: Round, seed: str, by: User | None, at: datetime) -> int:
    """Draw the accounts of a round with the public number; return how many. The same list and number give the same draw to anyone."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, organ=round_.organ)
    seed = seed.strip()[:60]
    if not seed:
        raise QiguanError("没有填号码", place="抽签号码", remedy=f"请填{round_.number_source}")
    with transaction.atomic():
        held = Round.objects.filter(pk=round_.pk, stage=Round.Stage.WAITING)
        if held.update(seed=seed, stage=Round.Stage.JUDGING) != 1:
            raise QiguanError("这一批已经抽过签", place=round_.title, remedy="一批只抽一次")
        numbers = numbered(round_)
        chosen = draw(numbers, seed=seed, count=share_of(len(numbers), percent=round_.percent))
        for start in range(0, len(chosen), 500):
            round_.accounts.filter(public_id__in=chosen[start : start + 500]).update(why=RoundAccount.Why.DRAWN)
        record_audit(action="draw_round", by=by, at=at, on=round_, organ=round_.organ, fields=["seed"], count=len(chosen))
    round_.refresh_from_db()
    return len(chosen)


def judge_round(*, round_: Round, at: datetime, moved: Callable[[int, int], None] | None = None) -> int:
    """Judge the accounts of a round that are not judged yet; return how many. `moved(done, total)` is told how far it has come.

    1. Take the next chunk without a judgement. 2. Judge it at the check point by what is known now. 3. Store lines and
    findings in one transaction, only where nobody else has stored them meanwhile. 4. When none is left, the round is open to
    people. Safe to kill, to run twice, and by several workers.
    """
    if round_.stage == Round.Stage.WAITING:
        raise QiguanError("还没有抽签", place=round_.title, remedy=f"先填{round_.number_source}")
    lines = round_.accounts.exclude(why=RoundAccount.Why.FRAME)
    total, waiting = lines.count(), lines.filter(judged_at=None).count()
    confirmed = _confirmed(round_.before)
    done = last = 0
    while chunk := list(lines.filter(judged_at=None, pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        judged = judge_lines(chunk, round_at=round_.at, known_at=at)
        done += _store(round_, judged, confirmed, at)
        waiting -= len(chunk)
        if moved:
            moved(total - max(0, waiting), total)
    Round.objects.filter(pk=round_.pk, stage=Round.Stage.JUDGING).update(stage=Round.Stage.REVIEWING, judged_at=at)
    round_.refresh_from_db()
    return done


_LINE = ("judged_at", "state", "last_post_at", "days_silent", "weeks", "posts_year", "longest_gap_days", "pack", "word", "outcomes", "evidence")  # fmt: skip
_SETS = ", ".join(f"{name} = %s" for name in _LINE)


def _store(round_: Round, judged: Sequence[Judged], confirmed: set[tuple[int, str]], at: datetime) -> int:
    with transaction.atomic():
        ids = [j.line.pk for j in judged]
        free = RoundAccount.objects.filter(pk__in=ids, judged_at=None)
        if connection.features.has_select_for_update:
            free = free.select_for_update()
        still = set(free.values_list("pk", flat=True))
        mine = [j for j in judged if j.line.pk in still]
        update_rows(RoundAccount, _SETS, [_plain(j.line) for j in mine])
        cited = {e["blob"] for j in mine if j.breaches for e in j.line.evidence if e.get("blob")}
        if cited:  # what a finding cites must outlive its decision; settling keeps it for ever
            Blob.objects.filter(digest__in=cited, keep_until__lt=at + KEPT).update(keep_until=at + KEPT)
        Finding.objects.bulk_create(
            [
                Finding(
                    round=round_, line=j.line, account_id=j.line.account_id, rule=b.rule, rule_version=b.version, title=b.title, veto=b.veto,
                    because=b.because[:600], evidence=j.line.evidence, origin=Finding.Origin.MACHINE, found_at=at,
                    again=(j.line.account_id, b.rule) in confirmed,
                )
                for j in mine
                for b in j.breaches
            ],
            ignore_conflicts=True, batch_size=200,
        )  # fmt: skip
    return len(mine)


def _plain(line: RoundAccount) -> tuple[Any, ...]:
    """Return the columns of _LINE as the database takes them, then the key: the mapper's own update costs twice the judging."""
    return (
        stamp_or_none(line.judged_at), line.state, stamp_or_none(line.last_post_at), line.days_silent, line.weeks, line.posts_year,
        line.longest_gap_days, line.pack, line.word, dumps(line.outcomes), dumps(line.evidence), line.pk,
    )  # fmt: skip


def _in_scope(organ: Organ, wanted: Mapping[str, str], at: datetime, failed: set[int]) -> Iterator[Account]:
    """Yield the accounts to inspect, then the failures that `wanted` leaves out.

    In the jurisdiction, binding (只登记 is in no count), opened and not closed by the check point: whoever is not has left the scope,
    failure or no, and the next comparison names it with the cause.
    """
    day = (at + timedelta(hours=8)).date()
    whole = Account.objects.filter(any_within(["owner_path", "supervisor_path"], [organ.path])).exclude(scope=Scope.LISTED)
    whole = whole.filter(Q(closed_on=None) | Q(closed_on__gt=day)).filter(Q(opened_on=None) | Q(opened_on__lte=day))
    found = whole
    for name in ("platform", "scope"):
        if name in wanted:
            found = found.filter(**{name: wanted[name]})
    if "level" in wanted:
        found = found.filter(owner__level=wanted["level"])
    if "place" in wanted:
        place = Organ.objects.filter(public_id=wanted["place"]).first()
        if place is None:
            raise QiguanError("找不到这个单位", place="检查范围", remedy="请从列表里选")
        found = found.filter(any_within(["owner_path", "supervisor_path"], [place.path]))
    seen = set[int]()
    for account in found.select_related("owner").order_by("owner_path", "pk").iterator(chunk_size=2000):
        seen.add(account.pk)
        yield account
    rest = Account.objects.filter(pk__in=among(sorted(failed - seen))).select_related("owner").order_by("pk")
    again = rest.filter(
        closed_on__lte=day, posts__published_at__date__gt=F("closed_on")
    )  # who posted after its end is looked at again
    yield from rest.filter(Q(pk__in=whole.values("pk")) | Q(pk__in=again.order_by().values("pk")))


def _line(round_: Round, account: Account, why: str) -> RoundAccount:
    return RoundAccount(
        round=round_, account=account, why=why, own=account.owner_id == round_.organ_id, public_id=account.public_id, name=account.name,
        platform=account.platform, platform_id=account.platform_id, owner_name=account.owner.name, owner_path=account.owner_path,
        supervisor_path=account.supervisor_path, level=account.owner.level, scope=account.scope,
    )  # fmt: skip


def _failed(before: Round | None) -> set[int]:
    """Return the accounts that failed in a settled round and whose verdict was not replaced since."""
    if before is None:
        return set()
    found = Verdict.objects.filter(line__round=before, word="不合格", replaced_by=None)
    return set(found.values_list("account_id", flat=True))


def _confirmed(before: Round | None) -> set[tuple[int, str]]:
    if before is None:
        return set()
    return set(before.findings.filter(state=Finding.State.CONFIRMED).values_list("account_id", "rule"))
