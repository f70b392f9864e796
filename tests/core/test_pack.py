"""Rule packs: every number with its source, or marked as ours."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest

from qiguan.core.errors import QiguanError
from qiguan.core.pack import LINE_KINDS, LocalLine, load_packs, make_pack, pack_in_force
from tests.core.stories import AT

NATIONAL = tomllib.loads((files("qiguan.core") / "packs" / "national.toml").read_text(encoding="utf-8"))

LINE = {"code": "LOC-X", "kind": "days", "title_zh": "x", "title_en": "x", "source": "x", "confidence": "B"}


def test_the_national_line_is_two_weeks_for_all_and_its_other_numbers_are_ours():
    pack = pack_in_force("national", AT)
    assert (pack.days, pack.binds, pack.counts, pack.due_days, pack.sleeping_days) == (14, "all", "all", 10, 30)
    assert (pack.zombie_months, pack.grace_hours, pack.whose) == (3, 48, "ours")
    assert "国办秘函〔2019〕19号" in pack.source
    assert pack.url
    assert pack.source_date == date(2019, 4, 1)
    assert pack.line == timedelta(days=14)


def test_a_pack_extends_the_national_one_table_by_table():
    guizhou = pack_in_force("guizhou", AT)
    assert (guizhou.days, guizhou.grace_hours) == (14, 48)
    assert "贵州" in guizhou.whose
    assert guizhou.source == pack_in_force("national", AT).source


def test_local_lines_of_every_kind_ship_each_with_its_source():
    kinds = {line.kind: (name, line) for name, pack in load_packs().items() for line in pack.local}
    assert {k: (n, line.days, line.times) for k, (n, line) in kinds.items()} == {
        "days": ("minhou", 10, 1),
        "weekly": ("gansu", 7, 1),
        "per_week": ("xiayi", 7, 3),
        "original": ("yangling", 7, 1),
        "closing_gap": ("yangling", 14, 1),
        "functions": ("lianyungang", 7, 1),
    }
    assert set(kinds) == set(LINE_KINDS)
    assert all(line.source and line.confidence and line.title_zh and line.title_en for _, line in kinds.values())


def test_a_file_is_named_as_its_pack():
    assert all(name == pack.id for name, pack in load_packs().items())


@pytest.mark.parametrize(("inclusive", "at_line"), [(True, True), (False, False)])
def test_the_boundary_is_a_setting_and_is_printed(inclusive: bool, at_line: bool):
    pack = make_pack({**NATIONAL, "silence": {**NATIONAL["silence"], "inclusive": inclusive}})
    assert pack.is_over(timedelta(days=14)) is at_line
    assert pack.is_over(timedelta(days=14, seconds=1))
    assert not pack.is_over(timedelta(days=13, hours=23))
    assert f"第14天{'计入' if inclusive else '不计入'}" in pack.settings_zh


def test_the_settings_name_whom_it_binds_and_what_counts():
    assert "约束全部账号；计群发和发布" in pack_in_force("national", AT).settings_zh
    other = make_pack({**NATIONAL, "silence": {**NATIONAL["silence"], "binds": "publishing", "counts": "push"}})
    assert "约束仅发布类；计仅群发" in other.settings_zh


def test_an_unknown_name_is_told_with_the_known_ones():
    with pytest.raises(QiguanError) as caught:
        pack_in_force("atlantis", AT)
    assert caught.value.place == "--pack"
    assert "gansu、guizhou、lianyungang、minhou、national、xiayi、yangling" in caught.value.remedy


def test_a_pack_binds_only_within_its_time_and_the_national_yardstick_always():
    with pytest.raises(QiguanError, match="没有施行"):
        pack_in_force("guizhou", datetime(2025, 6, 29, 2, tzinfo=UTC))
    assert pack_in_force("guizhou", datetime(2025, 6, 30, 2, tzinfo=UTC)).id == "guizhou"
    assert pack_in_force("national", datetime(2019, 2, 28, 16, tzinfo=UTC)).id == "national"


def test_a_local_line_may_begin_and_end_within_its_pack():
    line = LocalLine("LOC-X", "days", "x", "x", "x", "B", since=date(2026, 1, 1), until=date(2026, 7, 1))
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [line.in_force(d) for d in days] == [False, True, True, False]
    assert LocalLine("LOC-X", "days", "x", "x", "x", "B").in_force(date(1999, 1, 1))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"silence": {}}, "not a rule pack"),
        ({"silence": {**NATIONAL["silence"], "binds": "some"}}, "out of range"),
        ({"silence": {**NATIONAL["silence"], "counts": "none"}}, "out of range"),
        ({"state": {**NATIONAL["state"], "due_days": 15}}, "out of range"),
        ({"local": [{"code": "X"}]}, "not a rule pack"),
        (
            {"local": [{"code": "X", "kind": "daily", "title_zh": "", "title_en": "", "source": "", "confidence": ""}]},
            "unknown kind",
        ),
        ({"local": [{**LINE, "days": 0}]}, "LOC-X out of range"),
        ({"local": [{**LINE, "times": 0}]}, "LOC-X out of range"),
        ({"local": [{**LINE, "binds": "some"}]}, "LOC-X out of range"),
        ({"local": [{**LINE, "counts": "none"}]}, "LOC-X out of range"),
    ],
)
def test_a_file_that_is_no_pack_is_refused(change: dict, words: str):
    with pytest.raises(ValueError, match=words):
        make_pack({**NATIONAL, **change})
