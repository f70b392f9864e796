"""A local rule pack 本地规则包 that a clerk fills in: a form's texts → tables as stored → a Pack.

It is stricter than the national pack or adds to it, never weaker: the tables hold no [silence], so that the national veto stands
as it is. Its lines are local lines beside the veto, and its own names for states (睡眠, 僵尸) say whose they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from qiguan.core.pack import LocalLine, Pack, make_pack, national_tables
from qiguan.core.written_dates import parse_day

MOST_DAYS = 365
CONFIDENCE = {"A": "在官方网页上看到原文", "B": "看到可辨认的转载", "C": "媒体或二手报道"}
BINDS = {"all": "全部账号", "publishing": "仅发布类账号"}
COUNTS = {"all": "群发和发布都算", "push": "只算群发"}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form. `kind`: text, number, day, url, choice, tick. `group` heads the fields that follow."""

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    needed: bool = False
    choices: Mapping[str, str] | None = None
    group: str = ""


FIELDS = (
    Field("title", "名称", hint="如：示例市2026", needed=True),
    Field("jurisdiction", "适用地区", hint="如：示例市", needed=True),
    Field("source", "依据文件", hint="文件名称和文号，或通报名称", needed=True, group="依据"),
    Field("source_date", "文件日期", "day", needed=True),
    Field("url", "文件网址", "url"),
    Field("confidence", "怎么看到的", "choice", choices=CONFIDENCE),
    Field("since", "自哪天起施行", "day", needed=True),
    Field("until", "到哪天不再施行", "day"),
    Field(
        "days", "每几天内更新一次", "number", "比14天严才有意义：14天是全国的线，照样适用", group="要求（用得着的填，至少一条）"
    ),
    Field("per_week", "每周更新不少于几次", "number"),
    Field("original", "每月原创不少于几篇", "number"),
    Field("closing_gap", "拟关停的账号更新间隔不超过几天", "number"),
    Field("functions", "功能无法使用算问题", "tick"),
    Field("binds", "约束哪些账号", "choice", "只对上面的地方要求；全国的否决仍约束全部账号", choices=BINDS),
    Field("counts", "什么算更新", "choice", "只对上面的地方要求", choices=COUNTS),
    Field("due_days", "静默几天起提醒", "number", "不填用全国包的数", group="叫法（可不填）"),
    Field("sleeping_days", "静默超过几天叫睡眠", "number"),
    Field("zombie_months", "静默超过几个月叫僵尸", "number"),
)
BY_NAME = {field.name: field for field in FIELDS}
_LINES: dict[str, tuple[str, str, Callable[[int], str], str]] = {
    # field → code, what the number is, words, English words
    "days": ("LOC-DAYS", "days", lambda n: f"每{n}天内更新", "An update within every n days"),
    "per_week": ("LOC-NWEEK", "times", lambda n: f"每周更新不少于{n}次", "At least n updates a week"),
    "original": ("LOC-ORIGINAL", "times", lambda n: f"每月原创不少于{n}篇", "At least n original items a month"),
    "closing_gap": ("LOC-CLOSEGAP", "days", lambda n: f"拟关停的账号更新间隔不超过{n}天", "Accounts being closed: at most n days between updates"),
}  # fmt: skip
_BY_UPDATES = ("days", "weekly", "per_week", "closing_gap")  # lines that ask what an update is
_BOUNDS = {
    "days": (1, 13), "per_week": (1, 50), "original": (1, 100), "closing_gap": (1, MOST_DAYS), "due_days": (1, 14), "sleeping_days": (15, MOST_DAYS),
    "zombie_months": (1, 24),
}  # fmt: skip


