"""Numbers that a message need not hold: 身份证号, bank cards. Found by their own check digits, so that an order number is none.

Telephone numbers are named as well where a text is to be published; in a private message they are the citizen's own affair.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ID = re.compile(r"(?<!\d)(\d{6})(19|20)(\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(\d{3})([\dXx])(?![\dA-Za-z])")
_CARD = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_WIDE: Final = str.maketrans("０１２３４５６７８９", "0123456789")


@dataclass(frozen=True, slots=True)
class PrivateNumber:
    """One number found: what it looks like, and where (characters, and the line counted from 1)."""

    what: str
    start: int
    end: int
    line: int


def private_numbers(text: str, *, phones: bool = False) -> list[PrivateNumber]:
    """Return the numbers in order; `phones` looks for mobile numbers too."""
    plain = text.translate(_WIDE)
    found = [("身份证号", m.start(), m.end()) for m in _ID.finditer(plain) if _is_id(m[0])]
    taken = [(s, e) for _, s, e in found]
    found += [
        ("银行卡号", m.start(), m.end())
        for m in _CARD.finditer(plain)
        if _luhn(m[0]) and not any(s < m.end() and m.start() < e for s, e in taken)
    ]
    if phones:
        found += [("手机号", m.start(), m.end()) for m in _PHONE.finditer(plain)]
    found.sort(key=lambda row: row[1])
    return [PrivateNumber(what, s, e, text.count("\n", 0, s) + 1) for what, s, e in found]


def mask(text: str, *, phones: bool = True) -> str:
    """Return the text with the numbers struck out."""
    parts, last = [], 0
    for number in private_numbers(text, phones=phones):
        if number.start >= last:
            parts += [text[last : number.start], f"［{number.what}］"]
            last = number.end
    return "".join([*parts, text[last:]])


def _is_id(text: str) -> bool:
    total = sum(w * int(c) for w, c in zip(_WEIGHTS, text[:17], strict=True))
    return "10X98765432"[total % 11] == text[17].upper()


def _luhn(text: str) -> bool:
    digits = [int(c) for c in text if c.isdecimal()]
    doubled = [d if i % 2 == 0 else d * 2 - 9 * (d > 4) for i, d in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0
