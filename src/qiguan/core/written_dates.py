"""Dates as Chinese sites and offices write them. Where no zone stands, Asia/Shanghai is meant, never UTC.

`parse_posted` reads a post's stated time; `parse_day` a day in a register. Neither guesses: what cannot be read
is None (posts) or a sentence (registers).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
Precision = Literal["second", "minute", "day"]
_CHINA = timezone(timedelta(hours=8))  # Shanghai since 1992; a fixed offset is much faster than a zone on the fast paths


@dataclass(frozen=True, slots=True)
class PostedAt:
    """A stated time of publication.

    `at` is aware, UTC. A day-precise post counts to the end of its day: `at` is then 24:00 Shanghai of that day.
    """

    at: datetime
    precision: Precision = "second"
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A cell that is no day: what is wrong and what to do."""

    message: str
    remedy: str = "请写成2026年9月30日这样的日期"


_MONTHS = {
    name: n for n, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}
_ZONES = {
    "gmt": 0,
    "utc": 0,
    "ut": 0,
    "z": 0,
    "cst": 480,
    "est": -300,
    "edt": -240,
    "pst": -480,
    "pdt": -420,
    "jst": 540,
    "bst": 60,
}
_RFC = re.compile(
    r"(?:[A-Za-z]{3,9},?\s*)?(\d{1,2})[\s-]+([A-Za-z]{3})[A-Za-z]*[\s-]+(\d{4}|\d{2})(?:[\sT]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*([+-]\d{2}:?\d{2}|[A-Za-z]{1,4})?\s*(?:\([^)]*\))?$"
)
_ISO = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*(?:[Tt,]?\s*(?:星期.|周.)?\s*(凌晨|早上|上午|中午|下午|晚上)?\s*(\d{1,2})\s*[:时]\s*(\d{1,2})\s*分?\s*(?::?\s*(\d{1,2})(?:[.,]\d+)?\s*秒?)?)?\s*([Zz]|[+-]\d{2}:?\d{2}|GMT|UTC)?$"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2}):?(\d{2}):?(\d{2})?(Z|[+-]\d{2}:?\d{2})?)?$")
_NO_YEAR = re.compile(r"(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
_AGO = re.compile(r"(\d{1,4})\s*(秒|分钟|分|小时|天|周|星期|个月|月)\s*(?:钟)?之?前$")
_NEAR = re.compile(r"(今天|昨天|前天|今日|昨日)\s*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
_AGO_SECONDS = {"秒": 1, "分钟": 60, "分": 60, "小时": 3600}
_AGO_DAYS = {"天": 1, "周": 7, "星期": 7, "个月": 30, "月": 30}


def parse_posted(text: str | None, *, at: datetime, default_zone: tzinfo = _CHINA) -> PostedAt | None:
    """Read a post's stated time; None where it cannot be read. `at` (the moment of reading) settles relative words.

    Microsecond-cheap for the two common forms (RFC 822 and ISO 8601); the rest is tried after.
    """
    if not text:
        return None
    raw = text.strip()[:80]
    found = _common(raw, default_zone) or _rfc822(raw, default_zone) or _iso(raw, default_zone) or _other(raw, at, default_zone)
    if found is None:
        return None
    moment, precision = found
    return PostedAt(moment, precision, raw)


_COMMON_RFC = re.compile(r"(?:[A-Z][a-z]{2}, )?(\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (GMT|[+-]\d{4})$")
_COMMON_MONTHS = {name.capitalize(): n for name, n in _MONTHS.items()}
_COMMON_ZONES: dict[str, tzinfo] = {"GMT": UTC, "+0000": UTC, "-0000": UTC, "+0800": _CHINA}


def _common(raw: str, default: tzinfo) -> tuple[datetime, Precision] | None:
    """The two forms that nearly every feed writes, as fast as can be; anything odd is left to the readers after it."""
    if raw[4:5] == "-":
        if raw[7:8] != "-" or raw[16:17] != ":" or raw[10] not in "T ":
            return None
        try:
            moment = datetime.fromisoformat(raw)
            zone = moment.tzinfo
            if zone is not UTC:
                moment = (moment.replace(tzinfo=default) if zone is None else moment).astimezone(UTC)
            return (moment.replace(microsecond=0) if moment.microsecond else moment), "second"
        except (ValueError, OverflowError):
            return None
    match = _COMMON_RFC.match(raw)
    if match is None:
        return None
    day, word, year, hour, minute, second, offset = match.groups()
    try:
        moment = datetime(
            int(year), _COMMON_MONTHS[word], int(day), int(hour), int(minute), int(second), tzinfo=_COMMON_ZONES[offset]
        )
        return moment.astimezone(UTC), "second"
    except (LookupError, ValueError, OverflowError):
        return None


def _whole_day(half: str, hour: int) -> str:
    """Return the hour of 24: 下午3时 is 15, 上午12时 is 0, 中午1时 is 13."""
    if half in {"下午", "晚上"} or (half == "中午" and hour < 6):
        return str(hour + 12 if hour < 12 else hour)
    return "0" if half in {"凌晨", "上午", "早上"} and hour == 12 else str(hour)


def _rfc822(raw: str, zone: tzinfo) -> tuple[datetime, Precision] | None:
    match = _RFC.match(raw)
    if match is None:
        return None
    day, word, year, hour, minute, second, offset = match.groups()
    month = _MONTHS.get(word.lower())
    if month is None:
        return None
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) < 70 else 1900)
    return _moment(full, month, int(day), hour, minute, second, _zone(offset, zone))


