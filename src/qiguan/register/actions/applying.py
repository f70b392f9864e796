"""Import a previewed file, in short transactions; killed half-way it goes on where it stopped.

1. Claim the file and plan it anew. 2. Found the organs it names. 3. In chunks: make, change, and keep every row's fate with
what stood before; new accounts' search pieces follow by thousands. 4. Note ended owners, bad rows, counts, the sender's
columns; the state turns 已导入 in one small swap.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from time import perf_counter, thread_time
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from qiguan.core.errors import QiguanError
from qiguan.core.sheet import Sheet, column_letters
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role
from qiguan.register.actions.accounts import index_many
from qiguan.register.actions.organs import end_named_owners, found_named
from qiguan.register.actions.shares import note_share
from qiguan.register.actions.writing import Writer
from qiguan.register.models import Account, AccountGram, ColumnMemory, SheetFile, SheetRow
from qiguan.register.queries.planning import Plan, Planned, plan_file, replan

CHUNK = 600  # rows in one transaction at most
_LEAST = 150  # below this a commit costs more than its rows
_INDEXED = 4_000  # accounts whose search pieces are written at once
_STEP = 0.08  # seconds that a transaction should take: others may write in between
Fate, State = SheetRow.Fate, SheetFile.State
Moved = Callable[[int, int], None]


def apply_file(
    *, file: SheetFile, by: User | None, at: datetime, moved: Moved | None = None, sheets: Sequence[Sheet] | None = None
) -> SheetFile:
    """Import one sheet. Rows already done are passed over, so that it may be called again after a crash."""
    if by is not None:
        demand_role(by, Role.SUPERVISOR, Role.UNIT_ADMIN, organ=file.organ)
    if not SheetFile.objects.filter(pk=file.pk, state__in=[State.PREVIEW, State.APPLYING]).update(state=State.APPLYING):
        file.refresh_from_db()
        raise QiguanError(
            f"这个文件{file.get_state_display()}，不能再做这一步",
            place=file.name,
            remedy="请刷新页面看看现在的状态",
            code="conflict",
        )
    plan = plan_file(file, sheets=sheets)
    done = set(SheetRow.objects.filter(file=file).values_list("number", flat=True))
    rows = [p for p in plan.rows if p.row.number not in done]
    effects = _found(file, plan, rows, by, at)
    gc.freeze()  # the plan of a large file is millions of objects: not to be walked through while others wait for the lock
    try:
        _write(file, rows, plan, done, at, moved)
    finally:
        gc.unfreeze()
    ended = end_named_owners(
        rows=[p.row for p in rows if p.fate in {Fate.CREATED, Fate.CHANGED, Fate.SAME}], book=plan.book, at=at
    )
    effects["ended"] = [*effects.get("ended", []), *[o.pk for o in ended]]
    return _close(file, plan, effects, by, at)


def _write(
    file: SheetFile, rows: Sequence[Planned], plan: Plan, done: Collection[int], at: datetime, moved: Moved | None
) -> None:
    """Write the rows in transactions as large as the machine does within _STEP."""
    writer = Writer(plan.book, at, later=True)
    writer.unindexed += _unindexed(file) if done else []
    ready, size = 0, min(CHUNK, _LEAST)
    while ready < len(rows):
        wall, cpu = perf_counter(), thread_time()
        _one_chunk(file, rows[ready : ready + size], writer)
        # the machine sets the pace, other work on it only in part
        took = min(perf_counter() - wall, 2 * (thread_time() - cpu))
        ready = min(ready + size, len(rows))
        size = min(CHUNK, max(_LEAST, min(size * 2, int(size * _STEP / max(took, 0.001)))))
        if len(writer.unindexed) >= _INDEXED:
            _index(writer)
        if moved:
            moved(ready, len(rows))
    _index(writer)


def _index(writer: Writer) -> None:
    index_many(writer.unindexed)
    writer.unindexed.clear()


def _unindexed(file: SheetFile) -> list[Account]:
    """Accounts that an import made before it was killed, and that no search finds yet."""
    made = SheetRow.objects.filter(file=file, fate=Fate.CREATED).values("account_id")
    found = AccountGram.objects.filter(account=OuterRef("pk"))
    return list(Account.objects.filter(~Exists(found), pk__in=made).select_related("owner"))


def _found(file: SheetFile, plan: Plan, rows: Sequence[Planned], by: User | None, at: datetime) -> dict[str, list[int]]:
    """Found what the rows name; kept with the file at once, so that undoing knows it even after a crash."""
    levels = {
        str(p.row.values["owner"]): str(p.row.values["level"])
        for p in rows
        if p.row.values.get("owner") and p.row.values.get("level")
    }
    made = found_named(founds=plan.founds, levels=levels, book=plan.book, by=by, at=at)
    effects: dict[str, list[int]] = dict(SheetFile.objects.values_list("effects", flat=True).get(pk=file.pk))
    effects["founded"] = [*effects.get("founded", []), *[o.pk for o in made]]
    SheetFile.objects.filter(pk=file.pk).update(effects=effects)
    return effects


def _one_chunk(file: SheetFile, rows: Sequence[Planned], writer: Writer) -> None:
    """Write a chunk; where somebody else has registered one of its accounts meanwhile, match it anew, once."""
    waiting = len(writer.unindexed)
    try:
        with transaction.atomic():
            writer.write(file, rows)
    except IntegrityError as error:
        del writer.unindexed[waiting:]  # made in vain
        taken = set(SheetRow.objects.filter(file=file, number__in=[p.row.number for p in rows]).values_list("number", flat=True))
        anew = replan([p.row for p in rows if p.row.number not in taken], writer.book)
        try:
            with transaction.atomic():
                writer.write(file, anew)
        except IntegrityError:
            raise QiguanError(
                "有别的导入正在改同样的账号",
                place=file.name,
                remedy="已导入的行都在；请过一会儿再按“导入”接着办",
                code="conflict",
            ) from error


def _close(file: SheetFile, plan: Plan, effects: Mapping[str, Any], by: User | None, at: datetime) -> SheetFile:
    bad: dict[int, list[str]] = {}
    for problem in plan.problems:
        bad.setdefault(problem.row, []).append(str(problem))
    known = set(SheetRow.objects.filter(file=file).values_list("number", flat=True))
    with transaction.atomic():
        fatal = [SheetRow(file=file, number=n, fate=Fate.BAD, problems=texts) for n, texts in bad.items() if n not in known]
        SheetRow.objects.bulk_create(fatal, batch_size=500)
        columns = plan.columns
        ColumnMemory.objects.update_or_create(
            organ=file.organ,
            fingerprint=columns.fingerprint,
            defaults={"mapping": {h: columns.mapping.get(c, "") for c, h in enumerate(columns.headers) if h}, "used_at": at},
        )
        file.state, file.applied_at, file.effects, file.sheet = State.APPLIED, at, dict(effects), plan.sheet.name[:100]
        file.columns = {code: column_letters(c) for c, code in columns.mapping.items()}
        file.counts = count_rows(file)
        file.save(update_fields=["state", "applied_at", "counts", "effects", "columns", "sheet"])
        if file.share is not None:
            note_share(file=file, at=at)
        record_audit(action="apply_file", by=by, at=at, on=file, organ=file.organ, count=len(known) + len(bad) or 1)
    return file


def count_rows(file: SheetFile) -> dict[str, int]:
    """Rows of a file by fate."""
    return dict(Counter(SheetRow.objects.filter(file=file).values_list("fate", flat=True)))
