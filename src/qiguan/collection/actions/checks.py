"""The human round 人工核查: open it, hand out accounts, keep what people saw.

No two people get one account (a lease on machine time); five per cent, drawn by lot, are looked at by a second
person. A record sent twice is kept once (`client_key`, made where it was made). What was seen is evidence and is
kept even where it does not count in the round: late, or twice by one person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from qiguan.archive.actions import store_blob
from qiguan.collection.actions.screenshots import without_exif
from qiguan.collection.actions.touched import touch_accounts
from qiguan.collection.models import CheckRound, CheckTask, HumanCheck
from qiguan.core.days import day_of, say
from qiguan.core.errors import NotPermitted, QiguanError, UnusableInput
from qiguan.core.facts import Said
from qiguan.core.life import USABILITY
from qiguan.core.sampling import draw, share_of
from qiguan.core.written_dates import SHANGHAI
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role, has_role
from qiguan.register.models import Account

HOLD = timedelta(hours=8)  # a morning without a network
HOLD_ONE = timedelta(minutes=30)  # a page left open
DOUBLE_PERCENT = 5
MAY_CHECK = (Role.CHECKER, Role.SUPERVISOR, Role.UNIT_ADMIN)
OLDEST = timedelta(days=30)  # a record that a phone kept longer is kept, with a word
SKEW = timedelta(minutes=5)  # clocks may differ so much without a word
LATE = "本轮结束后才传上来，不算进这一轮"
TWICE = "同一个人看了两遍，不算复核"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person saw. `newest_at`: end of the day where only the day is known; None for apps, which are used, not read."""

    said: Said
    newest_at: datetime | None = None
    precision: str = "day"
    new_name: str = ""
    message_box: bool | None = None
    menu: bool | None = None
    note: str = ""
    window: Mapping[str, bool] = field(default_factory=dict)  # other parts of the front door that were tried: core.window.Part
    before_said: str = ""  # of the time up to the round's check point: newest, never, unclear; "" where nothing was said
    before_at: datetime | None = None  # end of the day of the newest post up to it

    def asks_before(self, point: datetime | None) -> bool:
        """Say whether the newest post says nothing of the check point, so that one more question is due."""
        return point is not None and self.newest_at is not None and self.newest_at > point


def open_round(
    *,
    organ: Organ,
    title: str,
    accounts: Iterable[Account],
    seed: str,
    point: datetime | None = None,
    by: User | None,
    at: datetime,
) -> CheckRound:
    """Open a round over these accounts of the organ; the second looks are drawn with the seed, which is kept and told.

    `point`: the check point of the inspection it is looked for: who sees a newer post is asked for the newest before it.

    Raises QiguanError where no account is given or one lies outside the organ, NotPermitted for who does not manage it.
    """
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    chosen = sorted({a.pk: a for a in accounts}.values(), key=lambda a: (a.platform, a.owner_path, a.pk))
    if not chosen:
        raise QiguanError("没有选到账号", place="核查范围", remedy="放宽条件再试")
    foreign = [a.name for a in chosen if not (a.owner_path.startswith(organ.path) or a.supervisor_path.startswith(organ.path))]
    if foreign:
        raise QiguanError(f"“{foreign[0]}”等{len(foreign)}个账号不归{organ.name}", place="核查范围", remedy="请另选范围")
    doubled = set(draw([a.public_id for a in chosen], seed=seed, count=share_of(len(chosen), percent=DOUBLE_PERCENT)))
    with transaction.atomic():
        round_ = CheckRound.objects.create(
            organ=organ,
            organ_path=organ.path,
            title=title.strip()[:120] or "人工核查",
            opened_at=at,
            opened_by=by,
            seed=seed,
            point=point,
        )
        tasks = [CheckTask(round=round_, account=a, turn=1, position=n) for n, a in enumerate(chosen)]
        tasks += [
            CheckTask(round=round_, account=a, turn=2, position=len(chosen) + n)
            for n, a in enumerate(chosen)
            if a.public_id in doubled
        ]
        CheckTask.objects.bulk_create(tasks, batch_size=500)
        record_audit(action="open_round", by=by, at=at, on=round_, organ=organ, count=len(tasks))
    return round_


