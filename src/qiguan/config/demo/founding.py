"""Found 示例市 in an empty database, by the product's own ways: organs, a register imported from a spreadsheet, sources, checks.

What a feed of twenty items cannot show (a year's past) is written beside it as posts and coverage.
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

from qiguan.collection.actions.checks import Seen, open_round, record_check
from qiguan.collection.actions.sources import connect_registered
from qiguan.collection.models import CoverageSpan, Post, Source
from qiguan.config.demo.asking import ask_in_town
from qiguan.config.demo.seasons import found_seasons
from qiguan.config.demo.settled_round import hold_round
from qiguan.config.demo.stories import STORIES, Story, post_times, title_of
from qiguan.config.demo.town import CITY, PLACES, Entry, entries, units
from qiguan.config.demo.voices import let_citizens_speak
from qiguan.core.days import day_of, end_of
from qiguan.core.facts import Said
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.inspection.actions.standing import judge_all
from qiguan.people.actions import add_user, end_organ, found_organ, rename_organ
from qiguan.people.models import Organ, Role, User
from qiguan.register.actions.imports import apply_file, receive_file
from qiguan.register.models import Account, AccountStaff

PASSWORD = "shili-demo-2026"  # of every log-in of the demonstration, printed at start; never of a real one
LOGINS = (
    ("jianguan", "监管员", Role.SUPERVISOR, CITY),
    ("danwei", "单位管理员", Role.UNIT_ADMIN, "南例县商务局"),
    ("weijian", "单位管理员", Role.UNIT_ADMIN, "南例县卫生健康局"),
    ("yunying", "运营人员", Role.OPERATOR, "南例县商务局"),
    ("fenguan", "分管负责人", Role.LEADER, "南例县商务局"),
    ("shenqian", "审签人", Role.LEADER, "示例市人民政府"),
    ("hecha", "核查员", Role.CHECKER, CITY),
    ("hecha2", "核查员乙", Role.CHECKER, CITY),
    ("shenji", "审计员", Role.AUDITOR, CITY),
    ("dongli", "东例区监管员", Role.SUPERVISOR, "东例区人民政府"),
    ("nanli", "南例县监管员", Role.SUPERVISOR, "南例县人民政府"),
    ("daitian", "窗口代填员", Role.COUNTER, CITY),
)
_ENDED = Entry("东例区粮食局", "wechat_mp", "东例粮食", "old_zombie")


def found_town(*, feeds: str, at: datetime) -> None:
    """Found the town as of `at`; `feeds` is the address of the feed server. Does nothing where it stands already."""
    if Organ.objects.exists():
        return
    organs = found_organs_of_town(at)
    everything = [*entries(), _ENDED]
    city = organs[CITY]
    file = receive_file(
        organ=city, name="示例市政务新媒体登记表.csv", data=_register(everything, feeds, at), by=None, at=at - timedelta(days=30)
    )
    apply_file(file=file, by=None, at=at - timedelta(days=30))
    users = _users(organs, at)
    accounts = {_id(entry): entry for entry in everything}
    connect_registered(at=at)
    for account in Account.objects.select_related("owner"):
        _live(account, accounts[account.platform_id], at)
    _look(accounts, users["hecha"], at)
    operated = Account.objects.filter(owner=organs["南例县商务局"])
    AccountStaff.objects.bulk_create([AccountStaff(account=a, user=users["yunying"], part="operator") for a in operated])
    hold_round(city=city, place=organs["南例县"], users=users, accounts=accounts, at=at)
    unseen = Account.objects.filter(sources__isnull=True).exclude(status=Account.Status.CLOSED).select_related("owner")
    open_round(organ=city, title="本季度人工核查", accounts=unseen, seed="示例彩票第2026123期", by=None, at=at)
    found_seasons(city=city, district=organs["东例区"], at=at)
    judge_all(at=at)
    let_citizens_speak(organs, users, at)
    ask_in_town(users, at)


def found_organs_of_town(at: datetime) -> dict[str, Organ]:
    """The city, its places and their departments, three of them with a past."""
    city = found_organ(name=CITY, parent=None, level=Organ.Level.CITY, sort=Organ.Sort.PLACE, by=None, at=at)
    organs = {CITY: city}
    for place in PLACES:
        name = f"{place}人民政府" if not place.endswith("高新区") else f"{place}管理委员会"
        organs[place] = organs[name] = found_organ(
            name=name, parent=city, level=Organ.Level.COUNTY, sort=Organ.Sort.PLACE, by=None, at=at
        )
    for unit in units():
        parent = organs[unit.place] if unit.place else city
        born = {"南例县卫生健康局": "南例县卫生和计划生育局", "西例区市场监督管理局": "西例区工商行政管理局"}.get(
            unit.name, unit.name
        )
        organ = found_organ(name=born, parent=parent, level=parent.level, founded_on=date(2010, 3, 1), by=None, at=at)
        if born != unit.name:
            organ = rename_organ(organ=organ, name=unit.name, on=date(2019, 2, 28), document="示机改〔2019〕3号", by=None, at=at)
        organs[unit.name] = organ
    grain = found_organ(
        name=_ENDED.unit, parent=organs["东例区"], level=Organ.Level.COUNTY, founded_on=date(2002, 1, 1), by=None, at=at
    )
    end_organ(
        organ=grain,
        on=date(2024, 3, 15),
        successor=organs["东例区农业农村局"],
        what="merged",
        document="示机改〔2024〕7号",
        by=None,
        at=at,
    )
    organs[grain.name] = grain
    return organs


def _id(entry: Entry) -> str:
    digest = sha256(f"{entry.platform}{entry.unit}{entry.name}".encode()).hexdigest()
    return f"gh_{digest[:12]}" if entry.platform == "wechat_mp" else f"{entry.platform[:2]}{digest[:10]}"


def _register(everything: list[Entry], feeds: str, at: datetime) -> bytes:
    """The register as an office would send it: a title row, its own words for columns, GB18030."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["示例市政务新媒体登记表"])
    writer.writerow(["序号", "新媒体名称", "新媒体类型", "账号ID", "责任单位", "账号类型", "口径", "开设时间", "人员配备", "状态", "停更备案时间", "停更公告时间", "拟注销时间", "关停时间", "采集地址", "来源完整"])  # fmt: skip
    today = day_of(at)
    for nth, entry in enumerate(everything, start=1):
        story = STORIES[entry.story]
        opened = today - timedelta(days=max(story.began + 20, 30))
        closing = entry.story == "closing"
        closed = entry.story == "closed"
        writer.writerow([
            nth, entry.name, PLATFORM_NAMES[entry.platform], _id(entry), entry.unit, {"publishing": "发布类", "service": "服务类"}[entry.kind], "国办口径", f"{opened:%Y.%m.%d}",
            "兼职", "已关停" if closed else "停更待注销" if closing else "在用", f"{today - timedelta(days=30):%Y年%m月%d日}" if closing else "",
            f"{today - timedelta(days=28):%Y/%m/%d}" if closing else "", f"{today + timedelta(days=20):%Y-%m-%d}" if closing else "",
            f"{today - timedelta(days=90):%Y%m%d}" if closed else "", "" if story.feed == "none" else feed_url(feeds, entry), "是" if story.complete else "否",
        ])  # fmt: skip
    return out.getvalue().encode("gb18030")


