"""Turns at the door."""

from __future__ import annotations

import asyncio

import pytest

from qiguan.net import hosts as module
from qiguan.net.hosts import Hosts


def most_at_once(hosts, urls):
    inside, most = 0, 0

    async def one(url):
        nonlocal inside, most
        async with hosts.turn(url):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.005)
            inside -= 1

    async def everyone():
        await asyncio.gather(*(one(u) for u in urls))

    asyncio.run(everyone())
    return most


@pytest.mark.parametrize(
    "urls", [["http://a.cn/1"] * 6, ["http://a.cn/1", "https://A.CN/2", "http://a.cn.:81/3", "http://a.cn:80/"]]
)
def test_one_host_however_written_is_asked_by_few_at_once(urls):
    assert most_at_once(Hosts(per_host=2, at_once=10, pause=0), urls) == 2


def test_all_hosts_together_are_bounded():
    assert most_at_once(Hosts(per_host=2, at_once=3, pause=0), [f"http://h{i}/" for i in range(9)]) == 3


def test_those_who_wait_for_a_host_take_no_place_from_others():
    async def go():
        hosts = Hosts(per_host=1, at_once=2, pause=0)
        free = asyncio.Event()

        async def hold():
            async with hosts.turn("http://slow/"):
                await free.wait()

        held = [asyncio.create_task(hold()) for _ in range(5)]
        await asyncio.sleep(0)
        async with asyncio.timeout(1), hosts.turn("http://quick/"):
            free.set()
        await asyncio.gather(*held)

    asyncio.run(go())


def test_a_turn_given_up_frees_its_place():
    async def waits_in_vain(hosts):
        async with asyncio.timeout(0.01), hosts.turn("http://a/"):
            pass

    async def go():
        hosts = Hosts(per_host=1, at_once=1, pause=0)
        async with hosts.turn("http://a/"):
            with pytest.raises(TimeoutError):
                await waits_in_vain(hosts)
        async with asyncio.timeout(1), hosts.turn("http://a/"):
            return hosts._hosts["a"].users

    assert asyncio.run(go()) == 1


def test_idle_hosts_are_forgotten(monkeypatch):
    monkeypatch.setattr(module, "_SWEEP", 10)
    hosts = Hosts(per_host=1, at_once=5, pause=0)
    most_at_once(hosts, [f"http://h{i}/" for i in range(9)])
    most_at_once(hosts, ["http://a/", "http://b/"])
    assert set(hosts._hosts) == {"a", "b"}
