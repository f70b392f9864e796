"""What could not be told in a round: send people to look, and judge those accounts once more by what they saw."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from qiguan.collection.actions.checks import open_round as open_check_round
from qiguan.collection.models import CheckRound
from qiguan.core.errors import QiguanError
from qiguan.core.verdict import Word
from qiguan.inspection.models import Round, RoundAccount
from qiguan.inspection.queries.rounds import words_of
from qiguan.jobs.many import among
from qiguan.people.actions import record_audit
from qiguan.people.models import Role, User
from qiguan.people.queries import demand_role
from qiguan.register.models import Account


def send_to_look(*, round_: Round, by: User, at: datetime) -> CheckRound:
    """Open a human round over the accounts that the machine could not tell, for the round's check point."""
    demand_role(by, Role.SUPERVISOR, organ=round_.organ)
    accounts = Account.objects.filter(pk__in=among(_untold(round_))).select_related("owner")
    title = f"{round_.title}：未能判定的"
    return open_check_round(
        organ=round_.organ, title=title, accounts=accounts, seed=secrets.token_hex(8), point=round_.at, by=by, at=at
    )


def ask_again(*, round_: Round, by: User, at: datetime) -> int:
    """Mark the accounts that could not be told as not yet judged, so that judging goes over them; return how many.

    Only while people decide: nothing is settled yet. What was decided stays. Raises QiguanError otherwise, or where none is left.
    """
    demand_role(by, Role.SUPERVISOR, organ=round_.organ)
    with transaction.atomic():
        if Round.objects.filter(pk=round_.pk, stage=Round.Stage.REVIEWING).update(stage=Round.Stage.JUDGING) != 1:
            raise QiguanError(
                f"“{round_.title}”{round_.get_stage_display()}，不能再判", place=round_.title, remedy="定案以后请用更正"
            )
        found = _untold(round_)
        if not found:
            raise QiguanError("没有未能判定的账号", place=round_.title, remedy="可以定案了")
        lines = RoundAccount.objects.filter(round=round_, account__in=among(found))
        lines.update(judged_at=None)
        record_audit(action="ask_again", by=by, at=at, on=round_, organ=round_.organ, count=len(found))
    round_.refresh_from_db()
    return len(found)


def _untold(round_: Round) -> list[int]:
    return list(words_of(round_).filter(said=Word.UNTOLD).order_by().values_list("account", flat=True))
