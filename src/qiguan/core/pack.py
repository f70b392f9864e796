"""Rule packs 规则包: limits by jurisdiction and date, each with its source. A number without one is marked as ours."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from qiguan.core.days import day_of
from qiguan.core.errors import QiguanError

LINE_KINDS = ("days", "weekly", "per_week", "original", "closing_gap", "functions")


@dataclass(frozen=True, slots=True)
class LocalLine:
    """A stricter local line; it stands beside the national veto and never in its place.

    `kind`: days (within every n days), weekly (one a week), per_week (n a week), original (n original items a month),
    closing_gap (at most n days between updates until cancelled), functions (功能无法使用). `binds` and `counts` as in Pack.
    """

    code: str
    kind: str
    title_zh: str
    title_en: str
    source: str
    confidence: str
    days: int = 7
    times: int = 1
    since: date | None = None  # None: with its pack
    until: date | None = None
    url: str = ""
    binds: str = "all"
    counts: str = "all"

    def in_force(self, on: date) -> bool:
        """Say whether the line binds on this day; `until` is the first day on which it no longer does."""
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True, slots=True)
class Pack:
    """The limits in force. Days are whole 24-hour periods; `inclusive`: silence of exactly `days` is already a breach."""

    id: str
    title_zh: str
    title_en: str
    jurisdiction: str
    since: date
    until: date | None
    days: int
    inclusive: bool
    binds: str
    counts: str
    source: str
    confidence: str
    whose: str
    due_days: int
    sleeping_days: int
    zombie_months: int
    zombie_after: str
    grace_hours: int
    usability_days: int
    source_date: date | None = None
    url: str = ""
    local: tuple[LocalLine, ...] = ()

    @property
    def line(self) -> timedelta:
        """The silence at which the line lies."""
        return timedelta(days=self.days)

    def is_over(self, silence: timedelta) -> bool:
        """Say whether a silence of this length breaches the two-week rule."""
        return silence >= self.line if self.inclusive else silence > self.line

    @property
    def settings_zh(self) -> str:
        """The settings printed with every verdict."""
        whom = "全部账号" if self.binds == "all" else "仅发布类"
        what = "群发和发布" if self.counts == "all" else "仅群发"
        edge = f"第{self.days}天计入" if self.inclusive else f"第{self.days}天不计入"
        return f"{self.title_zh}规则包：{self.days}天，{edge}；约束{whom}；计{what}"


@cache
def load_packs() -> Mapping[str, Pack]:
    """Read every pack that ships. Raises ValueError where a file is not a pack."""
    found = [f for f in (files("qiguan.core") / "packs").iterdir() if f.name.endswith(".toml")]
    raw = {f.name.removesuffix(".toml"): tomllib.loads(f.read_text(encoding="utf-8")) for f in found}
    return {name: make_pack(_extended(values, raw)) for name, values in sorted(raw.items())}


@cache
def national_tables() -> Mapping[str, Any]:
    """Return the tables of the national pack, for a pack kept outside the package to stand on."""
    return tomllib.loads((files("qiguan.core") / "packs" / "national.toml").read_text(encoding="utf-8"))


def _extended(values: Mapping[str, Any], raw: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Lay a pack over the one it extends, table by table."""
    base = _extended(raw[values["extends"]], raw) if "extends" in values else {}
    return {
        **base,
        **values,
        "silence": {**base.get("silence", {}), **values.get("silence", {})},
        "state": {**base.get("state", {}), **values.get("state", {})},
    }


def make_pack(values: Mapping[str, Any]) -> Pack:
    """Turn the tables of a TOML file into a Pack; a missing or odd value raises ValueError with its name."""
    try:
        silence, state = values["silence"], values["state"]
        pack = Pack(
            id=values["id"],
            title_zh=values["title_zh"],
            title_en=values["title_en"],
            jurisdiction=values["jurisdiction"],
            since=values["since"],
            until=values.get("until"),
            days=silence["days"],
            inclusive=silence["inclusive"],
            binds=silence["binds"],
            counts=silence["counts"],
            source=silence["source"],
            confidence=silence["confidence"],
            whose=state["whose"],
            due_days=state["due_days"],
            sleeping_days=state["sleeping_days"],
            zombie_months=state["zombie_months"],
            zombie_after=state["zombie_after"],
            grace_hours=state["grace_hours"],
            usability_days=state["usability_days"],
            source_date=silence.get("source_date"),
            url=silence.get("url", ""),
            local=tuple(LocalLine(**line) for line in values.get("local", ())),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a rule pack: {error}") from error
    if pack.binds not in {"all", "publishing"} or pack.counts not in {"all", "push"} or not 0 < pack.due_days <= pack.days:
        raise ValueError(f"rule pack {pack.id}: binds, counts or due_days out of range")
    for line in pack.local:
        if line.kind not in LINE_KINDS:
            raise ValueError(f"rule pack {pack.id}: unknown kind of local line")
        if line.binds not in {"all", "publishing"} or line.counts not in {"all", "push"} or line.days < 1 or line.times < 1:
            raise ValueError(f"rule pack {pack.id}: {line.code} out of range")
    return pack


def pack_in_force(name: str, at: datetime) -> Pack:
    """Return the pack by its id; an unknown one, or one not yet or no longer in force at `at`, raises QiguanError."""
    packs = load_packs()
    if name not in packs:
        raise QiguanError(f"没有名为“{name}”的规则包", place="--pack", remedy="可用的有：" + "、".join(sorted(packs)))
    pack, on = packs[name], day_of(at)
    if on < pack.since or (pack.until is not None and on >= pack.until):
        # the national yardstick is older than any of our check points in tests of the past: it is applied and named
        if pack.id == "national":
            return pack
        raise QiguanError(
            f"规则包“{pack.title_zh}”在{on}没有施行", place="--pack", remedy=f"它自{pack.since}起施行，请换一个规则包或检查时点"
        )
    return pack
