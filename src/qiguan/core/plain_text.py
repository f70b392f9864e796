"""What somebody wrote, as it may be kept: no NUL, no turned writing, not too long; every script stays as it is.

Marks that a script needs are kept: joiners (Uyghur, emoji), Mongolian variation selectors and vowel separator, the plain
left-to-right and right-to-left marks. Those that turn the order of other people's words round are dropped.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from qiguan.core.errors import UnusableInput

_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u2060-\u2064\ufeff\u206a-\u206f\ufff9-\ufffb]")
_CONTROL: Final = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
_LINES: Final = re.compile(r"\n{3,}")
_PILED: Final = re.compile(
    "([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{4})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)


def clean_text(text: str, *, place: str, most: int, least: int = 0) -> str:
    """Return the text for keeping. Raises UnusableInput: NUL or half a sign in it, too long (`most` characters), too short."""
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise UnusableInput("里面有读不出来的字符", place=place, remedy="请删掉乱码再试一次")
    if len(text) > most * 2:  # before any work on it
        raise UnusableInput(f"太长了：{len(text)}字，最多{most}字", place=place, remedy="请拣最要紧的写；材料可以作为附件")
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _PILED.sub(r"\1", _CONTROL.sub("", _TURNING.sub("", text)))
    text = _LINES.sub("\n\n", text).strip()
    if len(text) > most:
        raise UnusableInput(f"太长了：{len(text)}字，最多{most}字", place=place, remedy="请拣最要紧的写；材料可以作为附件")
    if len(text) < least:
        raise UnusableInput("还没有写" if not text else "写得太短，看不明白", place=place, remedy="写清楚时间、地点、哪件事")
    return text


def one_line(text: str, *, most: int) -> str:
    """Return the text as one line of at most `most` characters; never raises."""
    kept = "".join(
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in _TURNING.sub("", text)
        if not "\ud800" <= c <= "\udfff"
    )
    kept = re.sub(r"\s+", " ", kept).strip()
    return kept if len(kept) <= most else kept[: most - 1] + "…"


def heading_of(text: str, *, most: int = 28) -> str:
    """Return what a list shows of a message: its first sentence."""
    return one_line(re.split(r"[。！？!?\n]", text.strip(), maxsplit=1)[0], most=most)
