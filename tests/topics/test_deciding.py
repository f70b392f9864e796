"""The unit lets out, holds by a rule, pledges, declines with a reason, answers; after an appeal the office above decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qiguan.collection.models import Post
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.people.models import AuditEntry
from qiguan.topics.actions.deciding import answer_topic, decline_topic, hold_topic, pledge_topic, release_topic
from qiguan.topics.models import Pledge, TopicRequest
from qiguan.topics.queries.listing import posts_like
from tests.factories import AT, make_account

DAY = AT.date() + timedelta(days=7)


def post_of(account, title: str, *, days: int = 1, url: str = "https://e.invalid/1") -> Post:
    when = AT - timedelta(days=days)
    return Post.objects.create(account=account, key=title, title=title, url=url, published_at=when, first_seen_at=when)


def test_a_request_goes_from_pledge_to_answer_and_keeps_its_history(asked, town, account):
    request, _ = asked
    unit = town.users["unit"]
    for title in ("县里召开会议", "公交五路今起改线走建设路", "荷花开了"):
        post_of(account, title)
    pledge_topic(request=request, due_on=DAY, by=unit, at=AT)
    likely = posts_like(request)
    assert [post.title for post in likely] == ["公交五路今起改线走建设路"]
    answer_topic(request=request, post=likely[0], by=unit, at=AT)
    request.refresh_from_db()
    assert (request.state, request.post_title, request.post_url) == ("answered", likely[0].title, likely[0].url)
    with pytest.raises(QiguanError, match="已经回应"):
        pledge_topic(request=request, due_on=DAY, by=unit, at=AT)
    assert list(Pledge.objects.values_list("what", flat=True)) == ["pledged", "answered"]
    assert list(AuditEntry.objects.filter(action__endswith="_topic").order_by("id").values_list("action", flat=True)) == [
        "pledge_topic",
        "answer_topic",
    ]


def test_what_the_asker_would_not_understand_is_refused(asked, town, account):
    request, _ = asked
    unit = town.users["unit"]
    other = make_account(town.audit, "东例审计", platform_id="gh_2")
    refused = [
        (lambda: decline_topic(request=request, why="不", by=unit, at=AT), "没有写原因"),
        (lambda: pledge_topic(request=request, due_on=AT.date() - timedelta(days=2), by=unit, at=AT), "日期不对"),
        (lambda: answer_topic(request=request, by=unit, at=AT), "没有回应"),
        (lambda: answer_topic(request=request, url="javascript:alert(1)", by=unit, at=AT), "链接不对"),
        (lambda: answer_topic(request=request, post=post_of(other, "别家"), by=unit, at=AT), "另一个账号"),
        (lambda: hold_topic(request=request, rule="因为", by=unit, at=AT), "没有选规则"),
    ]
    for act, told in refused:
        with pytest.raises(QiguanError, match=told):
            act()
    assert TopicRequest.objects.get().state == "waiting"
    assert not Pledge.objects.exists()


@pytest.mark.parametrize("name", ["east", "checker", "auditor", "contractor"])
def test_others_decide_nothing(asked, town, name):
    request, _ = asked
    for act in (
        lambda by: release_topic(request=request, by=by, at=AT),
        lambda by: decline_topic(request=request, why="没有这个来源", by=by, at=AT),
    ):
        with pytest.raises(NotPermitted):
            act(town.users[name])


def test_after_an_appeal_the_unit_no_longer_decides(asked, town):
    request, _ = asked
    hold_topic(request=request, rule="not_topic", why="像是投诉", by=town.users["unit"], at=AT)
    TopicRequest.objects.update(appealed_at=AT)
    for act in (
        lambda by: release_topic(request=request, by=by, at=AT),
        lambda by: hold_topic(request=request, rule="spam", by=by, at=AT),
    ):
        with pytest.raises(NotPermitted, match="上一级"):
            act(town.users["unit"])
    release_topic(request=request, by=town.users["supervisor"], at=AT)
    request.refresh_from_db()
    assert request.released_at == AT
    assert request.held_by_rule == ""
