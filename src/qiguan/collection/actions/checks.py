"""The human round 人工核查: open it, hand out accounts, keep what people saw.

No two people get one account (a lease on machine time); five per cent, drawn by lot, are looked at by a second
person. A record sent twice is kept once (`client_key`, made where it was made).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from qiguan.archive.actions import store_blob
from qiguan.collection.actions.touched import touch_accounts
from qiguan.collection.models import CheckRound, CheckTask, HumanCheck
from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.facts import Said
from qiguan.core.sampling import draw, share_of
from qiguan.jobs import clock
from qiguan.people.actions import record_audit
from qiguan.people.models import Organ, Role, User
from qiguan.people.queries import demand_role
from qiguan.register.models import Account

HOLD = timedelta(hours=8)  # a morning without a network
DOUBLE_PERCENT = 5
MAY_CHECK = (Role.CHECKER, Role.SUPERVISOR, Role.UNIT_ADMIN)
OLDEST = timedelta(days=30)  # a record that a phone kept longer is asked about, not lost


@dataclass(frozen=True, slots=True)
class Seen:
    """What a person saw. `newest_at`: end of the day where only the day is known."""

    said: Said
    newest_at: datetime | None = None
    precision: str = "day"
    new_name: str = ""
    message_box: bool | None = None
    menu: bool | None = None
    note: str = ""


def open_round(*, organ: Organ, title: str, accounts: Iterable[Account], seed: str, by: User | None, at: datetime) -> CheckRound:
    """Open a round over these accounts; the second looks are drawn with the seed, which is kept and shown."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=organ)
    chosen = sorted(accounts, key=lambda a: (a.platform, a.owner_path, a.pk))
    if not chosen:
        raise QiguanError("没有选到账号", place="核查范围", remedy="放宽条件再试")
    doubled = set(draw([a.public_id for a in chosen], seed=seed, count=share_of(len(chosen), percent=DOUBLE_PERCENT)))
    with transaction.atomic():
        round_ = CheckRound.objects.create(
            organ=organ, organ_path=organ.path, title=title.strip()[:120] or "人工核查", opened_at=at, opened_by=by, seed=seed
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
    """Hand out up to `most` accounts that nobody holds, those this person already holds first. A second look never goes to the first looker."""
    demand_role(by, *MAY_CHECK, organ=round_.organ)
    now = clock.machine_now()
    if round_.closed_at is not None:
        return []
    open_tasks = CheckTask.objects.filter(round=round_, done_at=None)
    with transaction.atomic():
        mine = list(open_tasks.filter(held_by=by).order_by("position").values_list("pk", flat=True)[:most])
        if len(mine) < most:
            first_by_me = HumanCheck.objects.filter(task__round=round_, by=by).values("account")
            held_by_me = open_tasks.filter(held_by=by).values("account")
            free = open_tasks.filter(Q(held_until=None) | Q(held_until__lt=now)).exclude(held_by=by)
            free = free.exclude(turn=2, account__in=first_by_me).exclude(turn=2, account__in=held_by_me).exclude(pk__in=mine)
            mine += (
                list(
                    free.order_by("position").select_for_update(skip_locked=True).values_list("pk", flat=True)[: most - len(mine)]
                )
                if _locks()
                else list(free.order_by("position").values_list("pk", flat=True)[: most - len(mine)])
            )
        CheckTask.objects.filter(pk__in=mine).update(held_by=by, held_until=now + HOLD)
    return list(CheckTask.objects.filter(pk__in=mine).select_related("account", "account__owner").order_by("position"))


def _locks() -> bool:
    from django.db import connection

    return bool(connection.features.has_select_for_update_skip_locked)


def give_back(*, round_: CheckRound, by: User) -> int:
    """Give back what the person still holds, so that others can take it."""
    return CheckTask.objects.filter(round=round_, held_by=by, done_at=None).update(held_by=None, held_until=None)


def record_check(
    *,
    account: Account,
    seen: Seen,
    client_key: str,
    looked_at: datetime,
    screenshot: bytes = b"",
    task: CheckTask | None = None,
    came_by: str = "page",
    hand: str = "",
    by: User | None,
    at: datetime,
) -> HumanCheck:
    """Keep what a person saw. The same `client_key` again returns the record already kept. `looked_at` is when they looked.

    A phone whose clock runs ahead is taken at `at`; a record in contradiction with itself is refused with words.
    """
    if by is not None:
        demand_role(by, *MAY_CHECK, organ=account.owner)
    if not client_key or len(client_key) > 40:
        raise UnusableInput("记录没有编号", place="client_key", remedy="请重新打开核查页")
    known = HumanCheck.objects.filter(client_key=client_key).first()
    if known is not None:
        return known
    moment, note = _moment(looked_at, seen.note, at)
    if seen.said is Said.NEWEST and seen.newest_at is None:
        raise UnusableInput("没有选最近一篇是哪天", place="日期", remedy="点一个日子，或选“从未发布”等")
    if seen.newest_at is not None and seen.newest_at > moment + timedelta(days=1):
        raise UnusableInput("最近一篇的日期在核查时间之后", place="日期", remedy="请核对日期")
    digest = store_blob(data=without_exif(screenshot), media_type="image/jpeg", at=at).digest if screenshot else ""
    with transaction.atomic():
        check, made = HumanCheck.objects.get_or_create(
            client_key=client_key,
            defaults={
                "account": account, "task": task, "at": moment, "by": by, "hand": hand or (f"人工核查（{by}）" if by else "人工核查"), "said": seen.said,
                "newest_at": min(seen.newest_at, moment) if seen.newest_at and seen.precision != "day" else seen.newest_at, "newest_precision": seen.precision,
                "new_name": seen.new_name[:120], "message_box": seen.message_box, "menu": seen.menu, "note": note[:400], "screenshot": digest, "came_by": came_by, "stored_at": at,
            },
        )  # fmt: skip
        if made:
            if task is not None:
                CheckTask.objects.filter(pk=task.pk).update(done_at=at, held_until=None)
            touch_accounts([account.pk], at)
            record_audit(action="record_check", by=by, at=at, on=check, organ=account.owner, fields=["said", "newest_at"])
    return check


def _moment(looked_at: datetime, note: str, at: datetime) -> tuple[datetime, str]:
    if looked_at > at:
        return at, note
    if at - looked_at > OLDEST:
        return looked_at, f"{note}（手机里放了{(at - looked_at).days}天才传上来）".strip()
    return looked_at, note


def without_exif(data: bytes) -> bytes:
    """Re-encode a screenshot: no EXIF, no place, no camera. Refuses what is no picture or far too large."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = 50_000_000
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.format not in {"JPEG", "PNG", "WEBP", "GIF", "BMP"} or picture.width * picture.height > 50_000_000:
                raise UnusableInput("图片太大或格式不认识", place="截图", remedy="请传JPG或PNG截图")
            plain = ImageOps.exif_transpose(picture).convert("RGB")
            plain.thumbnail((2400, 4800))
            out = io.BytesIO()
            plain.save(out, "JPEG", quality=85)
            return out.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError, SyntaxError) as error:
        raise UnusableInput("这不是能打开的图片", place="截图", remedy="请传JPG或PNG截图") from error


def close_round(*, round_: CheckRound, by: User | None, at: datetime) -> CheckRound:
    """End the round; what is not done stays undone and is counted so."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=round_.organ)
    with transaction.atomic():
        CheckRound.objects.filter(pk=round_.pk, closed_at=None).update(closed_at=at)
        CheckTask.objects.filter(round=round_, done_at=None).update(held_by=None, held_until=None, position=F("position"))
        record_audit(action="close_round", by=by, at=at, on=round_, organ=round_.organ)
    round_.refresh_from_db()
    return round_
