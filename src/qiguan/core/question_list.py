"""The numbered list that a paper is drawn from: a text that anyone can keep, its fingerprint, and the draw redone from it.

First line: 抽取, a tab, how many. Then a line a question: its number, a tab, its words. UTF-8, lines end with \\n, the last one too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from qiguan.core.errors import UnusableInput
from qiguan.core.sampling import draw

_HEAD = "抽取"
LARGEST = 5_000_000  # characters


@dataclass(frozen=True, slots=True)
class QuestionList:
    """A list as published: how many are drawn, and (number, words) in order."""

    count: int
    questions: tuple[tuple[str, str], ...]

    def draw(self, seed: str) -> list[str]:
        """Return the numbers drawn with this seed, the lowest lots first."""
        return draw([number for number, _ in self.questions], seed=seed, count=self.count)


def write_list(words: Sequence[str], *, count: int) -> str:
    """Number the questions in the order given (001, 002 …) and write the list."""
    width = max(3, len(str(len(words))))
    lines = [f"{_HEAD}\t{count}", *(f"{n:0{width}}\t{' '.join(text.split())}" for n, text in enumerate(words, 1))]
    return "\n".join(lines) + "\n"


def fingerprint(text: str) -> str:
    """Return the fingerprint that is published with the list."""
    return "sha256:" + sha256(text.encode()).hexdigest()


def read_list(data: bytes) -> QuestionList:
    """Read a published list. Raises UnusableInput, with the line, for anything else."""
    try:
        text = data[: LARGEST * 4].decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableInput("不是UTF-8文字", place="LIST", remedy="请用公布页上下载的那个文件") from error
    head, *lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
    word, _, count = head.partition("\t")
    if word != _HEAD or not (count.isascii() and count.isdecimal()) or len(count) > 4:
        raise UnusableInput("第一行应当写抽几题", place="LIST第1行", remedy="请用公布页上下载的那个文件")
    questions = []
    for n, line in enumerate(lines, 2):
        number, tab, words = line.partition("\t")
        if not tab or not number.strip() or not words.strip():
            raise UnusableInput("读不出编号和题目", place=f"LIST第{n}行", remedy="一行一题：编号、制表符、题目")
        questions.append((number, words))
    if len({number for number, _ in questions}) != len(questions):
        raise UnusableInput("有编号出现两次", place="LIST", remedy="请用公布页上下载的那个文件")
    return QuestionList(int(count), tuple(questions))