def hold_next(*, round_: CheckRound, by: User, most: int) -> list[CheckTask]:
    """Hand out up to `most` accounts that nobody holds, those this person already holds first.

    Nobody gets both looks at one account. The lease runs on machine time: half an hour for one, eight hours for a batch.
    """
    demand_role(by, *MAY_CHECK, organ=round_.organ)
    if round_.closed_at is not None:
        return []
    now = clock.machine_now()
    open_tasks = CheckTask.objects.filter(round=round_, done_at=None)
    with transaction.atomic():
        mine = list(open_tasks.filter(held_by=by).order_by("position").values_list("pk", flat=True)[:most])
        if len(mine) < most:
            looked = HumanCheck.objects.filter(task__round=round_, by=by).values("account")
            held = open_tasks.filter(held_by=by).values("account")
            free = open_tasks.filter(Q(held_by=None) | Q(held_until=None) | Q(held_until__lt=now))
            free = free.exclude(held_by=by).exclude(account__in=looked).exclude(account__in=held).order_by("position")
            if connection.features.has_select_for_update_skip_locked:
                free = free.select_for_update(skip_locked=True)
            accounts = set[int]()
            for pk, account in free.values_list("pk", "account_id")[: 2 * most]:  # an account has two looks at most
                if account not in accounts and len(mine) < most:
                    accounts.add(account)
                    mine.append(pk)
        until = now + (HOLD_ONE if most == 1 else HOLD)
        CheckTask.objects.filter(pk__in=mine).filter(Q(held_until=None) | Q(held_until__lt=until) | ~Q(held_by=by)).update(
            held_by=by, held_until=until
        )
    return list(CheckTask.objects.filter(pk__in=mine).select_related("account", "account__owner", "round").order_by("position"))


def give_back(*, round_: CheckRound, by: User) -> int:
    """Give back what the person still holds, so that others can take it. Return how many."""
    return CheckTask.objects.filter(round=round_, held_by=by, done_at=None).update(held_by=None, held_until=None)


def record_check(
    *,
    account: Account,
    seen: Seen,
    client_key: str,
    looked_at: datetime,
    looked_day_precise: bool = False,
    screenshot: bytes = b"",
    task: CheckTask | None = None,
    came_by: str = "page",
    hand: str = "",
    by: User | None,
    at: datetime,
) -> HumanCheck:
    """Keep what a person saw. The same `client_key` again returns the record already kept. `looked_at` is when they looked; with
    `looked_day_precise`, the end of the day on which they did.

    A clock that is wrong is told in the note, a record that contradicts itself is refused with words. A record that came
    after its round ended, or is a second look by the first looker, is kept without its task.
    """
    if by is not None and not any(has_role(by, *MAY_CHECK, organ=o) for o in (account.owner, account.supervisor) if o):
        raise NotPermitted("您的角色不能核查这个账号", place=account.name, remedy="请联系监管员", code="forbidden")
    if not client_key or len(client_key) > 40:
        raise UnusableInput("记录没有编号", place="client_key", remedy="请重新打开核查页")
    if task is not None and task.account_id != account.pk:
        raise UnusableInput("记录和账号对不上", place=account.name, remedy="请重新打开核查页")
    known = HumanCheck.objects.filter(client_key=client_key).first()
    if known is not None:
        if known.account_id != account.pk:
            raise UnusableInput("这个编号已经用在别的账号上", place=account.name, remedy="请重新打开核查页再记一次")
        return known
    moment, words = _moment(looked_at, seen, task, came_by, at)
    _demand_sense(seen, account, moment)
    point = task.round.point if task is not None and seen.asks_before(task.round.point) and seen.before_said else None
    if point is not None and seen.before_at is not None and day_of(seen.before_at) > day_of(point):
        raise UnusableInput(
            f"写的是{say(seen.before_at)}，在监测时间点{say(point)}之后",
            place="监测时间点以前最近一篇",
            remedy="请核对日期；没有就选“没有”",
        )
    digest = store_blob(data=without_exif(screenshot), media_type="image/jpeg", at=at).digest if screenshot else ""
    with transaction.atomic():
        counted, why = _counted(task, by)
        note = "；".join(w for w in (seen.note, words, why) if w)
        check, made = HumanCheck.objects.get_or_create(
            client_key=client_key,
            defaults={
                "account": account, "task": counted, "at": moment, "at_precision": "day" if looked_day_precise else "minute", "by": by, "hand": hand or (f"人工核查（{by}）" if by else "人工核查"), "said": seen.said,
                "newest_at": min(seen.newest_at, moment) if seen.newest_at and seen.precision != "day" else seen.newest_at, "newest_precision": seen.precision,
                "new_name": seen.new_name[:120], "message_box": seen.message_box, "menu": seen.menu, "window": dict(seen.window), "note": note[:400], "screenshot": digest, "came_by": came_by, "stored_at": at,
                "point": point, "before_said": seen.before_said if point else "", "before_at": seen.before_at if point else None,
            },
        )  # fmt: skip
        if made:
            if counted is not None:
                CheckTask.objects.filter(pk=counted.pk, done_at=None).update(done_at=at, held_until=None)
            touch_accounts([account.pk], at)
            record_audit(action="record_check", by=by, at=at, on=check, organ=account.owner, fields=["said", "newest_at"])
    return check