def feed_url(feeds: str, entry: Entry) -> str:
    """The address at which the feed server shows an account."""
    return f"{feeds}/feed/{entry.story}/{_id(entry)}/{quote(entry.name)}.xml"


def _live(account: Account, entry: Entry, at: datetime) -> None:
    """Write the account's past: its posts, and what its source vouched for until today."""
    story = STORIES[entry.story]
    source = Source.objects.filter(account=account).first()
    times = list(post_times(story, seed=account.platform_id, at=at))
    if story.feed == "none" and story.checked is None and entry.story != "not_looked":
        times = []
    if source is not None and story.feed == "renamed":
        Source.objects.filter(pk=source.pk).update(seen_name=entry.name)  # what it called itself until yesterday
    read_well = story.feed in {"good", "silent", "backdated", "renamed", "moved", "control_character"}
    until = None
    if source is not None and source.complete and (read_well or story.stopped < 5):
        until = at if read_well else at - timedelta(days=story.stopped + 20)
    if until is not None:  # a complete source has shown every post until then, or the next reading would call them 倒填
        past = [t for t in times if t <= until and not (story.feed == "backdated" and t == times[-1])]
    else:
        past = times[:-20] if source is not None else [] if story.checked is not None else times[:-3]
    Post.objects.bulk_create([_post(account, source, t) for t in past], ignore_conflicts=True)
    if source is not None and until is not None:
        start = account.opened_on and end_of(account.opened_on)
        span = CoverageSpan.objects.create(
            source=source, account=account, start=start if story.every else None, until=until, read_at=until
        )
        Source.objects.filter(pk=source.pk).update(span_ref=span.pk, span_start=span.start, span_until=until)


def _post(account: Account, source: Source | None, moment: datetime) -> Post:
    link = f"mp.example.invalid/s/{sha256(f'{account.platform_id}{moment.isoformat()}'.encode()).hexdigest()[:16]}"
    return Post(
        account=account, key=link, title=title_of(moment, seed=account.platform_id), url=f"https://{link}", published_at=moment, first_seen_at=moment + timedelta(hours=2), first_source=source
    )  # fmt: skip


def _look(accounts: dict[str, Entry], checker: User, at: datetime) -> None:
    """What the checker saw of the accounts without a source."""
    for account in Account.objects.select_related("owner").filter(platform_id__in=list(accounts)):
        story = STORIES[accounts[account.platform_id].story]
        if story.checked is None:
            continue
        times = post_times(story, seed=account.platform_id, at=at)
        looked = at - timedelta(days=story.checked, hours=1)
        seen = _seen(story, times, account.platform)
        record_check(account=account, seen=seen, client_key=f"demo-{account.public_id}", looked_at=looked, by=checker, at=at)


def _seen(story: Story, times: list[datetime], platform: str) -> Seen:
    said = Said(story.said)
    newest = end_of(day_of(times[-1])) if said is Said.NEWEST and times else None
    return Seen(
        said, newest, "day", "", True if said is Said.NEWEST else None, True if platform in {"app", "mini_program"} else None
    )


def _users(organs: dict[str, Organ], at: datetime) -> dict[str, User]:
    """One log-in a role."""
    return {
        name: add_user(username=name, shown_name=word, password=PASSWORD, roles=[(organs[organ], role)], by=None, at=at)
        for name, word, role, organ in LOGINS
    }
