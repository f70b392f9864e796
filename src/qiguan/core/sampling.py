"""Draw by lot that anyone can redo: the list, the public seed and the rule are all that is needed."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

RULE = "把每个编号接在种子后面（种子|编号），取SHA-256，按结果从小到大排，取最前面的若干个"


def ticket(seed: str, number: str) -> str:
    """Return a number's lot: the SHA-256 of `seed|number`, in hex."""
    return sha256(f"{seed}|{number}".encode()).hexdigest()


def fingerprint(seed: str) -> str:
    """Return the SHA-256 of a seed: told before the seed itself, it shows that the seed was not changed later."""
    return sha256(seed.encode()).hexdigest()


def draw(numbers: Iterable[str], *, seed: str, count: int) -> list[str]:
    """Return `count` of the numbers, the lowest lots first. The order of the list given does not matter."""
    ranked = sorted(set(numbers), key=lambda number: (ticket(seed, number), number))
    return ranked[: max(0, count)]


def share_of(total: int, *, percent: int, least: int = 1) -> int:
    """Return how many `percent` of a total are, rounded up, at least `least` where there is anything."""
    return max(least, -(-total * percent // 100)) if total else 0
