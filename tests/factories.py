"""A small cast with fixed roles: 示例市, 东例区, 南例县; their supervisors, an operator, a checker; accounts in a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from qiguan.core.platforms import name_key
from qiguan.people.actions import add_user, found_organ
from qiguan.people.models import Organ, Role, User
from qiguan.register.actions.accounts import index_accounts, note_ids, publish_entries
from qiguan.register.models import Account

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
PASSWORD = "a-long-test-password"


@dataclass
class Town:
    """The cast."""

    city: Organ
    east: Organ
    south: Organ
    commerce: Organ  # 南例县商务局
    audit: Organ  # 东例区审计局
    users: dict[str, User] = field(default_factory=dict)


def make_town() -> Town:
    city = found_organ(name="示例市人民政府", parent=None, level="city", sort="place", by=None, at=AT)
    east = found_organ(name="东例区人民政府", parent=city, level="county", sort="place", by=None, at=AT)
    south = found_organ(name="南例县人民政府", parent=city, level="county", sort="place", by=None, at=AT)
    commerce = found_organ(name="南例县商务局", parent=south, level="county", by=None, at=AT)
    audit = found_organ(name="东例区审计局", parent=east, level="county", by=None, at=AT)
    town = Town(city, east, south, commerce, audit)
    for name, organ, role in (
        ("supervisor", city, Role.SUPERVISOR), ("second", city, Role.SUPERVISOR), ("east", east, Role.SUPERVISOR), ("unit", commerce, Role.UNIT_ADMIN),
        ("operator", commerce, Role.OPERATOR), ("checker", city, Role.CHECKER), ("checker2", city, Role.CHECKER), ("auditor", city, Role.AUDITOR),
        ("contractor", commerce, Role.CONTRACTOR),
    ):  # fmt: skip
        town.users[name] = add_user(username=name, shown_name=name, password=PASSWORD, roles=[(organ, role)], by=None, at=AT)
    return town


def make_account(
    owner: Organ, name: str = "南例商务", *, platform: str = "wechat_mp", platform_id: str = "", opened: int = 900, **more
) -> Account:
    account = Account.objects.create(
        platform=platform, platform_id=platform_id, name=name, name_key=name_key(name), owner=owner, owner_path=owner.path,
        opened_on=(AT - timedelta(days=opened)).date(), registered_at=AT, changed_at=AT, **more,
    )  # fmt: skip
    index_accounts([account], fresh=True)
    note_ids([account])
    publish_entries([account], at=AT)
    return account