def read_local_pack(said: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the form. Return the tables as stored (JSON: days as ISO text) and what is wrong, by field; one of the two is empty."""
    wrong: dict[str, str] = {}
    texts = {field.name: " ".join(said.get(field.name, "").split()) for field in FIELDS}
    for field in FIELDS:
        if field.needed and not texts[field.name]:
            wrong[field.name] = f"没有填{field.label}"
        elif len(texts[field.name]) > 200 or not texts[field.name].isprintable():
            wrong[field.name] = "太长，或有不能用的字符"
        elif field.choices and texts[field.name] and texts[field.name] not in field.choices:
            wrong[field.name] = "请从列表里选"
    if texts["url"] and not texts["url"].startswith(("http://", "https://")):
        wrong.setdefault("url", "网址以http://或https://开头，没有就不填")
    days = {name: _day(texts[name], name, wrong) for name in ("source_date", "since", "until")}
    numbers = {name: _number(texts[name], name, wrong) for name in _BOUNDS}
    since, until = days["since"], days["until"]
    if since and until and until <= since:
        wrong.setdefault("until", "要晚于施行的日子")
    if texts["functions"] not in {"", "1"}:
        wrong.setdefault("functions", "请勾选或不勾")
    asked = any(numbers[name] for name in _LINES) or texts["functions"] == "1"
    named = {name: numbers[name] for name in ("due_days", "sleeping_days", "zombie_months") if numbers[name]}
    if not asked and not named and not wrong:
        wrong["days"] = "一条要求也没有填"
    if wrong:
        return {}, wrong
    return _tables(texts, numbers, {k: v.isoformat() for k, v in days.items() if v}, named), {}


def make_local_pack(key: str, tables: Mapping[str, Any]) -> Pack:
    """Turn stored tables into a Pack that extends the national one; what is no pack raises ValueError."""
    try:
        national = national_tables()
        until = tables.get("until")
        return make_pack(
            {
                **national,
                "id": key,
                "title_zh": tables["title_zh"],
                "title_en": tables["title_en"],
                "jurisdiction": tables["jurisdiction"],
                "since": date.fromisoformat(tables["since"]),
                "until": date.fromisoformat(until) if until else None,
                "state": {**national["state"], **tables.get("state", {})},
                "local": tables.get("local", ()),
            }
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a local pack: {error}") from error


def line_words(line: LocalLine) -> str:
    """Say a line with whom it binds and what counts."""
    counts = f"；{COUNTS[line.counts]}" if line.kind in _BY_UPDATES else ""
    return f"{line.title_zh}（{BINDS[line.binds]}{counts}）"


def _tables(
    texts: Mapping[str, str], numbers: Mapping[str, int | None], days: Mapping[str, str], named: Mapping[str, int | None]
) -> dict[str, Any]:
    shared = {
        "source": texts["source"], "confidence": texts["confidence"] or "A", "url": texts["url"], "binds": texts["binds"] or "all",
        "counts": texts["counts"] or "all",
    }  # fmt: skip
    local: list[dict[str, Any]] = []
    for name, (code, what, words, english) in _LINES.items():
        number = numbers[name]
        if number:
            local.append({"code": code, "kind": name, what: number, "title_zh": words(number), "title_en": english, **shared})
    if texts["functions"] == "1":
        functions = {"code": "LOC-FUNCTIONS", "kind": "functions", "title_zh": "功能无法使用算问题", "title_en": "Functions that do not work are counted"}  # fmt: skip
        local.append({**functions, **shared})
    state: dict[str, Any] = dict(named)
    if named:
        state["whose"] = f"{texts['source']}（{texts['jurisdiction']}）"
    if named.get("zombie_months"):
        state["zombie_after"] = texts["source"]
    title = texts["title"]
    return {"title_zh": title, "title_en": title, "jurisdiction": texts["jurisdiction"], **days, "state": state, "local": local}


def _day(text: str, name: str, wrong: dict[str, str]) -> date | None:
    if not text:
        return None
    found = parse_day(text)
    if isinstance(found, date):
        return found
    wrong.setdefault(name, "日期读不出来，请写成2026年9月30日")
    return None


def _number(text: str, name: str, wrong: dict[str, str]) -> int | None:
    if not text:
        return None
    low, high = _BOUNDS[name]
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        wrong.setdefault(name, "请写整数")
        return None
    number = int(text)
    if low <= number <= high:
        return number
    if name in {"days", "due_days"} and number > high:
        wrong.setdefault(name, "不能比全国的14天宽：全国的否决照样适用，本地只能更严")
    else:
        wrong.setdefault(name, f"要在{low}到{high}之间")
    return None
