"""A bulletin as values: what is put right comes first, nothing names a person."""

from __future__ import annotations

import dataclasses

from qiguan.core import bulletin as module
from qiguan.core.bulletin import LastRound, Recheck, title_for
from qiguan.core.verdict import Word
from tests.core.bulletins import town


def test_a_finding_already_put_right_comes_first():
    failed = town().of(Word.FAIL)
    assert [row.rectified is not None for row in failed] == [True, True, False, False]
    assert [row.account for row in failed] == ["南例审计", "示例体育", "东例科技", "南例农机"]


def test_no_field_of_a_bulletin_holds_a_person():
    fields = {f.name for kind in vars(module).values() if dataclasses.is_dataclass(kind) for f in dataclasses.fields(kind)}
    assert len(fields) > 40
    assert not fields & {"person", "operator", "contact", "phone", "name", "by"}


def test_closing_counts_as_much_as_reviving():
    assert [outcome for outcome in Recheck if outcome.is_done] == [Recheck.RESUMED, Recheck.CLOSED]


def test_a_round_before_is_the_sum_of_its_verdicts():
    assert LastRound("上期", 9, 3, 1).checked == 13


def test_a_title_names_issuer_period_and_area():
    assert (
        title_for("示例市人民政府办公室", "2026年第二季度", "全市")
        == "示例市人民政府办公室关于2026年第二季度全市政务新媒体检查情况的通报"
    )
