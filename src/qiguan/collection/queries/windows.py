"""One account's front door as a table: what people tried in the human round, and what a machine tried by link."""

from __future__ import annotations

from datetime import datetime

from qiguan.collection.models import HumanCheck, WindowItem, WindowLook
from qiguan.core.life import USABILITY
from qiguan.core.window import LASTING, Line, Look, Part, window_lines
from qiguan.register.models import Account


def window_of(account: Account, *, at: datetime) -> list[Line]:
    """Return the table's lines. `proof` of a line is the digest of the stored copy; people are called by what they did."""
    items = list(WindowItem.objects.filter(account=account, removed_at=None).order_by("part", "pk"))
    looks = [
        Look(Part(row.item.part), row.last_at, row.works, "机器", row.item.label, row.because, row.blob)
        for row in WindowLook.objects.filter(item__in=items, last_at__gte=at - LASTING).select_related("item")
    ]
    for check in HumanCheck.objects.filter(account=account, at__gte=at - LASTING, at__lte=at):
        menu = None if account.platform in USABILITY else check.menu  # of an app it says whether the app itself works
        said = {Part.MENU: menu, Part.MESSAGE_BOX: check.message_box, **{Part(k): v for k, v in check.window.items()}}
        looks += [
            Look(part, check.at, works, "人工核查", proof=check.screenshot) for part, works in said.items() if works is not None
        ]
    return window_lines([(Part(item.part), item.label) for item in items], looks, at=at)
