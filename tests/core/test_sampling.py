"""A draw by lot that anyone can redo with the list, the seed and a SHA-256 tool."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.sampling import RULE, draw, fingerprint, share_of, ticket

NUMBERS = [f"a{n:03}" for n in range(200)]
KNOWN = ["a180", "a042", "a024"]  # worked out with sha256sum


def test_the_published_rule_alone_redoes_the_draw():
    # written from the words of RULE, without our code
    by_hand = sorted(NUMBERS, key=lambda number: sha256(f"第2026123期|{number}".encode()).hexdigest())[:10]
    assert draw(NUMBERS, seed="第2026123期", count=10) == by_hand
    assert "种子|编号" in RULE
    assert "SHA-256" in RULE


def test_a_known_draw_never_changes_with_the_code():
    assert ticket("1", "a") == "d55e0424345a817e3757ad3bb43e6c7d888b5c8aa7df55a9d012245663052698"
    assert draw(NUMBERS, seed="1", count=3) == KNOWN


@given(st.lists(st.text(max_size=6)), st.text(max_size=10), st.integers(-3, 30))
def test_a_draw_is_a_subset_without_doubles_whatever_the_order(numbers: list[str], seed: str, count: int):
    drawn = draw(numbers, seed=seed, count=count)
    assert drawn == draw(reversed(numbers), seed=seed, count=count)
    assert len(drawn) == len(set(drawn)) == min(max(0, count), len(set(numbers)))
    assert set(drawn) <= set(numbers)


def test_another_seed_draws_others_and_each_number_has_its_chance():
    assert draw(NUMBERS, seed="1", count=10) != draw(NUMBERS, seed="2", count=10)
    times = dict.fromkeys(NUMBERS, 0)
    for seed in range(400):
        for number in draw(NUMBERS, seed=str(seed), count=10):
            times[number] += 1
    assert sum(times.values()) == 4000
    assert min(times.values()) >= 5  # 20 are to be expected
    assert max(times.values()) <= 40


@pytest.mark.parametrize(("total", "share"), [(0, 0), (1, 1), (19, 1), (20, 1), (21, 2), (135, 7), (433, 22)])
def test_five_per_cent_is_rounded_up_and_never_nothing(total: int, share: int):
    assert share_of(total, percent=5) == share


def test_a_fingerprint_binds_a_seed():
    assert fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert fingerprint("abd") != fingerprint("abc")
