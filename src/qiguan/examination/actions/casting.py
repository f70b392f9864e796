"""Put a ballot into the box: the code is spent and the ballot stored in one step, and nothing links the two afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import F

from qiguan.core.errors import QiguanError, UnusableInput
from qiguan.core.marking import GRADES, Mark, written
from qiguan.examination.actions.mixing import forget_freed_space, mix_pool
from qiguan.examination.ballots import Ballot, Code, OpenHour, OpenSource, Panel, PaperEntry, SpentCode
from qiguan.examination.keys import digest, typed
from qiguan.examination.models import Candidate, Phase, Season
from qiguan.intake.actions.allow import Rate, demand_room
from qiguan.intake.proof_of_work import holds

LASTS = timedelta(days=1)  # of a form
TRIES = Rate(60, timedelta(hours=1))  # codes tried from one address: an office or a household shares one
OPEN_BALLOTS = Rate(20, timedelta(hours=1))  # of one address, in the open panel
MOST_A_SOURCE = 3  # ballots of one address for one candidate that raise no doubt: a household
_FORM = Signer(salt="qiguan.examination.ballot")


@dataclass(frozen=True, slots=True)
class Said:
    """What a ballot says: the account as a whole, each question of the paper in order, the voter's group (0: not said)."""

    grade: int
    marks: Sequence[Mark]
    group: int = 0


def make_ballot_form(*, now: datetime) -> str:
    """Return a form's one-time key, which is also the challenge of its work. Stored nowhere; it says nothing about who asked."""
    return _FORM.sign(f"{int(now.timestamp())}.{secrets.token_urlsafe(12)}")


def _demand_form(key: str, now: datetime) -> None:
    try:
        made = int(_FORM.unsign(key[:200]).partition(".")[0])
    except (BadSignature, ValueError):
        made = 0
    if not timedelta(0) <= now - datetime.fromtimestamp(made, now.tzinfo) <= LASTS:
        raise UnusableInput("这一页放得太久了", remedy="请重新打开这一页再填一次")


def candidate_of_code(*, season: Season, code: str, visitor: str, at: datetime, now: datetime) -> Candidate:
    """Return whom a letter's code may mark. Raises QiguanError for a code that is not ours or is spent, TooMany for many tries."""
    demand_room(what="examination code", who=visitor, rate=TRIES, now=now)
    demand_marking(season, at)
    name = digest("code", season.public_id, _read(code))
    found = Candidate.objects.filter(season=season, codes__digest=name).select_related("season").first()
    if found is None:
        raise _unknown(name)
    return found


def demand_marking(season: Season, at: datetime) -> None:
    """Raise QiguanError where it is not the time for marks."""
    if season.phase(at) != Phase.MARKING:
        raise UnusableInput("现在不是评分的时候", place=season.title, remedy="评分的起止日期写在这一季的页面上")


def cast_invited(*, season: Season, code: str, said: Said, form_key: str, visitor: str, at: datetime, now: datetime) -> Candidate:
    """Spend a letter's code and store its ballot; return whom it marked. The same code and form again change nothing.

    1. Lock the candidate: ballots of one candidate come one after another. 2. Delete the code's row. 3. Store its digest in
    the spent set and the ballot in the box. 4. Write both pools anew. Raises QiguanError where the code is not ours, or was
    spent with another form; TooMany for many tries.
    """
    demand_room(what="examination code", who=visitor, rate=TRIES, now=now)
    _demand_form(form_key, now)
    name = digest("code", season.public_id, _read(code))
    form = digest("form", name, form_key)
    candidate = Candidate.objects.filter(season=season, codes__digest=name).first()
    if candidate is not None:
        said = checked(season, said)
        if put_in_box(candidate=candidate, code_digest=name, form=form, said=said, at=at):
            return candidate
    spent = SpentCode.objects.filter(digest=name, form=form).select_related("candidate").first()
    if spent is None:
        raise _unknown(name)
    return spent.candidate


