"""How alike two short texts are, by the two-character pieces that they share; rare pieces say more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

_NEEDED = 0.12


def pairs_of(text: str) -> set[str]:
    """Return the two-character pieces of a text's letters and digits."""
    letters = "".join(letter for letter in text.lower() if letter.isalnum())[:600]
    return {letters[i : i + 2] for i in range(len(letters) - 1)}


def likest(text: str, others: Sequence[str], *, most: int = 3) -> list[tuple[int, float]]:
    """Return (index, likeness between 0 and 1) of those of `others` that are most like the text, the likest first."""
    cut = [pairs_of(other) for other in others]
    seen = Counter(pair for pairs in cut for pair in pairs)
    wanted = pairs_of(text)

    def weight(pairs: set[str]) -> float:
        return sum(log(1 + (len(others) + 1) / (seen[pair] + 1)) for pair in pairs)

    found = []
    for nth, pairs in enumerate(cut):
        smaller = min(weight(pairs), weight(wanted))
        likeness = weight(pairs & wanted) / smaller if smaller else 0.0
        if likeness >= _NEEDED:
            found.append((nth, round(min(likeness, 1.0), 3)))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:most]
