"""隶属调整 and 分设: paths of the whole subtree follow, who sees what follows, accounts are given or wait flagged."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories import AT, make_account

from qiguan.collection.actions.checks import open_round
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.inspection.actions.standing import judge_all
from qiguan.inspection.models import Standing
from qiguan.people.actions import add_user, end_organ, found_organ
from qiguan.people.fields import BytewiseCharField
from qiguan.people.models import AuditEntry, Organ, OrganEvent, User
from qiguan.people.queries import organs_seen_by
from qiguan.register.actions.filings import submit_filing
from qiguan.register.actions.imports import apply_file, receive_file
from qiguan.register.actions.organs import move_organ
from qiguan.register.actions.returns import open_return
from qiguan.register.actions.splitting import split_organ
from qiguan.register.models import Account, Filing, PublicEntry, ReturnTask, SheetFile
from qiguan.register.queries.ended import accounts_of_ended
from qiguan.register.queries.lookup import look_up

pytestmark = pytest.mark.django_db
ON = date(2026, 3, 1)
FROZEN = {  # the path of its day: an audit row, what a round judged, what was published
    "people.AuditEntry.organ_path",
    "inspection.RoundAccount.owner_path",
    "inspection.RoundAccount.supervisor_path",
    "publication.SnapshotAccount.owner_path",
}


def move(town, organ, parent, by="supervisor"):
    return move_organ(organ=organ, parent=parent, on=ON, document="示机改〔2026〕3号", by=town.users[by] if by else None, at=AT)


@pytest.fixture
def bureau(town):
    """南例县商务局 with a team below it, an account of each, and one it supervises elsewhere."""
    town.team = found_organ(name="招商服务中心", parent=town.commerce, level="county", sort="institution", by=None, at=AT)
    town.own = make_account(town.commerce, "南例商务", platform_id="gh_1")
    town.below = make_account(town.team, "南例招商", platform="weibo", platform_id="2")
    town.foreign = make_account(
        town.audit, "东例审计", platform="weibo", platform_id="3", supervisor=town.commerce, supervisor_path=town.commerce.path
    )
    judge_all(at=AT)
    return town


def names(rows):
    return sorted(r.name for r in rows)


def test_an_organ_is_moved_with_all_below_and_its_history_is_kept(bureau):
    move(bureau, bureau.commerce, bureau.east)
    for organ in (bureau.commerce, bureau.team):
        organ.refresh_from_db()
    assert bureau.commerce.parent == bureau.east
    assert bureau.commerce.path == f"{bureau.east.path}{bureau.commerce.pk}/"
    assert bureau.team.path == f"{bureau.commerce.path}{bureau.team.pk}/"
    event = OrganEvent.objects.get()
    assert (event.what, event.on, event.document, event.other) == ("moved", ON, "示机改〔2026〕3号", bureau.east)
    assert event.note == "原隶属南例县人民政府"
    audit = AuditEntry.objects.get(action="move_organ")
    assert (audit.by, audit.fields) == (bureau.users["supervisor"], ["parent", "path"])


def test_who_sees_the_accounts_follows_the_move(bureau):
    south = add_user(username="south", shown_name="", password="x", roles=[(bureau.south, "supervisor")], by=None, at=AT)
    assert names(Account.objects.visible_to(south)) == ["东例审计", "南例商务", "南例招商"]
    move(bureau, bureau.commerce, bureau.east)
    south, east = User.objects.get(pk=south.pk), User.objects.get(username="east")
    for model in (Account, Standing):
        assert names(model.objects.visible_to(south)) == []
        assert names(model.objects.visible_to(east)) == ["东例审计", "南例商务", "南例招商"]
    assert {bureau.commerce, bureau.team} <= set(organs_seen_by(east))
    unit = User.objects.get(username="unit")  # whose own organ was moved keeps what it had
    assert names(Standing.objects.visible_to(unit)) == ["东例审计", "南例商务", "南例招商"]


def test_every_column_of_paths_is_said_to_follow_or_to_be_frozen():
    found = {
        f"{model._meta.label}.{field.name}": field.name in getattr(model, "path_copies", ())
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, BytewiseCharField) and field.name.endswith("path")
    }
    assert {name for name, follows in found.items() if not follows} == FROZEN
    assert len(found) > 12


def test_every_copy_of_a_path_follows(bureau):
    who = bureau.users["unit"]
    submit_filing(what="cancel", organ=bureau.commerce, account=bureau.own, said={"note": "x"}, by=who, at=AT)
    receive_file(organ=bureau.commerce, name="a.csv", data="账号名称,平台\n甲,微博\n".encode(), by=None, at=AT)
    open_return(organ=bureau.commerce, title="x", due_on=ON, organs=[bureau.team], by=None, at=AT)
    open_round(organ=bureau.commerce, title="x", accounts=[bureau.own], seed="1", by=None, at=AT)
    old, copies = bureau.commerce.path, 0
    move(bureau, bureau.commerce, bureau.east)
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if (
                isinstance(field, BytewiseCharField)
                and field.name.endswith("path")
                and f"{model._meta.label}.{field.name}" not in FROZEN
            ):
                paths = list(model.objects.values_list(field.name, flat=True))
                assert not [p for p in paths if p.startswith(old)], f"{model._meta.label}.{field.name} did not follow"
                copies += sum(p.startswith(bureau.commerce.path) for p in paths)
    assert copies >= 10
    for model in (Filing, SheetFile, ReturnTask):
        assert model.objects.get().organ_path == bureau.commerce.path


def test_moved_accounts_are_marked_changed_and_the_public_sees_their_new_place(bureau):
    Account.objects.update(changed_at=AT.replace(year=2020))
    assert PublicEntry.objects.get(account=bureau.own).place == "南例县人民政府"
    move(bureau, bureau.commerce, bureau.east)
    assert {e.place for e in look_up("南例商务").entries} == {"东例区人民政府"}
    assert Account.objects.filter(changed_at=AT).count() == 3


def test_accounts_of_a_place_that_is_moved_keep_their_place(bureau):
    town = found_organ(name="北例镇人民政府", parent=bureau.south, level="town", sort="place", by=None, at=AT)
    make_account(town, "北例发布", platform="weibo", platform_id="9")
    move(bureau, town, bureau.east)
    assert look_up("北例发布").entries[0].place == "北例镇人民政府"


def test_what_makes_no_tree_is_refused_and_nothing_is_written(bureau):
    ended = found_organ(name="旧局", parent=bureau.east, level="county", by=None, at=AT)
    end_organ(organ=ended, on=ON, successor=None, by=None, at=AT)
    found_organ(name="南例县商务局", parent=bureau.city, level="city", by=None, at=AT)
    before = list(Organ.objects.order_by("pk").values())
    for organ, parent, why in (
        (bureau.commerce, bureau.commerce, "就在"),
        (bureau.commerce, bureau.team, "就在"),
        (bureau.city, bureau.east, "没有上级"),
        (bureau.commerce, bureau.south, "现在就隶属"),
        (bureau.commerce, ended, "已经撤并"),
        (ended, bureau.south, "已经撤并"),
        (bureau.commerce, bureau.city, "之下已有"),
    ):
        with pytest.raises(QiguanError, match=why):
            move(bureau, Organ.objects.get(pk=organ.pk), parent)
    assert list(Organ.objects.order_by("pk").values()) == before
    assert not OrganEvent.objects.filter(what="moved").exists()


def test_a_tree_too_deep_is_refused(bureau):
    Organ.objects.filter(pk=bureau.audit.pk).update(path=f"{bureau.audit.path[:-1]}{'0' * (198 - len(bureau.audit.path))}/")
    bureau.audit.refresh_from_db()
    with pytest.raises(QiguanError, match="太深"):
        move(bureau, bureau.commerce, bureau.audit)


def test_a_move_needs_the_supervisor_of_both_sides(bureau):
    south = add_user(username="south", shown_name="", password="x", roles=[(bureau.south, "supervisor")], by=None, at=AT)
    for by in (south, *(bureau.users[n] for n in ("east", "unit", "operator", "auditor"))):
        with pytest.raises(NotPermitted):
            move_organ(organ=bureau.commerce, parent=bureau.east, on=ON, by=by, at=AT)
    assert not OrganEvent.objects.exists()


def test_no_organ_moves_while_a_file_is_imported_there(bureau):
    file = receive_file(organ=bureau.city, name="a.csv", data="账号名称,平台\n甲,微博\n".encode(), by=None, at=AT)
    SheetFile.objects.update(state="applying")
    with pytest.raises(QiguanError, match=r"a\.csv.*正在导入"):
        move(bureau, bureau.commerce, bureau.east)
    assert not OrganEvent.objects.exists()
    SheetFile.objects.update(state="preview")
    apply_file(file=file, by=None, at=AT)
    move(bureau, bureau.commerce, bureau.east)


def test_a_move_takes_few_statements_however_many_accounts(bureau):
    for n in range(300):
        make_account(bureau.team, f"号{n}", platform="douyin", platform_id=f"d{n}")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        move(bureau, bureau.commerce, bureau.east)
    assert len(queries) < 45


def test_a_split_organ_ends_and_its_accounts_are_given_or_wait(bureau):
    other = make_account(bureau.commerce, "南例投资", platform="weibo", platform_id="7")
    judge_all(at=AT)
    third = make_account(bureau.commerce, "南例外贸", platform="weibo", platform_id="8")
    organs = split_organ(
        organ=bureau.commerce,
        into=["南例县贸易局", "南例县投资促进局", "东例区审计局"],
        on=ON,
        document="示机改〔2026〕4号",
        given={bureau.own.public_id: "南例县贸易局", other.public_id: "东例区审计局"},
        by=bureau.users["supervisor"],
        at=AT,
    )
    assert organs[2] == bureau.audit
    row = Standing.objects.get(account=other)  # the list names the new owner at once, not with the next judging
    assert (row.owner_name, row.owner_path, row.owner_sort_key, row.level) == (
        "东例区审计局", bureau.audit.path, bureau.audit.sort_key, bureau.audit.level
    )  # fmt: skip
    for organ in organs[:2]:
        assert (organ.parent, organ.level, organ.founded_on) == (bureau.south, "county", ON)
        founded = organ.events.get()
        assert (founded.what, founded.note, founded.other) == ("founded", "由南例县商务局分设", bureau.commerce)
    bureau.commerce.refresh_from_db()
    assert (bureau.commerce.ended_on, bureau.commerce.heirs) == (ON, organs)
    assert {(e.what, e.document) for e in bureau.commerce.events.all()} == {("split", "示机改〔2026〕4号")}
    bureau.own.refresh_from_db()
    assert (bureau.own.owner, bureau.own.owner_path, bureau.own.changed_at) == (organs[0], organs[0].path, AT)
    assert look_up("南例商务").entries[0].owner_name == "南例县贸易局"
    assert names(accounts_of_ended(bureau.users["supervisor"])) == ["南例外贸"]
    assert third.owner == bureau.commerce
    assert names(Account.objects.visible_to(bureau.users["east"])) == ["东例审计", "南例投资"]
    assert AuditEntry.objects.get(action="split_organ").count == 2


def test_an_organ_that_is_among_its_successors_goes_on(bureau):
    organs = split_organ(
        organ=bureau.commerce,
        into=["南例县商务局", "南例县投资促进局"],
        on=ON,
        given={bureau.own.public_id: "南例县投资促进局"},
        by=None,
        at=AT,
    )
    bureau.commerce.refresh_from_db()
    assert (organs[0], bureau.commerce.ended_on, bureau.commerce.heirs) == (bureau.commerce, None, [organs[1]])
    assert Account.objects.get(pk=bureau.own.pk).owner == organs[1]
    assert not accounts_of_ended(bureau.users["supervisor"]).exists()


@pytest.mark.parametrize(
    ("into", "given", "why"),
    [
        (["甲局"], {}, "2到20个不同"),
        (["甲局", "甲 局"], {}, "2到20个不同"),
        (["甲局", "乙" * 121], {}, "120个字"),
        (["甲局", "同名局"], {}, "2个单位都叫"),
        (["甲局", "乙局"], {"own": "丙局"}, "不在分设名单里"),
        (["甲局", "乙局"], {"foreign": "甲局"}, "不在这个单位名下"),
    ],
)
def test_a_split_that_is_not_plain_writes_nothing(bureau, into, given, why):
    for place in (bureau.east, bureau.city):
        found_organ(name="同名局", parent=place, level="county", by=None, at=AT)
    given = {getattr(bureau, key).public_id: name for key, name in given.items()}
    before = Organ.objects.count()
    with pytest.raises(QiguanError, match=why):
        split_organ(organ=bureau.commerce, into=into, on=ON, given=given, by=bureau.users["supervisor"], at=AT)
    assert Organ.objects.count() == before
    assert not OrganEvent.objects.exists()
    assert Account.objects.get(pk=bureau.own.pk).owner == bureau.commerce


def test_only_a_supervisor_above_splits_and_neither_the_root_nor_the_ended(bureau):
    for name in ("unit", "east", "operator", "auditor"):
        with pytest.raises(NotPermitted):
            split_organ(organ=bureau.commerce, into=["甲局", "乙局"], on=ON, given={}, by=bureau.users[name], at=AT)
    with pytest.raises(QiguanError, match="最上级"):
        split_organ(organ=bureau.city, into=["甲局", "乙局"], on=ON, given={}, by=None, at=AT)
    split_organ(organ=bureau.commerce, into=["甲局", "乙局"], on=ON, given={}, by=None, at=AT)
    with pytest.raises(QiguanError, match="已经撤并"):
        split_organ(organ=bureau.commerce, into=["丙局", "丁局"], on=ON, given={}, by=None, at=AT)


def test_organs_are_moved_by_page(client, bureau):
    client.force_login(bureau.users["supervisor"])
    address = f"/office/register/organs/{bureau.commerce.public_id}/"
    assert "隶属调整" in client.get(address).content.decode()
    for name, why in (("", "没有写新的上级"), ("没有的局", "没有叫"), ("招商服务中心", "就在")):
        page = client.post(address, {"what": "move", "name": name, "on": "2026-03-01"}).content.decode()
        assert why in page
    page = client.post(
        address, {"what": "move", "name": "东例区人民政府", "on": "2026-03-01", "document": "三号"}, follow=True
    ).content.decode()
    for expected in ("隶属调整", "原隶属南例县人民政府，改隶属东例区人民政府", "三号", "东例区人民政府之下"):
        assert expected in page


def test_organs_are_split_by_page_in_two_steps(client, bureau):
    client.force_login(bureau.users["supervisor"])
    address = f"/office/register/organs/{bureau.commerce.public_id}/split/"
    assert "下一步" in client.get(address).content.decode()
    form = {"into": "南例县贸易局\n南例县投资局\n", "on": "2026-03-01", "document": "四号"}
    assert "日期读不出来" in client.post(address, {**form, "on": "哪天", "next": "1"}).content.decode()
    page = client.post(address, {**form, "next": "1"}).content.decode()
    for expected in ("分成2个单位，名下1个账号", "新设，在南例县人民政府之下", "南例商务", "先不定", "四号"):
        assert expected in page
    assert not OrganEvent.objects.exists()
    page = client.post(address, {**form, "confirmed": "1"}, follow=True).content.decode()
    for expected in ("还有1个账号没定归谁", "分设出南例县贸易局", "变更为南例县投资局主办", "下属单位还在它之下"):
        assert expected in page
    assert "职能由南例县贸易局、南例县投资局承接" in client.get("/office/register/ended/").content.decode()
    assert "职能由南例县贸易局、南例县投资局承接" in client.get(f"/office/accounts/{bureau.own.public_id}/").content.decode()
    assert "已经撤并" in client.post(address, {**form, "confirmed": "1"}).content.decode()


def test_accounts_are_given_by_page(client, bureau):
    client.force_login(bureau.users["supervisor"])
    form = {
        "into": "南例县贸易局\n南例县投资局\n",
        "on": "2026-03-01",
        f"to-{bureau.own.public_id}": "南例县投资局",
        "confirmed": "1",
    }
    client.post(f"/office/register/organs/{bureau.commerce.public_id}/split/", form)
    assert Account.objects.get(pk=bureau.own.pk).owner.name == "南例县投资局"
    client.force_login(bureau.users["unit"])
    assert client.get(f"/office/register/organs/{bureau.commerce.public_id}/split/").status_code == 403
    assert "登记分设" not in client.get(f"/office/register/organs/{bureau.commerce.public_id}/").content.decode()
