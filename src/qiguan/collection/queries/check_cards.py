"""What the check screen shows of one account: public columns, where to look, a QR, and the keys for the days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from qiguan.collection.models import CheckTask
from qiguan.collection.queries.checks import last_checks, words_of
from qiguan.core.days import day_of
from qiguan.core.life import USABILITY
from qiguan.core.platforms import PLATFORM_NAMES

WHERE = {
    "wechat_mp": "请在微信里搜", "wechat_channels": "请在微信视频号里搜", "weibo": "请在微博里搜", "douyin": "请在抖音里搜",
    "toutiao": "请在今日头条里搜", "app": "请在应用商店里找，装上打开", "mini_program": "请在微信里搜小程序，打开点几下",
}  # fmt: skip
_QUIET = 2  # modules of white round a QR


def cards_of(tasks: Sequence[CheckTask]) -> list[dict[str, Any]]:
    """Return the cards of tasks of one round, ready for a page or for JSON."""
    if not tasks:
        return []
    before = last_checks([t.account_id for t in tasks], but_of=tasks[0].round)
    cards = []
    for task in tasks:
        account, last = task.account, before.get(task.account_id)
        link = account.link if account.link.startswith(("https://", "http://")) else ""
        cards.append(
            {
                "task": task.pk, "name": account.name, "platform": PLATFORM_NAMES.get(account.platform, account.platform), "where": WHERE.get(account.platform, "请在平台里搜"),
                "id": account.platform_id, "owner": account.owner.name, "link": link, "turn": task.turn, "usable": account.platform in USABILITY, "qr": qr_of(link),
                "before": f"上次{_md(day_of(last.at))}核查：{words_of(last)}" if last is not None else "",
            }
        )  # fmt: skip
    return cards


def _md(day: date) -> str:
    return f"{day.month}月{day.day}日"


def qr_of(link: str) -> dict[str, str] | None:
    """Return a QR as a view box and one path of SVG, None where there is no link."""
    if not link:
        return None
    import segno

    rows = segno.make(link, error="m").matrix
    path = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                path.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run or 1
    side = len(rows) + 2 * _QUIET
    return {"box": f"{-_QUIET} {-_QUIET} {side} {side}", "path": "".join(path)}


def day_keys(today: date, *, point: date | None = None, last: str = "今天") -> list[dict[str, Any]]:
    """Return a key for each day from the Monday that leaves a day beyond two weeks, up to today, which is called `last`.

    `after` marks the days after a check point `point`, whose newest post says nothing of it.

    A post counts to the end of its day, so that the fourteenth day before is still within two weeks.
    """
    first = today - timedelta(days=15)
    first -= timedelta(days=first.weekday())
    keys = []
    for n in range((today - first).days + 1):
        day = first + timedelta(days=n)
        over = (today - day).days > 14
        word = last if day == today and last else f"{day.month}/{day.day}" if over or day.day == 1 else str(day.day)
        label = _md(day) + ("，超过两周" if over else f"，{last}" if day == today and last else "")
        keys.append(
            {
                "iso": day.isoformat(),
                "word": word,
                "over": over,
                "label": label,
                "small": over or len(word) > 2,
                "after": point is not None and day > point,
            }
        )
    return keys
