"""Rules of holding, limits and the check of what a citizen wrote. They stand on the public page as they stand here."""

from __future__ import annotations

from datetime import timedelta

from qiguan.core.errors import UnusableInput
from qiguan.intake.actions.allow import Rate

HOLDS = {
    "personal": "写了别人的姓名、电话、证件号或住址",
    "spam": "广告，或与这个账号无关的链接",
    "illegal": "法律不允许公开的内容",
    "not_topic": "是求助、投诉或举报，应走留言或相应的门",
    "same": "与另一条点题是同一件事，附议记在那一条上",
}
OF_VISITOR = Rate(20, timedelta(hours=1))  # an office or a household may share one address
OF_ACCOUNT = Rate(200, timedelta(hours=1))
PRESSES = Rate(60, timedelta(hours=1))
MOST_WORDS, MOST_MORE, MOST_TEXT = 200, 1000, 5000
_HIDDEN = {*"\u200b\u200e\u200f\u2060\ufeff", *map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}


def take_text(said: str, *, place: str, most: int, lines: bool = False) -> str:
    """Return what was written, without what cannot be seen. Raises UnusableInput where nothing can be kept of it as written."""
    if any("\ud800" <= letter <= "\udfff" or letter == "\x00" for letter in said):
        raise UnusableInput("有读不出的字符", place=place, remedy="请删去乱码再提交")
    kept = "".join(letter for letter in said if letter not in _HIDDEN).replace("\r\n", "\n")
    kept = kept.strip() if lines else " ".join(kept.split())
    if len(kept) > most:
        raise UnusableInput(f"写了{len(kept)}字，最多{most}字", place=place, remedy="请分成几条，或只写要紧的")
    return kept
