"""Tracking codes: 80 bits, one for a form, read back however they are typed."""

from __future__ import annotations

import pytest

from qiguan.core.tracking import ALPHABET, LENGTH, digest_of, make_code, make_spoken, read_code, read_spoken, show_code

SECRET = b"s"


def test_a_code_has_eighty_bits_and_belongs_to_its_form():
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert LENGTH * 5 == 80
    code = make_code(SECRET, "form 1")
    assert code == make_code(SECRET, "form 1")
    assert len({make_code(SECRET, f"form {n}") for n in range(500)}) == 500
    assert make_code(b"other", "form 1") != code
    assert set(code) <= set(ALPHABET)


def test_a_code_is_read_however_it_is_typed():
    code = make_code(SECRET, "x")
    shown = show_code(code)
    assert shown.count("-") == 3
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isascii() else c for c in shown)
    assert read_code(f" {shown.lower()} ") == read_code(wide) == read_code(code) == code


@pytest.mark.parametrize(
    "typed", ["", "AAAA-BBBB-CCCC-DDD", "0000-OOOO-1111-IIII", "A" * 10_000, "中文中文中文中文中文中文中文中文"]
)
def test_what_is_no_code_is_none(typed):
    assert read_code(typed) == ""


def test_the_telephone_code_is_eight_digits():
    spoken = make_spoken(SECRET, "x")
    assert read_spoken(f"{spoken[:4]} {spoken[4:]}") == spoken
    assert read_spoken("1234567") == read_spoken("١٢٣٤٥٦٧٨") == ""


def test_what_is_stored_tells_nothing_without_the_key():
    assert digest_of(SECRET, "A") != digest_of(b"t", "A")
    assert len(digest_of(SECRET, "A")) == 64
