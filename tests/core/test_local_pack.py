"""A clerk's pack: read by field, stricter or beside the national one, never weaker."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.facts import AccountFacts
from qiguan.core.inspect import inspect_account
from qiguan.core.local_pack import BY_NAME, FIELDS, line_words, make_local_pack, read_local_pack
from qiguan.core.pack import pack_in_force
from qiguan.core.rule import Breach
from tests.core.stories import AT, account, posts, span
from tests.core.test_activity import lives

NATIONAL = pack_in_force("national", AT)
SAID = {
    "title": "示例市2026", "jurisdiction": "示例市", "source": "示例市政务新媒体管理细则", "source_date": "2026年1月5日", "since": "2026-02-01", "days": "7",
}  # fmt: skip


def made(**more: str):
    tables, wrong = read_local_pack({**SAID, **more})
    assert not wrong
    return make_local_pack("local-1", json.loads(json.dumps(tables)))  # as it comes back from the database


def test_a_filled_form_is_a_pack_with_its_lines_and_sources():
    pack = made(
        per_week="2",
        original="1",
        closing_gap="14",
        functions="1",
        binds="publishing",
        counts="push",
        url="https://example.invalid/a",
    )
    assert [(line.kind, line.days, line.times) for line in pack.local] == [
        ("days", 7, 1),
        ("per_week", 7, 2),
        ("original", 7, 1),
        ("closing_gap", 14, 1),
        ("functions", 7, 1),
    ]
    assert {(line.source, line.binds, line.counts, line.confidence) for line in pack.local} == {
        ("示例市政务新媒体管理细则", "publishing", "push", "A")
    }
    assert (pack.id, pack.since, pack.until) == ("local-1", date(2026, 2, 1), None)
    assert line_words(pack.local[0]) == "每7天内更新（仅发布类账号；只算群发）"
    assert line_words(pack.local[4]) == "功能无法使用算问题（仅发布类账号）"


def test_its_own_names_for_states_say_whose_they_are_and_the_rest_stays_national():
    pack = made(due_days="5", zombie_months="2", until="2027-01-01")
    assert (pack.due_days, pack.zombie_months, pack.sleeping_days) == (5, 2, NATIONAL.sleeping_days)
    assert "示例市" in pack.whose
    assert pack.until == date(2027, 1, 1)
    only_names = read_local_pack({**SAID, "days": "", "sleeping_days": "20"})
    assert make_local_pack("x", only_names[0]).local == ()
    assert made().whose == "ours"


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"title": " "}, "title", "没有填名称"),
        ({"source": ""}, "source", "没有填"),
        ({"source_date": ""}, "source_date", "没有填"),
        ({"jurisdiction": "长" * 201}, "jurisdiction", "太长"),
        ({"title": "坏\x07字"}, "title", "不能用的字符"),
        ({"since": "某天"}, "since", "读不出来"),
        ({"until": "2026-02-01"}, "until", "晚于"),
        ({"url": "javascript:x"}, "url", "http"),
        ({"binds": "some"}, "binds", "从列表里选"),
        ({"functions": "2"}, "functions", "勾"),
        ({"days": "七"}, "days", "整数"),
        ({"days": "14"}, "days", "不能比全国的14天宽"),
        ({"due_days": "15"}, "due_days", "不能比全国的14天宽"),
        ({"per_week": "0"}, "per_week", "1到50"),
        ({"sleeping_days": "10"}, "sleeping_days", "15到365"),
        ({"days": ""}, "days", "一条要求也没有填"),
    ],
)
def test_what_is_wrong_is_told_by_field(change, field, words):
    tables, wrong = read_local_pack({**SAID, **change})
    assert tables == {}
    assert words in wrong[field]
    assert set(wrong) <= set(BY_NAME)


def test_an_empty_form_names_every_field_that_is_needed():
    _, wrong = read_local_pack({})
    assert set(wrong) == {field.name for field in FIELDS if field.needed}


@pytest.mark.parametrize("tables", [{}, {"title_zh": "x"}, {"title_zh": "x", "title_en": "x", "jurisdiction": "x", "since": 5}])
def test_what_is_no_pack_is_refused(tables: dict[str, Any]):
    with pytest.raises(ValueError, match="not a local pack"):
        make_local_pack("x", tables)


numbers = st.integers(0, 400).map(str) | st.just("")


@given(lives, st.fixed_dictionaries(dict.fromkeys(("days", "per_week", "due_days", "sleeping_days", "zombie_months"), numbers)))
def test_no_form_can_weaken_the_national_veto(facts: AccountFacts, said: dict[str, str]):
    tables, wrong = read_local_pack({**SAID, **said})
    if wrong:
        return
    pack = make_local_pack("x", tables)
    assert (pack.days, pack.inclusive, pack.binds, pack.counts) == (14, True, "all", "all")
    ours, national = (inspect_account(facts, p, at=AT)[1]["GB19-M-V2a"] for p in (pack, NATIONAL))
    assert ours == national


def test_a_silence_of_a_week_breaches_the_local_line_alone():
    verdict, outcomes = inspect_account(account(posts=posts(8), spans=(span(),)), made(), at=AT)
    assert isinstance(outcomes["LOC-DAYS"], Breach)
    assert verdict.word == "合格"