def _moment(looked_at: datetime, seen: Seen, task: CheckTask | None, came_by: str, at: datetime) -> tuple[datetime, str]:
    """Return when the look counts, and a word where the clock or the way here was odd."""
    if came_by == "sheet":
        if looked_at > at + timedelta(days=1):  # a day without a time is its 24:00
            raise UnusableInput("核查时间还没有到", place="核查时间", remedy="请核对这一格的日期")
        return min(looked_at, at), ""
    if looked_at > at:
        return at, "手机的钟快了，按收到的时间记" if looked_at > at + SKEW else ""
    opened = task.round.opened_at if task is not None else None
    if opened is not None and looked_at < opened - SKEW:
        newest = min(seen.newest_at, at) if seen.newest_at else opened
        return min(max(opened, newest), at), "手机的钟慢了，按本轮开始的时间记"
    if at - looked_at > OLDEST:
        return looked_at, f"看过{(at - looked_at).days}天才传上来"
    return looked_at, ""


def _demand_sense(seen: Seen, account: Account, moment: datetime) -> None:
    if seen.said is Said.NEWEST and seen.newest_at is None and account.platform not in USABILITY:
        raise UnusableInput("没有选最近一篇是哪天", place="最近一篇", remedy="点一个日子，或选“从未发布”等")
    if seen.said is Said.RENAMED and not seen.new_name:
        raise UnusableInput("选了“改名了”，没有写现在叫什么", place="现在叫什么", remedy="请写新名称")
    if seen.newest_at is not None and day_of(seen.newest_at) > moment.astimezone(SHANGHAI).date():
        raise UnusableInput(
            f"最近一篇写的是{say(seen.newest_at)}，在核查时间之后", place="最近一篇", remedy="请核对日期；手机的日期不对请先校准"
        )


def _counted(task: CheckTask | None, by: User | None) -> tuple[CheckTask | None, str]:
    """Return the task that a look settles; None with the reason where it is evidence only."""
    if task is None:
        return None, ""
    now = CheckTask.objects.select_related("round").get(pk=task.pk)
    if now.round.closed_at is not None:
        return None, LATE
    other = HumanCheck.objects.filter(task__round=now.round_id, task__account=now.account_id, by=by).exclude(task=now)
    if by is not None and other.exists():
        return None, TWICE
    return now, ""


def close_round(*, round_: CheckRound, by: User | None, at: datetime) -> CheckRound:
    """End the round; what is not done stays undone and is counted so."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=round_.organ)
    with transaction.atomic():
        if CheckRound.objects.filter(pk=round_.pk, closed_at=None).update(closed_at=at):
            CheckTask.objects.filter(round=round_, done_at=None).update(held_by=None, held_until=None)
            record_audit(action="close_round", by=by, at=at, on=round_, organ=round_.organ)
    round_.refresh_from_db()
    return round_
