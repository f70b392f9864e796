"""Posts pushed to us by the unit's own program: a list of {title, link, time, id}, checked row by row.

The body is such a list, or {"posts": [...], "name", "covers_from", "covers_until"} where the sender also vouches for a
span of time. Times without a zone are Asia/Shanghai. More fields of a post: "pushed" and "deleted", true or false.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from qiguan.connectors.given import Given, Problem, item_given, reading_of
from qiguan.core.errors import UnusableInput
from qiguan.core.source import Conversation, Item, Outcome, Reading, SourceSpec
from qiguan.core.written_dates import SHANGHAI, PostedAt, parse_posted

code = "push"
title = "推送接口"
official = False

MOST_POSTS = 2000
_PLACE = "推送内容"


def read(spec: SourceSpec, *, at: datetime) -> Conversation:
    """Nothing is fetched: what this source says comes by itself. A source of it has no next look."""
    raise UnusableInput("这种来源由对方推送，不用去取", place="采集方式", remedy="请看最近一次推送的时间")
    yield  # a conversation all the same


def read_push(payload: Any, *, at: datetime) -> Given:
    """Read a decoded JSON body. Raises UnusableInput where it is no list of posts at all."""
    frame = payload if isinstance(payload, dict) else {"posts": payload}
    posts = frame.get("posts")
    if not isinstance(posts, list):
        raise UnusableInput("没有posts列表", place=_PLACE, remedy='请发送[{"title","link","time","id"}]这样的列表')
    if len(posts) > MOST_POSTS:
        raise UnusableInput(f"一次推送了{len(posts)}篇，超过{MOST_POSTS}篇", place=_PLACE, remedy="请分几次推送")
    span = _span(frame, at)
    items: list[Item] = []
    problems: list[Problem] = []
    for number, post in enumerate(posts, start=1):
        found = _item(post, at)
        if isinstance(found, Item):
            items.append(found)
        else:
            remedy = '请写成{"title": "…", "link": "https://…", "time": "2026-09-30T15:20:00+08:00"}'
            problems.append(Problem(number, f"第{number}篇", found, remedy))
    reading = reading_of(items, dropped=len(problems), name=_word(frame.get("name")), covers_from=span[0], covers_until=span[1])
    return Given(reading, tuple(problems))


def _span(frame: dict[str, Any], at: datetime) -> tuple[datetime | None, datetime | None]:
    """The span the sender vouches for: both ends or none, in order, and not beyond the moment of sending."""
    words = [_word(frame.get(k)) for k in ("covers_from", "covers_until")]
    if not any(words):
        return None, None
    start, until = (parse_posted(w, at=at) for w in words)
    if start is None or until is None or start.at > until.at or until.at > at:
        raise UnusableInput(
            "covers_from和covers_until要么都写要么都不写，先后不能颠倒，不能晚于现在",
            place=_PLACE,
            remedy="请写成2026-09-30T00:00:00+08:00这样的时间",
        )
    return start.at, until.at


def _item(post: Any, at: datetime) -> Item | str:
    if not isinstance(post, dict):
        return "不是一篇的样子"
    pushed = post.get("pushed")
    return item_given(
        heading=_word(post.get("title"))[:2000],
        link=_word(post.get("link")),
        posted=parse_posted(_word(post.get("time")), at=at),
        ident=_word(post.get("id")),
        pushed=pushed if isinstance(pushed, bool) else None,
        deleted=post.get("deleted") is True,
        at=at,
    )


def _written(posted: PostedAt) -> str:
    if posted.precision == "day":  # its moment is the end of its day
        return (posted.at - timedelta(microseconds=1)).astimezone(SHANGHAI).date().isoformat()
    return posted.at.isoformat()


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return ""
    return value.strip().replace("\x00", "") if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def push_body(reading: Reading) -> bytes:
    """Return the body that `qiguan agent` sends of what it read at the unit: titles, links and times, nothing else."""
    posts = [
        {
            "title": i.title,
            "link": i.url,
            "time": _written(i.posted),
            "id": i.source_id,
            **({"pushed": i.pushed} if i.pushed is not None else {}),
            **({"deleted": True} if i.deleted else {}),
        }
        for i in reading.items
        if i.posted is not None
    ]
    frame: dict[str, Any] = {"posts": posts, "name": reading.name}
    vouches = reading.outcome is Outcome.OK and reading.covers_from is not None and reading.covers_until is not None
    if vouches and reading.covers_from is not None and reading.covers_until is not None:
        frame |= {"covers_from": reading.covers_from.isoformat(), "covers_until": reading.covers_until.isoformat()}
    return json.dumps(frame, ensure_ascii=False).encode()
