"""The organs and accounts of 示例市, as plain values: places, departments with a past, and 64 accounts of every story."""

from __future__ import annotations

from dataclasses import dataclass

CITY = "示例市人民政府"
PLACES = ("东例区", "西例区", "南例县", "北例县", "示例高新区")


@dataclass(frozen=True, slots=True)
class Unit:
    """A department of a place ("" is the city itself), and what its accounts are called."""

    place: str
    name: str
    short: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One account: who owns it, where, under which name, and how it lived (a key of STORIES)."""

    unit: str
    platform: str
    name: str
    story: str
    kind: str = "publishing"
    scope: str = "national"
    staffing: str = "part"


_CITY_UNITS = (
    ("教育局", "教育"), ("公安局交通警察支队", "交警"), ("医疗保障局", "医保"), ("人力资源和社会保障局", "人社"), ("交通运输局", "交通"),
    ("市场监督管理局", "市场监管"), ("商务局", "商务"), ("水务局", "水务"),
)  # fmt: skip
_COUNTY_UNITS = (("商务局", "商务"), ("审计局", "审计"), ("卫生健康局", "健康"), ("教育和体育局", "教体"), ("农业农村局", "农业"))


def unit_name(place: str, name: str) -> str:
    """Return the full name of a department."""
    return f"{place or '示例市'}{name}"


def units() -> list[Unit]:
    """Return every department, city first."""
    found = [Unit("", unit_name("", name), short) for name, short in _CITY_UNITS]
    found += [Unit(place, unit_name(place, name), short) for place in PLACES for name, short in _COUNTY_UNITS]
    return found


# The stories in the order in which the accounts take them; the plain ones come often, as in life.
_CITY_STORIES = ("daily", "often", "daily", "daily", "weekly", "near", "often", "login")
_COUNTY_STORIES = (
    ("over", "never", "old_zombie", "weekly", "often"),
    ("nearer", "zombie", "partial", "daily", "hand_only"),
    ("over_holiday", "never_checked", "old_zombie", "truncated", "weekly"),
    ("asleep", "not_looked", "hand_over", "often", "thin"),
    ("daily", "partial_quiet", "weekly", "gone", "near"),
)
_MORE = (
    ("示例市教育局", "weibo", "示例教育", "often"),
    ("示例市公安局交通警察支队", "weibo", "示例交警", "daily"),
    ("示例市公安局交通警察支队", "douyin", "示例交警", "often"),
    ("示例市医疗保障局", "mini_program", "示例医保服务", "hand_only"),
    ("示例市人力资源和社会保障局", "app", "示例人社", "hand_only"),
    ("示例市人力资源和社会保障局", "toutiao", "示例人社", "near"),
    ("示例市交通运输局", "weibo", "示例交通", "busy"),
    ("示例市市场监督管理局", "weibo", "示例市场监管", "closing"),
    ("示例市商务局", "douyin", "示例商务", "zombie"),
    ("示例市商务局", "toutiao", "示例消费帮扶", "closed"),
    ("示例市水务局", "weibo", "示例水务", "broken"),
    ("东例区商务局", "weibo", "东例商务", "renamed"),
    ("东例区教育和体育局", "douyin", "东例教体", "hand_only"),
    ("东例区农业农村局", "weibo", "东例农业", "backdated"),
    ("西例区商务局", "weibo", "西例商务", "moved"),
    ("西例区审计局", "weibo", "西例审计", "frozen"),
    ("西例区卫生健康局", "douyin", "健康西例", "thin"),
    ("西例区教育和体育局", "weibo", "西例教体", "control"),
    ("南例县商务局", "douyin", "南例好物", "hand_over"),
    ("南例县卫生健康局", "weibo", "南例卫健", "not_found"),
    ("南例县农业农村局", "douyin", "南例农技", "daily"),
    ("南例县教育和体育局", "weibo", "南例教体", "partial"),
    ("北例县商务局", "weibo", "北例商务", "not_looked"),
    ("北例县卫生健康局", "weibo", "北例卫健", "hand_only"),
    ("北例县农业农村局", "weibo", "北例农业", "asleep"),
    ("北例县教育和体育局", "douyin", "北例教体", "weekly"),
    ("示例高新区商务局", "weibo", "高新商务", "nearer"),
    ("示例高新区农业农村局", "weibo", "高新农业", "daily"),
    ("示例高新区教育和体育局", "weibo", "高新教体", "over"),
    ("示例高新区卫生健康局", "douyin", "健康高新", "often"),
    ("示例高新区审计局", "toutiao", "高新审计", "never"),
)


def entries() -> list[Entry]:
    """Return every account of the town."""
    all_units = units()
    city, counties = all_units[: len(_CITY_UNITS)], all_units[len(_CITY_UNITS) :]
    found = [Entry(unit.name, "wechat_mp", f"示例{unit.short}", story) for unit, story in zip(city, _CITY_STORIES, strict=True)]
    stories = [story for row in _COUNTY_STORIES for story in row]
    for unit, story in zip(counties, stories, strict=True):
        found.append(Entry(unit.name, "wechat_mp", f"{unit.place}{unit.short}", story))
    found += [
        Entry(owner, platform, name, story, kind="service" if platform in {"app", "mini_program"} else "publishing")
        for owner, platform, name, story in _MORE
    ]
    return found
