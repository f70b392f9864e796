"""`qiguan chase`: send the notices of settled rounds, chase once what is due soon, tell the level above of what is late."""

from __future__ import annotations

import argparse
from datetime import timedelta

from qiguan.core.errors import UnusableInput

_WORDS = {
    "recounted": "期限已算出", "approved": "关停备案同意", "returned": "备案退回", "handed": "移交", "ended": "关停销号", "gone": "账号已关停待销号",
    "passed": "复查通过", "failed": "复查未通过", "untold": "请人复查", "escalated": "转上一级", "reopened": "关停后又有内容",
}  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`--within N` chases what is due within N days; `--open ROUND` sends the notices of a settled round first."""
    parser.add_argument("--within", type=int, default=3, metavar="N", help="催办N天内到期的，每件只催一次（默认3）")
    parser.add_argument("--open", default="", metavar="ROUND", help="先为这个批次（编号）发出整改通知")
    parser.add_argument("--dry-run", action="store_true", help="只说会催哪些，不催")


def run(options: argparse.Namespace) -> int:
    """Do it and say how many."""
    from qiguan.config.commands.django_setup import start

    start()
    from qiguan.core.days import day_of
    from qiguan.core.ticket import TicketState
    from qiguan.inspection.models import Round
    from qiguan.jobs import clock
    from qiguan.rectification.actions.chasing import MOST, chase_tickets
    from qiguan.rectification.actions.tending import tend_tickets
    from qiguan.rectification.actions.tickets import open_tickets
    from qiguan.rectification.models import Ticket

    at = clock.now()
    if not 0 <= options.within <= 60:
        raise UnusableInput("天数要在0到60之间", place="--within", remedy="请改一个数")
    hands = [TicketState.WAITING, TicketState.FIXING]
    soon = Ticket.objects.filter(
        state__in=hands, chased_at=None, due_on__gte=day_of(at), due_on__lte=day_of(at) + timedelta(days=options.within)
    ).select_related("account__owner", "office")
    if options.dry_run:
        for ticket in soon.order_by("due_on", "pk"):
            print(f"{ticket.due_on}  {ticket.owner_name}  {ticket.name}")
        return 0
    if options.open:
        round_ = Round.objects.select_related("organ").filter(public_id=options.open).first()
        if round_ is None:
            raise UnusableInput(f"没有批次{options.open}", place="--open", remedy="批次编号在批次页的地址里")
        print(f"发出{open_tickets(round_=round_, by=None, at=at)}件整改通知")
    for word, n in tend_tickets(at=at).items():
        if n:
            print(f"{_WORDS.get(word, word)}{n}件")
    chased = 0
    while tickets := list(soon.order_by("due_on", "pk")[:MOST]):
        found = chase_tickets(tickets=tickets, by=None, at=at).chased
        chased += found
        if not found:
            break
    print(f"催办{chased}件")
    return 0
