"""What became of a message, in the order in which it happened: the same lines for the citizen and for officials, who see one more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from qiguan.core.days import say_day
from qiguan.core.holding import HOLD_RULE
from qiguan.dialogue.models import Message, Reply, Transfer
from qiguan.intake.models import Hold


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the story: an icon's name, what happened, when, and quietly what was said."""

    icon: str
    title: str
    at: datetime
    notes: Sequence[str] = ()


_SAID = {
    Transfer.Sort.ADDRESSED: "交给{to}办",
    Transfer.Sort.MACHINE: "按内容分给{to}办",
    Transfer.Sort.ROUTED: "分给{to}办",
    Transfer.Sort.UP: "由上一级{to}办，不转给被说到的单位",
    Transfer.Sort.RETURNED: "{start}退回，重新分办",
    Transfer.Sort.RAISED: "上报一级，由{to}办",
}


def lines_of(message: Message, *, for_officials: bool = False) -> list[Line]:
    """Return the lines, oldest first."""
    rows = [Line("check", f"收到（{message.get_way_display()}）", message.received_at, [message.due_because])]
    if message.hold is not None:
        rows += _hold_lines(message.hold)
    for transfer in message.transfers.select_related("to", "start"):
        words = _SAID[Transfer.Sort(transfer.sort)].format(to=transfer.to, start=transfer.start or "承办单位")
        rows.append(Line("right", words, transfer.at, [w for w in (transfer.why, "期限不重新算" if transfer.start else "") if w]))
    for reply in message.replies.filter(state=Reply.State.SENT).select_related("organ"):
        rows.append(Line("doc", f"{reply.organ}答复", reply.sent_at or reply.written_at))
    for look in message.looks.all():
        who = f"{look.organ_name}的工作人员查看了{look.get_what_display()}"
        rows.append(Line("eye", who, look.at, [f"理由：{look.why}"]))
    if message.marked_at and message.mark:
        rows.append(
            Line(
                "pen",
                f"您说：答到点子上了吗，{message.get_mark_display()}",
                message.marked_at,
                [w for w in (message.mark_words,) if w],
            )
        )
    if message.reopened_at:
        day = f"{say_day(message.due_on)}前再答复" if message.due_on else message.due_because
        rows.append(Line("undo", "再开了一次", message.reopened_at, [day]))
    if message.order_at and message.order_no and for_officials:
        rows.append(Line("link", f"12345工单{message.order_no}", message.order_at))
    if message.released_at:
        rows.append(Line("eye", "文字公开", message.released_at))
    if message.deleted_at:
        rows.append(Line("x", "按本人的意思删去了内容，只留日期", message.deleted_at))
    return sorted(rows, key=lambda row: row.at)


def _hold_lines(hold: Hold) -> list[Line]:
    rule = HOLD_RULE[hold.rule]
    rows = [Line("clock", f"暂存：{rule.title}", hold.held_at, [rule.why, rule.mend])]
    if hold.appealed_at:
        rows.append(Line("pen", "申诉", hold.appealed_at, [hold.appeal] if hold.appeal else []))
    if hold.decided_at:
        words = "复核后放行，照常办理" if hold.state == Hold.State.RELEASED else "复核后维持暂存"
        rows.append(Line("seal", words, hold.decided_at, [hold.reason] if hold.reason else []))
    return rows
