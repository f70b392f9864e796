"""Posts that somebody hands to us, row by row: what can be read becomes Items, what cannot becomes words by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from qiguan.core.post_key import post_key
from qiguan.core.source import Item, Outcome, Reading
from qiguan.core.written_dates import PostedAt

code = ""  # no connector of its own

AHEAD = timedelta(days=1)  # a clock may be wrong by so much; more is a mistake


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be taken. `fatal`: the row was left out; otherwise it was taken without that value."""

    number: int  # of the row, from 1 as its sender counts
    place: str
    message: str
    remedy: str
    fatal: bool = True

    def __str__(self) -> str:
        """Read as one line."""
        return f"{self.place}：{self.message}。{self.remedy}"


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed over: the Reading to store, and problems by row."""

    reading: Reading
    problems: tuple[Problem, ...] = ()


def item_given(
    *,
    heading: str,
    link: str,
    posted: PostedAt | None,
    ident: str = "",
    pushed: bool | None = None,
    deleted: bool = False,
    at: datetime,
) -> Item | str:
    """Return the Item, or what is wrong with it. Without a readable time a post proves nothing and is refused."""
    title = " ".join(heading.split())[:300]
    url = "".join(link.split())
    if posted is None:
        return "没有写发布时间，或读不出来"
    if posted.at > at + AHEAD:
        return "发布时间在将来"
    if url and not url.startswith(("http://", "https://")):
        return "链接不是http或https地址"
    key = post_key(url=url, official_id=ident, title=title, at=posted.at)
    if not key:
        return "标题、链接和编号都没有"
    return Item(key, title, url[:1000], posted, ident[:300], pushed, deleted=deleted)


def reading_of(
    items: Iterable[Item],
    *,
    dropped: int,
    name: str = "",
    covers_from: datetime | None = None,
    covers_until: datetime | None = None,
) -> Reading:
    """Return the Reading of what was handed over.

    It covers no moment after its newest post unless the sender says so: a list of last month says nothing of today.
    """
    once: dict[str, Item] = {}
    for item in items:
        once.setdefault(item.key, item)
    found = tuple(once.values())
    newest = max((i.posted.at for i in found if i.posted is not None), default=None)
    outcome = Outcome.OK if found or not dropped else Outcome.MALFORMED
    return Reading(outcome, found, name=name[:120], covers_from=covers_from, covers_until=covers_until or newest, dropped=dropped)
