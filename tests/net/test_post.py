"""Posting once, and what is known of the arrival."""

from __future__ import annotations

import asyncio
import socket

import pytest
from tests.people.stand_ins import HookServer

from qiguan.core.source import Outcome, Response
from qiguan.net.door import Door, Limits
from qiguan.net.post import Unanswered, post_json

FAST = Limits(total=0.6, connect=0.3, redirects=0)


@pytest.fixture
def hook():
    with HookServer() as server:
        yield server


def post(url, *, allow_loopback=True, limits=FAST):
    async def go():
        async with Door(agent="Qiguan", allow_loopback=allow_loopback, limits=limits) as door:
            return await post_json(door, url, {"a": "甲"}, {"Connection": "close"})

    return asyncio.run(go())


def test_a_body_arrives_and_the_answer_comes_back(hook):
    hook.bodies["/h"] = b'{"errcode":0}'
    answer = post(f"{hook.base}/h")
    assert isinstance(answer, Response)
    assert (answer.status, answer.body, hook.got) == (200, b'{"errcode":0}', [("/h", {"a": "甲"})])


@pytest.mark.parametrize("mood", ["hang", "drop"])
def test_where_no_answer_comes_it_may_have_arrived(hook, mood):
    hook.moods["/h"] = mood
    answer = post(f"{hook.base}/h")
    assert isinstance(answer, Unanswered)
    assert answer.perhaps
    assert len(hook.got) == 1, "a post is never repeated by itself"


def test_a_closed_port_surely_got_nothing():
    assert post("http://127.0.0.1:9/h") == Unanswered(Outcome.UNREACHABLE, False)


def test_a_connection_that_never_stands_surely_got_nothing():
    with socket.socket() as full:  # a listener whose queue is full: connecting times out
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        held = []
        for _ in range(4):
            other = socket.socket()
            other.setblocking(False)
            other.connect_ex(full.getsockname())
            held.append(other)
        answer = post(f"http://127.0.0.1:{full.getsockname()[1]}/h")
        for other in held:
            other.close()
    assert answer == Unanswered(Outcome.TIMEOUT, False)


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_not_followed_with_a_body(hook, status):
    hook.moods["/h"] = status
    assert post(f"{hook.base}/h") == Unanswered(Outcome.REDIRECT_LOOP, False)
    assert hook.got == []


def test_a_private_address_and_a_strange_one_are_refused_here():
    assert post("http://127.0.0.1:9/", allow_loopback=False) == Unanswered(Outcome.PRIVATE_ADDRESS, False)
    assert post("ftp://x.invalid/") == Unanswered(Outcome.UNREACHABLE, False)
