"""A file changes nothing outside its sender's subtree: what lies outside asks, or waits as a claim."""

from __future__ import annotations

from datetime import date

import pytest
from tests.factories import AT, make_account

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.people.actions import found_organ
from qiguan.people.models import Organ
from qiguan.register.actions.answers import answer_row
from qiguan.register.actions.imports import apply_file, plan_file, receive_file
from qiguan.register.models import Account, SheetRow

pytestmark = pytest.mark.django_db
HEADER = "账号名称,平台,账号ID,主办单位,开设时间\n"


def import_text(organ, text, name="登记表.csv", by=None):
    file = receive_file(organ=organ, name=name, data=text.encode(), by=by, at=AT)
    return apply_file(file=file, by=by, at=AT)


def test_another_places_account_is_never_changed_by_a_file(town):
    foreign = make_account(town.audit, "东例审计", platform="weibo", platform_id="55")
    for row in ("东例审计改,微博,55,东例区审计局,2001-01-01\n", "东例审计,微博,55,南例县商务局,\n"):
        file = import_text(town.south, HEADER + row)
        assert file.counts == {"claim": 1}
    text = "账号名称,平台,账号ID\n东例审计,微博,55\n"  # without the column the sender claims it for itself
    assert import_text(town.commerce, text).counts == {"claim": 1}
    foreign.refresh_from_db()
    assert (foreign.name, foreign.owner, foreign.opened_on == date(2001, 1, 1)) == ("东例审计", town.audit, False)


def test_the_same_row_from_another_place_is_no_claim_where_it_agrees(town):
    make_account(town.audit, "东例审计", platform="weibo", platform_id="55")
    assert import_text(town.south, HEADER + "东例审计,微博,55,东例区审计局,\n").counts == {"same": 1}


def test_an_owner_outside_the_sender_is_asked_about(town):
    file = import_text(town.south, HEADER + "新号,微博,77,东例区审计局,\n")
    assert file.counts == {"ask": 1}
    assert "不在报送单位之下" in SheetRow.objects.get(file=file).problems[0]
    assert not Account.objects.exists()


def test_an_account_is_not_handed_to_a_foreign_organ_by_a_file(town):
    own = make_account(town.commerce, "南例商务", platform_id="gh_1")
    assert import_text(town.south, HEADER + "南例商务,公众号,gh_1,东例区审计局,\n").counts == {"claim": 1}
    own.refresh_from_db()
    assert own.owner == town.commerce


def test_a_claim_is_decided_by_whoever_supervises_both(town):
    make_account(town.audit, "东例审计", platform="weibo", platform_id="55")
    file = import_text(town.south, HEADER + "东例审计,微博,55,南例县商务局,\n")
    with pytest.raises(NotPermitted):
        answer_row(file=file, number=2, answer="accept", by=town.users["east"], at=AT)
    with pytest.raises(NotPermitted):
        answer_row(file=file, number=2, answer="accept", by=town.users["unit"], at=AT)
    answer_row(file=file, number=2, answer="accept", by=town.users["supervisor"], at=AT)
    assert Account.objects.get(platform_id="55").owner == town.commerce
    file.refresh_from_db()
    assert file.counts == {"changed": 1}


def test_a_supervisor_of_one_side_decides_no_claim(town):
    from qiguan.people.actions import add_user

    one = add_user(username="south", shown_name="", password="x", roles=[(town.south, "supervisor")], by=None, at=AT)
    make_account(town.audit, "东例审计", platform="weibo", platform_id="55")
    file = import_text(town.south, HEADER + "东例审计,微博,55,南例县商务局,\n")
    for answer in ("accept", "keep"):
        with pytest.raises(NotPermitted):
            answer_row(file=file, number=2, answer=answer, by=one, at=AT)
    assert Account.objects.get(platform_id="55").owner == town.audit


def test_a_file_ends_no_foreign_organ(town):
    text = "账号名称,平台,账号ID,主办单位,主办单位撤并时间\n东例审计,微博,55,东例区审计局,2019-03-01\n"
    import_text(town.south, text)
    town.audit.refresh_from_db()
    assert town.audit.ended_on is None


def test_two_organs_of_one_name_are_asked_about(town):
    for place in (town.east, town.south):
        found_organ(name="文旅局", parent=place, level="county", by=None, at=AT)
    file = receive_file(organ=town.city, name="a.csv", data=(HEADER + "文旅,微博,9,文旅局,\n").encode(), by=None, at=AT)
    assert plan_file(file).rows[0].why == "有2个单位都叫“文旅局”"
    assert import_text(town.south, HEADER + "文旅,微博,9,文旅局,\n").counts == {"created": 1}
    assert Account.objects.get().owner.parent == town.south


def test_two_offices_may_use_one_name_without_ids(town):
    text = HEADER + "工会之家,微博,,南例县商务局,\n工会之家,微博,,东例区审计局,\n"
    assert import_text(town.city, text).counts == {"created": 2}
    assert import_text(town.city, text).counts == {"same": 2}


def test_two_rows_of_one_account_are_told_and_the_first_is_kept(town):
    from qiguan.register.models import AccountAlias

    known = make_account(town.commerce, "南例商务", platform_id="gh_1")
    AccountAlias.objects.create(account=known, platform="wechat_mp", sort="biz", value="MzA4MDM1Njg3NQ==")
    file = import_text(town.city, HEADER + "南例商务,公众号,gh_1,,2019-01-01\n南例商务,公众号,MzA4MDM1Njg3NQ==,,2020-01-01\n")
    assert file.counts == {"changed": 1, "bad": 1}
    known.refresh_from_db()
    assert known.opened_on == date(2019, 1, 1)
    assert "和第2行是同一个账号" in SheetRow.objects.get(file=file, number=3).problems[0]


def test_several_of_one_name_need_a_choice(town):
    first = make_account(town.commerce, "南例商务", platform_id="gh_1")
    second = make_account(town.commerce, "南例商务", platform_id="gh_2")
    file = import_text(town.city, HEADER + "南例商务,公众号,,南例县商务局,2019-05-06\n")
    with pytest.raises(QiguanError, match="2个同名"):
        answer_row(file=file, number=2, answer="same", by=town.users["supervisor"], at=AT)
    answer_row(file=file, number=2, answer="same", account=second.public_id, by=town.users["supervisor"], at=AT)
    first.refresh_from_db(), second.refresh_from_db()
    assert (second.opened_on, first.opened_on == second.opened_on) == (date(2019, 5, 6), False)


def test_somebody_else_may_register_the_account_meanwhile(town, monkeypatch):
    from qiguan.register.actions import applying

    file = receive_file(
        organ=town.city, name="a.csv", data=(HEADER + "南例商务,公众号,gh_1,南例县商务局,\n").encode(), by=None, at=AT
    )
    real = applying.plan_file

    def then_taken(file, **more):
        plan = real(file, **more)
        make_account(town.commerce, "南例商务", platform_id="gh_1")
        return plan

    monkeypatch.setattr(applying, "plan_file", then_taken)
    assert apply_file(file=file, by=None, at=AT).counts == {"same": 1}
    assert Account.objects.count() == 1


def test_a_new_organ_is_founded_in_the_place_it_names(town):
    import_text(town.city, HEADER + "a,微博,1,南例县水务局,\nb,微博,2,示例市水务局,\nc,微博,3,南例县,\n")
    parents = {o.name: o.parent for o in Organ.objects.filter(name__in=["南例县水务局", "示例市水务局"])}
    assert parents == {"南例县水务局": town.south, "示例市水务局": town.city}
    assert Organ.objects.get(name="南例县水务局").path.startswith(town.south.path)