def _iso(raw: str, zone: tzinfo) -> tuple[datetime, Precision] | None:
    match = _ISO.match(raw)
    if match is None:
        match = _COMPACT.match(raw)
        if match is None:
            return None
        year, month, day, hour, minute, second, offset = match.groups()
        return _moment(int(year), int(month), int(day), hour, minute, second, _zone(offset, zone))
    year, month, day, half, hour, minute, second, offset = match.groups()
    if half and hour is not None:
        hour = _whole_day(half, int(hour))
    return _moment(int(year), int(month), int(day), hour, minute, second, _zone(offset, zone))


def _other(raw: str, at: datetime, zone: tzinfo) -> tuple[datetime, Precision] | None:
    """Epochs, relative words, days without a year, full-width digits."""
    plain = unicodedata.normalize("NFKC", raw).strip()
    if plain != raw:
        found = _iso(plain, zone) or _rfc822(plain, zone)
        if found:
            return found
    if plain.isdecimal() and len(plain) in {10, 13}:
        moment = datetime.fromtimestamp(int(plain[:10]), UTC)
        return (moment, "second") if moment < at + timedelta(days=366) else None  # 2020093010 is no epoch of 2034
    if plain in {"刚刚", "刚才"}:
        return at, "minute"
    local = at.astimezone(zone)
    if match := _AGO.match(plain):
        n, unit = int(match[1]), match[2]
        if unit in _AGO_SECONDS:
            return at - timedelta(seconds=n * _AGO_SECONDS[unit]), "minute"
        then = local - timedelta(days=n * _AGO_DAYS[unit])
        return _moment(then.year, then.month, then.day, None, None, None, zone)
    if match := _NEAR.match(plain):
        then = local - timedelta(days={"今": 0, "昨": 1, "前": 2}[match[1][0]])
        return _moment(then.year, then.month, then.day, match[2], match[3], match[4], zone)
    if match := _NO_YEAR.match(plain):
        month, day = int(match[1]), int(match[2])
        for year in (local.year, local.year - 1):  # the latest past day of that name
            found = _moment(year, month, day, match[3], match[4], match[5], zone)
            if found and found[0] <= at + timedelta(days=1):
                return found
    return None


def _moment(
    year: int, month: int, day: int, hour: str | None, minute: str | None, second: str | None, zone: tzinfo
) -> tuple[datetime, Precision] | None:
    try:
        if hour is None or minute is None:
            return (datetime(year, month, day, tzinfo=zone) + timedelta(days=1)).astimezone(UTC), "day"
        midnight = hour == "24" and int(minute) == 0 and int(second or 0) == 0
        leap = 59 if second == "60" else int(second or 0)
        moment = datetime(year, month, day, 0 if midnight else int(hour), int(minute), leap, tzinfo=zone)
        if midnight:
            moment += timedelta(days=1)
        return moment.astimezone(UTC), "second" if second is not None else "minute"
    except (ValueError, OverflowError):
        return None


