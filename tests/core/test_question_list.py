"""The published list: the same bytes give the same fingerprint and the same draw to anyone."""

from __future__ import annotations

from hashlib import sha256

import pytest

from qiguan.core.errors import UnusableInput
from qiguan.core.question_list import fingerprint, read_list, write_list

LIST = "抽取\t2\n001\t看病报销要带哪些材料？\n002\t两行 并一行\n003\t招工信息多久更新一次？\n"


def test_a_list_is_written_numbered_and_read_back():
    text = write_list(["看病报销要带哪些材料？", "两行\n并一行", "招工信息多久更新一次？"], count=2)
    assert text == LIST
    assert fingerprint(text) == "sha256:" + sha256(LIST.encode()).hexdigest()
    found = read_list(text.encode())
    assert found.count == 2
    assert [n for n, _ in found.questions] == ["001", "002", "003"]
    assert read_list(("\ufeff" + text.replace("\n", "\r\n")).encode()) == found


def test_anyone_redoes_the_draw_with_sha256_alone():
    found = read_list(LIST.encode())
    by_hand = sorted(("001", "002", "003"), key=lambda n: sha256(f"2026110|{n}".encode()).hexdigest())[:2]
    assert found.draw("2026110") == by_hand


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xff\xfe", "LIST"),
        (b"", "LIST第1行"),
        ("抽取\t两题\n".encode(), "LIST第1行"),
        ("抽取\t99999\n".encode(), "LIST第1行"),
        ("抽取\t1\n001 没有制表符\n".encode(), "LIST第2行"),
        ("抽取\t1\n001\t甲\n001\t乙\n".encode(), "LIST"),
    ],
)
def test_anything_else_is_told_with_its_line(data, place):
    with pytest.raises(UnusableInput) as told:
        read_list(data)
    assert told.value.place == place
