"""Likely answers: which of some titles or earlier questions is closest to what is being written. By pairs of characters, no model."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from math import isqrt
from typing import Final, TypeVar

Key = TypeVar("Key", bound=Hashable)
_EMPTY: Final = frozenset(
    [
        "请问",
        "怎么",
        "什么",
        "哪里",
        "哪些",
        "如何",
        "需要",
        "可以",
        "我们",
        "你好",
        "您好",
        "谢谢",
        "一下",
        "多少",
        "是否",
        "能否",
        "时候",
        "的吗",
        "了吗",
        "关于",
        "通知",
        "情况",
        "工作",
    ]
)
LEAST_SHARED: Final = 3  # pairs
LEAST: Final = 2_000  # of 10,000


def pairs_of(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring letters or Han characters, without those that say nothing."""
    plain = "".join(c for c in text.lower() if c.isalnum())
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) - _EMPTY


def likely(text: str, options: Iterable[tuple[Key, str]], *, most: int = 3) -> list[Key]:
    """Return the keys of at most `most` options that are close to the text, the closest first; often none."""
    wanted = pairs_of(text)
    scored = []
    for nth, (key, words) in enumerate(options):
        have = pairs_of(words)
        shared = len(wanted & have)
        if shared >= LEAST_SHARED and have:
            score = shared * 10_000 // max(isqrt(len(wanted) * len(have)), 1)
            if score >= LEAST:
                scored.append((-score, nth, key))
    return [key for _, _, key in sorted(scored, key=lambda row: row[:2])[:most]]
