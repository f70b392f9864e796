"""The bytes of the chain: known digests, round trips, and what differs where something was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.audit_chain import (
    Break,
    Broken,
    broken_entries,
    broken_seal,
    entry_text,
    leaf,
    make_seal,
    microseconds,
    pack_leaves,
    part_digest,
    unpack_leaves,
)  # fmt: skip

AT = datetime(2026, 9, 16, 2, 0, 0, 1, tzinfo=UTC)
ROWS = [(n, leaf(f"entry {n}")) for n in (3, 5, 8)]
SEAL = make_seal(number=1, at=AT, previous="", rows=ROWS)
ENTRY = {"id": 7, "at": AT, "by": "sha256:ab", "action": "add_source", "model": "collection.source", "on": "abc", "organ_path": "/1/", "fields": ["url"], "count": 1}  # fmt: skip


def test_the_text_of_an_entry_never_changes_with_the_code():
    assert entry_text(**ENTRY) == '[1,7,1789524000000001,"sha256:ab","add_source","collection.source","abc","/1/",["url"],1]'


def test_a_known_seal_is_redone_by_hand():
    header = f'[1,1,{microseconds(AT)},3,8,3,""]\n'.encode()
    lines = b"".join(n.to_bytes(8, "big") + sha256(f"entry {n}".encode()).digest() for n in (3, 5, 8))
    assert SEAL.digest == "sha256:" + sha256(header + lines).hexdigest()


def test_the_same_moment_is_the_same_in_every_zone():
    assert microseconds(AT) == microseconds(AT.astimezone(timezone(timedelta(hours=8))))


@pytest.mark.parametrize("name", ENTRY)
def test_every_part_of_an_entry_is_in_its_text(name):
    other = {**ENTRY, name: AT + timedelta(microseconds=1) if name == "at" else 9 if isinstance(ENTRY[name], int) else "x"}
    assert entry_text(**other) != entry_text(**ENTRY)


def test_a_personal_part_is_known_by_its_salted_digest_and_an_empty_one_by_nothing():
    assert part_digest("salt", "by", "7") == "sha256:" + sha256(b"salt|by|7").hexdigest()
    assert part_digest("other", "by", "7") != part_digest("salt", "by", "7")
    assert part_digest("salt", "by", "") == ""


@given(st.sets(st.integers(0, 2**63 - 1), max_size=6))
def test_leaves_read_back_to_what_was_written(numbers):
    rows = {n: leaf(str(n)) for n in numbers}
    assert dict(unpack_leaves(pack_leaves(rows.items()))) == rows


@given(st.permutations(ROWS))
def test_the_order_in_which_rows_come_changes_no_seal(rows):
    assert make_seal(number=1, at=AT, previous="", rows=rows) == SEAL


def test_a_whole_seal_is_not_broken():
    assert broken_seal(SEAL, number=1, previous="") is None
    assert list(broken_entries(SEAL, ROWS)) == []


@pytest.mark.parametrize(
    "changes",
    [{"at": AT + timedelta(1)}, {"first_id": 1}, {"last_id": 9}, {"count": 2}, {"previous": "sha256:0"}, {"leaves": b""}, {"digest": "sha256:0"}],
)  # fmt: skip
def test_a_changed_seal_is_told(changes):
    assert broken_seal(replace(SEAL, **changes), number=1, previous="").what is Broken.SEAL_ALTERED


def test_a_gap_and_a_foreign_seal_before_are_told():
    assert broken_seal(SEAL, number=2, previous="") == Break(Broken.NO_SEAL, 2)
    assert broken_seal(SEAL, number=1, previous="sha256:0") == Break(Broken.UNLINKED, 1)


def test_what_differs_is_told_in_the_order_of_entries():
    found = [(3, leaf("changed")), (6, leaf("new")), (8, leaf("entry 8"))]
    assert list(broken_entries(SEAL, found)) == [
        Break(Broken.ALTERED, 1, 3),
        Break(Broken.DELETED, 1, 5),
        Break(Broken.INSERTED, 1, 6),
    ]


def test_a_break_is_told_in_words():
    assert str(Break(Broken.ALTERED, 2, 7)) == "第2号封条、第7号条目：条目内容与封存时不同"
    assert str(Break(Broken.NO_SEAL, 2)) == "第2号封条：缺这一号封条"
