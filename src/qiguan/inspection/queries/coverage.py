"""How we see the accounts, why some are unseen, and which source to connect next, by accounts gained."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from qiguan.core.facts import State
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.inspection.models import Seen, StandingQuerySet
from qiguan.inspection.queries.standings import Tally


@dataclass(frozen=True, slots=True)
class Blind:
    """Accounts that one reason keeps us from seeing, and the one thing to do about it."""

    reason: str
    because: str
    step: str
    who: str
    accounts: int


@dataclass(frozen=True, slots=True)
class Gain:
    """What connecting one kind of source would gain: accounts seen completely that are not so today."""

    platform: str
    word: str
    accounts: int
    unknown: int
    how: str


HOW = {
    "wechat_mp": "请主办单位授权“数据统计”权限，或在单位侧运行qiguan agent",
    "wechat_channels": "请主办单位定期上传后台导出的作品列表",
    "weibo": "请主办单位提供导出的博文列表，或安排人工核查",
    "douyin": "请主办单位上传创作者后台导出的作品列表，或安排人工核查",
    "toutiao": "请主办单位上传头条号后台导出的文章列表，或安排人工核查",
    "app": "安排人工核查：能否下载、能否使用",
    "mini_program": "安排人工核查：能否打开、能否使用",
}


LIVE = [state for state in State if state is not State.CLOSED]  # closed ones are out of every count
OPEN = [state for state in LIVE if state is not State.CLOSING]
UNSEEN = [seen.value for seen in Seen if seen != Seen.COMPLETE]


def seen_counts(counted: Tally) -> dict[str, int]:
    """Count the accounts by how we see them (closed ones are out of the count), from a tally by state, platform and `seen`."""
    counts = counted.of("seen", state=LIVE)
    return {seen.value: counts.get(seen.value, 0) for seen in Seen}


def blind_reasons(found: StandingQuerySet) -> list[Blind]:
    """Group the unseen accounts by reason, the largest first."""
    rows = (
        found.filter(state=State.UNKNOWN)
        .order_by()
        .values_list("reason", "next_step", "next_who")
        .annotate(n=Count("pk"))
        .order_by("-n")[:12]
    )
    found_reasons = []
    for reason, step, who, n in rows:
        example = found.filter(state=State.UNKNOWN, reason=reason, next_step=step).values_list("because", flat=True).first() or ""
        found_reasons.append(Blind(reason, example, step, who, n))
    return found_reasons


def gains(counted: Tally) -> list[Gain]:
    """Return what each kind of source would gain, the most first, from a tally by state, platform and `seen`."""
    unknown = counted.of("platform", state=[State.UNKNOWN], seen=UNSEEN)
    return sorted(
        (
            Gain(
                platform,
                PLATFORM_NAMES.get(platform, platform),
                n,
                unknown.get(platform, 0),
                HOW.get(platform, "安排人工核查，或请主办单位上传导出的内容列表"),
            )
            for platform, n in counted.of("platform", state=OPEN, seen=UNSEEN).items()
        ),
        key=lambda gain: (-gain.unknown, -gain.accounts),
    )