def _zone(offset: str | None, default: tzinfo) -> tzinfo:
    if not offset:
        return default
    if offset[0] in "+-":
        digits = offset[1:].replace(":", "")
        minutes = int(digits[:2]) * 60 + int(digits[2:4])
        if minutes == 480 and offset[0] == "+":
            return _CHINA
        return timezone(timedelta(minutes=minutes if offset[0] == "+" else -minutes)) if minutes < 1440 else default
    minutes = _ZONES.get(offset.lower(), -1)
    return default if minutes == -1 else UTC if minutes == 0 else timezone(timedelta(minutes=minutes))


_DAY = re.compile(
    r"(\d{4})\s*[-/.年。、]\s*(\d{1,2})\s*[-/.月。、]\s*(\d{1,2})\s*[日号]?(?:\s*[T ]?\s*(?:[上下]午|星期.|周.)?\s*\d{1,2}[:时].*)?$"
)
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?(?:份)?$")
_SHORT_YEAR = re.compile(r"(\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$")
_MONTH_ZH = "零一二三四五六七八九十"
_HAN_DAY = re.compile(r"([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})[日号]$")
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")


def parse_day(value: object, *, date1904: bool = False) -> date | Unreadable | None:
    """Read a day from a cell: text in any usual form, a date, or an Excel serial. None for an empty cell."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return Unreadable(f"写的是“{value}”，不是日期")
    if isinstance(value, int | float):
        return _serial(float(value), date1904)
    text = unicodedata.normalize("NFKC", str(value)).strip().rstrip("。;；,，")
    if not text or text in {"-", "/", "无", "不详", "暂无"}:
        return None
    if re.fullmatch(r"\d{8}", text):
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]), text)
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _serial(float(text), date1904)
    if match := _DAY.match(text):
        return _day(int(match[1]), int(match[2]), int(match[3]), text)
    if match := _HAN_DAY.match(text):
        return _day(int(match[1].translate(_HAN_DIGITS)), _han(match[2]), _han(match[3]), text)
    if _MONTH.match(text):
        return Unreadable(f"写的是“{text}”，只有月份，没有日", "请补上日；不知道就写当月1日并备注")
    if re.fullmatch(r"\d{4}年?", text):
        return Unreadable(f"写的是“{text}”，只有年份，没有月日", "请补上月和日")
    if _SHORT_YEAR.match(text):
        return Unreadable(f"写的是“{text}”，年份只有两位", "请写四位年份")
    return Unreadable(f"写的是“{text[:20]}”，读不出日期")


def _han(text: str) -> int:
    """Return 12 for 十二, 31 for 三十一."""
    tens, ten, ones = text.partition("十")
    unit = int(ones.translate(_HAN_DIGITS) or 0) if ones.translate(_HAN_DIGITS).isdecimal() or not ones else 99
    return (int(tens.translate(_HAN_DIGITS) or 1) * 10 + unit) if ten else int(text.translate(_HAN_DIGITS))


def _serial(serial: float, date1904: bool) -> date | Unreadable:
    if 19000101 <= serial <= 21001231:  # 20190506 typed as a number
        text = str(int(serial))
        return _day(int(text[:4]), int(text[4:6]), int(text[6:]), text)
    if not 20000 <= serial <= 80000:  # 1954 to 2119
        return Unreadable(f"写的是数字{serial:g}，不是日期")
    base = date(1904, 1, 1) if date1904 else date(1899, 12, 30)
    return base + timedelta(days=int(serial))


def _day(year: int, month: int, day: int, text: str) -> date | Unreadable:
    text = text[:20]
    try:
        found = date(year, month, day)
    except ValueError:
        if not 1 <= month <= 12:
            return Unreadable(f"写的是“{text}”，没有{month}月")
        name = "十" + _MONTH_ZH[month - 10] if month > 10 else _MONTH_ZH[month]
        return Unreadable(f"写的是“{text}”，{name}月没有{day}日")
    if not 1990 <= year <= 2100:
        return Unreadable(f"写的是“{text}”，年份不像是真的")
    return found
