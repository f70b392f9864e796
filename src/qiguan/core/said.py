"""Words a citizen writes: kept as they are, but for what cannot be stored or would make a page read backwards."""

from __future__ import annotations

import re

from qiguan.core.errors import UnusableInput

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")  # direction overrides; joiners stay: emoji and Mongolian need them
_CONTROLS = re.compile("[\x01-\x08\x0b-\x1f\x7f-\x9f]")
_SHOWN = re.compile(r"[^\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f]")


def plain_words(text: str, *, place: str, most: int, least: int = 1) -> str:
    """Return the words without what cannot be shown. `most`, `least`: characters.

    Raises UnusableInput for NUL and lone surrogates, for too much, and where nothing would be seen.
    """
    if _UNSTORABLE.search(text):
        raise UnusableInput("有不能保存的字符", place=place, remedy="请重新输入，不要从别的程序粘贴")
    kept = _CONTROLS.sub("", _TURNS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))).strip()
    if len(kept) > most:
        raise UnusableInput(f"最多{most}个字，现在有{len(kept)}个", place=place, remedy="请写短一些")
    if len(_SHOWN.findall(kept)) < least:
        words = "没有写" if not kept else f"太短了，至少{least}个字"
        raise UnusableInput(words, place=place, remedy="请补充")
    return kept
