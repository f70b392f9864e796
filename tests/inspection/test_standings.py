"""From facts in the database to standings, lists and pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.factories import AT, make_account

from qiguan.collection.models import CoverageSpan, HumanCheck, Post, Source, Touched
from qiguan.core.facts import State
from qiguan.inspection.actions.standing import judge_accounts, judge_all, judge_due, judge_touched
from qiguan.inspection.models import PackUse, Standing
from qiguan.inspection.queries import standings
from qiguan.inspection.queries.standings import ListFilter, list_counts, list_page, matching, silence_months, tally
from qiguan.people.actions import found_organ

pytestmark = pytest.mark.django_db


def give_posts(account, *days_ago, complete=True, until=AT):
    source = Source.objects.create(
        account=account, connector="rss", url=f"https://x.invalid/{account.pk}", complete=complete, added_at=AT
    )
    Post.objects.bulk_create(
        [
            Post(
                account=account,
                key=f"k{d}",
                title="通知",
                published_at=AT - timedelta(days=d),
                first_seen_at=AT - timedelta(days=d),
            )
            for d in days_ago
        ]
    )
    if complete:
        CoverageSpan.objects.create(source=source, account=account, start=None, until=until, read_at=until)
    return source


def standing_of(account):
    judge_accounts([account.pk], at=AT)
    return Standing.objects.get(pk=account.pk)


@pytest.mark.parametrize(
    ("days", "state", "verdict"),
    [
        ((3,), "active", "合格"),
        ((11,), "due", "合格"),
        ((16,), "overdue", "不合格"),
        ((40,), "sleeping", "不合格"),
        ((120,), "zombie", "不合格"),
        ((700,), "zombie", "不合格"),
        ((), "never_posted", "不合格"),
    ],
)
def test_a_complete_source_tells_every_state(town, days, state, verdict):
    account = make_account(town.commerce, platform_id="gh_1")
    give_posts(account, *days)
    row = standing_of(account)
    assert (row.state, row.verdict) == (state, verdict)


@pytest.mark.parametrize("days", [(16,), (120,), ()])
def test_a_partial_source_never_calls_an_account_silent(town, days):
    account = make_account(town.commerce, platform_id="gh_1")
    give_posts(account, *days, complete=False)
    row = standing_of(account)
    assert (row.state, row.verdict) == ("unknown", "未能判定")


def test_a_stale_complete_source_never_calls_an_account_silent(town):
    account = make_account(town.commerce, platform_id="gh_1")
    give_posts(account, 30, until=AT - timedelta(days=3))
    assert standing_of(account).state == State.UNKNOWN


def test_a_human_check_settles_it(town):
    account = make_account(town.commerce, platform_id="gh_1")
    HumanCheck.objects.create(
        client_key="k",
        account=account,
        at=AT - timedelta(hours=1),
        said="newest",
        newest_at=AT - timedelta(days=20),
        stored_at=AT,
    )
    assert standing_of(account).state == State.OVERDUE


def test_touched_accounts_are_judged_and_newer_marks_stay(town, monkeypatch):
    account = make_account(town.commerce, platform_id="gh_1")
    Touched.objects.create(account=account, at=AT)
    from qiguan.inspection.actions import standing

    inner = standing.judge_accounts

    def meanwhile(ids, **more):
        Touched.objects.filter(account=account).update(at=AT + timedelta(seconds=5))
        return inner(ids, **more)

    monkeypatch.setattr(standing, "judge_accounts", meanwhile)
    assert judge_touched(at=AT) == 1
    assert Touched.objects.count() == 1  # facts came while we judged
    monkeypatch.undo()
    judge_touched(at=AT)
    assert Touched.objects.count() == 0


def test_what_time_alone_changes_is_judged_when_its_moment_comes(town):
    account = make_account(town.commerce, platform_id="gh_1")
    give_posts(account, 9)
    assert standing_of(account).state == State.ACTIVE
    assert judge_due(at=AT + timedelta(hours=2)) == 0
    assert judge_due(at=AT + timedelta(days=1, hours=1)) == 1
    assert Standing.objects.get().state == State.DUE


def test_a_local_pack_binds_the_subtree_that_named_it(town):
    account = make_account(town.commerce, platform_id="gh_1")
    PackUse.objects.create(organ=town.south, pack="minhou", since=AT.date() - timedelta(days=10))
    assert standing_of(account).pack == "minhou"
    PackUse.objects.create(organ=town.commerce, pack="gone", since=AT.date() - timedelta(days=1))
    assert standing_of(account).pack == "national"  # a pack that is not there must not stop the night


def test_judging_again_gives_the_same_rows(town):
    for n in range(5):
        give_posts(make_account(town.commerce, f"号{n}", platform_id=f"gh_{n}"), n * 10)
    told = []
    judge_all(at=AT, moved=lambda done, total: told.append((done, total)))
    first = list(Standing.objects.order_by("pk").values())
    judge_all(at=AT)
    assert list(Standing.objects.order_by("pk").values()) == first
    assert told == [(5, 5)]


@pytest.fixture
def many(town):
    for n in range(120):
        owner = town.commerce if n % 2 else town.audit
        give_posts(
            make_account(
                owner, f"{'南例' if n % 2 else '东例'}第{n}号", platform="weibo" if n % 3 else "wechat_mp", platform_id=f"id{n}"
            ),
            n % 60,
        )
    judge_all(at=AT)
    return town


@pytest.mark.parametrize("sort", ["name", "-name", "owner", "silence", "-silence", "line", "-line"])
def test_pages_by_number_and_by_key_show_every_account_once(many, monkeypatch, sort):
    monkeypatch.setattr(standings, "PAGE", 25)
    user = many.users["supervisor"]
    wanted = ListFilter(sort=sort)
    numbered, number = [], 1
    while True:
        page = list_page(user=user, wanted=wanted, number=number)
        numbered += [r.pk for r in page.rows]
        if not page.has_next:
            break
        number += 1
    keyed, after = [], ""
    while True:
        page = list_page(user=user, wanted=wanted, after=after)
        keyed += [r.pk for r in page.rows]
        if not page.next_key:
            break
        after = page.next_key
    assert numbered == keyed
    assert len(set(numbered)) == page.total == 120


def test_filters_words_and_places_narrow_the_list(many):
    user = many.users["supervisor"]
    assert list_page(user=user, wanted=ListFilter(words="南例")).total == 60
    assert list_page(user=user, wanted=ListFilter(words="第7号")).total >= 1
    assert list_page(user=user, wanted=ListFilter(words="无此")).total == 0
    assert list_page(user=user, wanted=ListFilter(platform="weibo", words="东例")).total == 40
    assert list_page(user=user, wanted=ListFilter(place=many.east.public_id)).total == 60
    assert list_page(user=user, wanted=ListFilter(place="nothing")).total == 0
    assert ListFilter.of({"state": "nonsense", "sort": "drop", "page": "x"}) == ListFilter()
    assert list_page(user=many.users["east"], wanted=ListFilter()).total == 60
    assert list_page(user=user, wanted=ListFilter(), after="x:y").rows


@pytest.mark.parametrize("words", ["", "南例", "第7号", "商务"])
@pytest.mark.parametrize("who", ["supervisor", "east"])
def test_many_and_few_matches_are_the_same_accounts(many, monkeypatch, who, words):
    found_organ(name="另一省人民政府", parent=None, level="province", sort="place", by=None, at=AT)  # nobody sees everything
    user, wanted = many.users[who], ListFilter(words=words, sort="-silence")
    few = list_page(user=user, wanted=wanted)
    monkeypatch.setattr(standings, "WALKED", -1)
    assert list_page(user=user, wanted=wanted) == few
    ids = set(matching(user=user, wanted=wanted).values_list("pk", flat=True))
    assert set(matching(user=user, wanted=wanted, many=True).values_list("pk", flat=True)) == ids
    assert few.total == len(ids) == sum(list_counts(user=user, wanted=wanted).values())


def test_who_holds_every_organ_sees_the_list_without_a_condition(many):
    user = many.users["supervisor"]
    assert "owner_path" not in str(Standing.objects.visible_to(user).values("pk").query)
    found_organ(name="另一省人民政府", parent=None, level="province", sort="place", by=None, at=AT)
    assert "owner_path" in str(Standing.objects.visible_to(user).values("pk").query)
    assert "owner_path" in str(Standing.objects.visible_to(many.users["east"]).values("pk").query)


def test_counts_by_state_leave_out_what_only_the_state_leaves_out(many):
    user = many.users["supervisor"]
    counts = list_counts(user=user, wanted=ListFilter(state="overdue", platform="weibo"))
    assert sum(counts.values()) == 80
    wanted = ListFilter(state="overdue", platform="weibo")
    assert (
        list_page(user=user, wanted=wanted, counts=counts).total == counts["overdue"] == list_page(user=user, wanted=wanted).total
    )


def test_one_tally_gives_the_counts_of_each_column(many):
    found = Standing.objects.all()
    counted = tally(found, "state", "platform", "seen")
    for column in ("state", "platform", "seen"):
        assert counted.of(column) == {value: found.filter(**{column: value}).count() for value in counted.of(column)}
    some = counted.of("platform", state=["overdue"])
    assert sum(some.values()) == found.filter(state="overdue").count() > 0
    assert list(some.values()) == sorted(some.values(), reverse=True)


def test_the_departments_of_a_place_are_what_its_places_leave(client, many, monkeypatch):
    monkeypatch.setattr("qiguan.jobs.clock.now", lambda: AT)
    client.force_login(many.users["supervisor"])
    rows = client.get("/office/overview/").context["rows"]
    assert rows[0].name == "本级部门"
    assert sum(n for row in rows for n in row.counts.values()) == Standing.objects.count()


def test_months_of_silence_count_every_seen_account_once(many):
    months = dict(silence_months(user=many.users["supervisor"], at=AT))
    assert sum(months.values()) == 120
    assert months["一个月内"] == 60


def test_pages_answer_and_say_the_conclusion(client, many, monkeypatch):
    monkeypatch.setattr("qiguan.jobs.clock.now", lambda: AT)
    client.force_login(many.users["supervisor"])
    overview = client.get("/office/overview/").content.decode()
    assert "120个账号" in overview
    account = Standing.objects.filter(state="overdue").first()
    page = client.get(f"/office/accounts/{account.public_id}/").content.decode()
    for words in ("什么状态", "凭什么", "下一步谁做", "超期未更新", "以表格看", "14天"):
        assert words in page
    for path in (
        "accounts/?state=overdue&sort=-silence&page=2",
        "accounts/?q=南例&page=999999",
        "silence/",
        "coverage/",
        "overview/?place=" + many.east.public_id,
    ):
        assert client.get(f"/office/{path}").status_code == 200
