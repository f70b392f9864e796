"""示例市 stands up by the product's own ways, shows every poll outcome over real HTTP, and every state."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from qiguan.collection.actions.polls import poll_due
from qiguan.collection.models import Post, Source
from qiguan.config.demo.feeds import serve
from qiguan.config.demo.founding import found_town
from qiguan.config.demo.stories import STORIES, post_times
from qiguan.config.demo.town import entries
from qiguan.inspection.actions.standing import judge_touched
from qiguan.inspection.models import Standing
from qiguan.jobs import clock
from qiguan.register.models import Account


@pytest.mark.one_database
@pytest.mark.django_db(transaction=True)
def test_the_town_shows_every_state_and_every_outcome():
    base = clock.machine_now().replace(microsecond=0)
    server = serve(0, base - timedelta(hours=1))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        found_town(feeds=f"http://127.0.0.1:{server.server_address[1]}", at=base)
        found_town(feeds="http://127.0.0.1:1", at=base)  # a second time changes nothing
        first = poll_due(at=base + timedelta(seconds=1))
        Source.objects.update(next_at=base)
        posts = Post.objects.count()
        poll_due(at=base + timedelta(minutes=2))
    finally:
        server.shutdown()
    judge_touched(at=base + timedelta(minutes=3))
    assert Account.objects.count() == len(entries()) + 1
    assert {"ok", "empty", "login_page", "truncated", "moved", "gone", "rate_limited", "server_error"} <= set(first)
    assert Source.objects.filter(outcome="renamed").exists()
    assert Post.objects.count() == posts
    backdated = set(Post.objects.filter(asked_about=True).values_list("account__name", flat=True))
    assert backdated == {e.name for e in entries() if e.story == "backdated"}  # nobody else is accused
    states = set(Standing.objects.values_list("state", flat=True))
    assert states == {"active", "due", "overdue", "sleeping", "zombie", "never_posted", "unknown", "closing", "blocked", "closed"}
    login = Standing.objects.get(name="示例水务", platform="wechat_mp")
    assert login.state == "unknown"  # a log-in page in place of its feed is ours, never its silence
    assert not Standing.objects.filter(state__in=["overdue", "sleeping", "zombie", "never_posted"], verdict="合格").exists()


def test_stories_are_the_same_at_every_start():
    at = clock.machine_now()
    for name, story in STORIES.items():
        assert post_times(story, seed=name, at=at) == post_times(story, seed=name, at=at)
    assert {e.story for e in entries()} == set(STORIES)
