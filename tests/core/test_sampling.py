"""Anyone can redo a draw."""

from __future__ import annotations

from hashlib import sha256

from qiguan.core.sampling import draw, share_of, ticket


def test_the_draw_is_what_the_rule_says_and_does_not_depend_on_the_order():
    numbers = [f"n{i}" for i in range(100)]
    drawn = draw(numbers, seed="2026123", count=5)
    assert drawn == draw(list(reversed(numbers)), seed="2026123", count=5)
    assert drawn == sorted(numbers, key=lambda n: sha256(f"2026123|{n}".encode()).hexdigest())[:5]
    assert drawn != draw(numbers, seed="2026124", count=5)
    assert ticket("a", "b") == sha256(b"a|b").hexdigest()


def test_five_per_cent_is_rounded_up_and_at_least_one():
    assert [share_of(n, percent=5) for n in (0, 1, 20, 21, 100)] == [0, 1, 1, 2, 5]
    assert draw(["a"], seed="x", count=-1) == []
