"""Found 示例市 for the replay of a year: the town's organs, a log-in for everybody who is told something, the register, its sources."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from qiguan.collection.actions.sources import connect_registered
from qiguan.config.demo.founding import PASSWORD, found_organs_of_town
from qiguan.config.demo.town import CITY
from qiguan.config.demo.year_lives import Player
from qiguan.core.days import day_of
from qiguan.core.platforms import PLATFORM_NAMES
from qiguan.people.actions import add_user
from qiguan.people.models import Organ, Role, User
from qiguan.register.actions.custody import assign_staff, end_staff
from qiguan.register.actions.imports import apply_file, receive_file
from qiguan.register.models import Account, AccountStaff

OFFICE = (
    ("jianguan", "监管员", Role.SUPERVISOR),
    ("jianguan2", "监管员乙", Role.SUPERVISOR),
    ("fuze", "分管负责人（市）", Role.LEADER),
    ("hecha", "核查员", Role.CHECKER),
    ("hecha2", "核查员乙", Role.CHECKER),
    ("shenji", "审计员", Role.AUDITOR),
)
KNOWN = {"南例县商务局": ("danwei", "yunying", "fenguan")}  # of these one can log in with the printed password
FEEDS = "https://feeds.example.invalid"


@dataclass(frozen=True, slots=True)
class Unit:
    """Who acts for a unit."""

    admin: User
    operator: User
    leader: User


@dataclass(slots=True)
class Town:
    """What the replay acts with: organs and units by name, the office's people, accounts and players by the platform's id."""

    city: Organ
    organs: dict[str, Organ]
    units: dict[str, Unit]
    office: dict[str, User]
    contractor: User
    players: dict[str, Player]
    accounts: dict[str, Account]
    by_account: dict[int, Player] = field(default_factory=dict)

    def account(self, player: Player) -> Account:
        """Return the account as it stands now."""
        return Account.objects.select_related("owner", "owner__parent").get(pk=self.accounts[player.key].pk)

    def unit(self, player: Player) -> Unit:
        """Return who acts for the account's present owner."""
        return self.units[self.account(player).owner.name]


def found_year(played: list[Player], *, at: datetime) -> Town:
    """Found everything as of `at`: three weeks before, the organs; then people, the register from a spreadsheet, sources."""
    before = at - timedelta(days=21)
    organs = found_organs_of_town(before)
    city = organs[CITY]
    office = {
        name: add_user(username=name, shown_name=word, password=PASSWORD, roles=[(city, role)], by=None, at=before)
        for name, word, role in OFFICE
    }
    owners = {organs[p.entry.unit].name: organs[p.entry.unit] for p in played}
    units = {name: _unit(n, organ, before) for n, (name, organ) in enumerate(owners.items(), 1)}
    helped = {p.entry.unit: organs[p.entry.unit] for p in played if p.life.contractor}
    contractor = add_user(
        username="daiyunying", shown_name="代运营人员", password=None, roles=[(o, Role.OPERATOR) for o in helped.values()], by=None, at=before
    )  # fmt: skip
    boss = office["jianguan"]
    file = receive_file(
        organ=city, name="示例市政务新媒体登记表.csv", data=_register(played, at), by=boss, at=at - timedelta(days=14)
    )
    apply_file(file=file, by=boss, at=at - timedelta(days=14))
    connect_registered(at=at - timedelta(days=13))
    accounts = {a.platform_id: a for a in Account.objects.select_related("owner")}
    town = Town(city, organs, units, office, contractor, {p.key: p for p in played}, accounts)
    town.by_account = {accounts[p.key].pk: p for p in played}
    for player in played:
        account = accounts[player.key]
        unit = units[account.owner.name]
        person = contractor if player.life.contractor else unit.operator
        assign_staff(account=account, user=person, part="operator", by=unit.admin, at=at - timedelta(days=10))
    return town


def leave_contractor(town: Town, *, at: datetime) -> int:
    """Whoever ran accounts for several units under a contract is gone: each unit notes it; return how many accounts."""
    left = AccountStaff.objects.filter(user=town.contractor, until=None).select_related("account__owner")
    for staff in left:
        end_staff(staff=staff, by=town.units[staff.account.owner.name].admin, at=at)
        town.by_account[staff.account_id].stop()
    return len(left)


def _unit(number: int, organ: Organ, at: datetime) -> Unit:
    known = KNOWN.get(organ.name)
    names = known or tuple(f"u{number:02}{letter}" for letter in ("admin", "op", "lead"))
    words = ("管理员", "运营人员", "分管负责人")
    made = [
        add_user(
            username=name, shown_name=f"{organ.name}{word}", password=PASSWORD if known else None, roles=[(organ, role)], by=None, at=at
        )
        for name, word, role in zip(names, words, (Role.UNIT_ADMIN, Role.OPERATOR, Role.LEADER), strict=True)
    ]  # fmt: skip
    return Unit(*made)


def _register(played: list[Player], at: datetime) -> bytes:
    """The register as the city's office keeps it: a spreadsheet."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["示例市政务新媒体登记表"])
    writer.writerow(["序号", "新媒体名称", "新媒体类型", "账号ID", "责任单位", "账号类型", "口径", "开设时间", "人员配备", "状态", "采集地址", "来源完整"])  # fmt: skip
    for nth, player in enumerate(played, 1):
        entry, life = player.entry, player.life
        opened = day_of((player.posts[0] if player.posts else at - timedelta(days=400)) - timedelta(days=5))
        sort = "服务类" if entry.platform in {"app", "mini_program"} else "发布类"
        staffing = "代运营" if life.contractor else "专职" if life.every < 1.5 else "兼职"
        address = "" if life.hand else f"{FEEDS}/{player.key}/{quote(entry.name)}.xml"
        writer.writerow([
            nth, entry.name, PLATFORM_NAMES[entry.platform], player.key, entry.unit, sort, "国办口径", f"{opened:%Y.%m.%d}", staffing, "在用", address,
            "" if life.hand else "是",
        ])  # fmt: skip
    return out.getvalue().encode("gb18030")