def put_in_box(*, candidate: Candidate, code_digest: str, form: str, said: Said, at: datetime) -> bool:
    """Spend the code known by its digest and store the ballot; False where somebody has spent it meanwhile."""
    forget_freed_space_on_sqlite()
    with transaction.atomic():
        held = _locked(candidate)
        demand_marking(held.season, at)
        if not Code.objects.filter(candidate=held, digest=code_digest).delete()[0]:
            return False
        PaperEntry.objects.filter(digest=code_digest).delete()  # typed once: now answered otherwise, or by this second typing
        SpentCode.objects.create(candidate=held, panel=Panel.INVITED, digest=code_digest, form=form)
        Ballot.objects.create(candidate=held, panel=Panel.INVITED, grade=said.grade, marks=written(said.marks), group=said.group)
        mix_pool(candidate=held, panel=Panel.INVITED)
    return True


def cast_open(
    *, candidate: Candidate, said: Said, form_key: str, work: str, visitor: str, marked_here: bool, at: datetime, now: datetime
) -> bool:
    """Store a ballot of the open panel; False where this very form was stored before.

    `work` answers the form's challenge; without it the ballot is 未核验. `marked_here`: the device's cookie says it marked this
    candidate before. A doubt is stored with the ballot and shown; nothing is thrown away.
    """
    _demand_form(form_key, now)
    said = checked(candidate.season, said)
    form = digest("form", candidate.public_id, form_key)
    if SpentCode.objects.filter(digest=form).exists():  # a retry uses up no allowance
        return False
    demand_room(what="examination open", who=visitor, rate=OPEN_BALLOTS, now=now)
    source = digest("source", candidate.public_id, visitor)
    forget_freed_space_on_sqlite()
    with transaction.atomic():
        held = _locked(candidate)
        demand_marking(held.season, at)
        if SpentCode.objects.filter(digest=form).exists():
            return False
        times = _count_source(held, source, at)
        doubt = Ballot.Doubt.DEVICE if marked_here else Ballot.Doubt.SOURCE if times > MOST_A_SOURCE else Ballot.Doubt.NONE
        SpentCode.objects.create(candidate=held, panel=Panel.OPEN, digest=form, form=form)
        Ballot.objects.create(
            candidate=held,
            panel=Panel.OPEN,
            grade=said.grade,
            marks=written(said.marks),
            verified=holds(form_key, work),
            doubt=doubt,
        )
        mix_pool(candidate=held, panel=Panel.OPEN)
    return True


def checked(season: Season, said: Said) -> Said:
    """Return what a ballot says, or raise QiguanError: the account as a whole must be graded, the paper's questions may be left."""
    if not 1 <= said.grade <= len(GRADES):
        raise UnusableInput("还没有给这个账号打总分", place="总的满意程度", remedy="请选一个")
    asked = season.paper.questions.count()
    if len(said.marks) != asked:
        raise UnusableInput("题数对不上", place="试卷", remedy="请重新打开这一页")
    if not 0 <= said.group <= len(season.groups):
        raise UnusableInput("没有这一组", place="人群", remedy="请从列出的里面选，或者不填")
    return said


def forget_freed_space_on_sqlite() -> None:
    """Ask SQLite to overwrite what it deletes; PostgreSQL vacuums when the season is counted."""
    from django.db import connection

    if connection.vendor == "sqlite":
        forget_freed_space()


def _locked(candidate: Candidate) -> Candidate:
    return Candidate.objects.select_for_update(of=("self",)).select_related("season").get(pk=candidate.pk)


def _count_source(candidate: Candidate, source: str, at: datetime) -> int:
    row, _ = OpenSource.objects.get_or_create(candidate=candidate, source=source)
    OpenSource.objects.filter(pk=row.pk).update(times=F("times") + 1)
    hour, _ = OpenHour.objects.get_or_create(candidate=candidate, hour=at.replace(minute=0, second=0, microsecond=0))
    OpenHour.objects.filter(pk=hour.pk).update(times=F("times") + 1)
    return row.times + 1


def _read(code: str) -> str:
    found = typed(code)
    if not found:
        raise UnusableInput("码不对", place="信上的码", remedy="信上是三组、每组四个字母或数字，请再输一遍")
    return found


def _unknown(name: str) -> QiguanError:
    if SpentCode.objects.filter(digest=name).exists():
        return UnusableInput("这个码已经用过了", place="信上的码", remedy="一码只能评一次；不是您用的，可以告诉监管单位")
    return UnusableInput("没有这个码", place="信上的码", remedy="请照信上的再输一遍")
