"""The ballot box: one code one ballot, retries change nothing, and no join leads from a code to a ballot."""

from __future__ import annotations

import logging
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from qiguan.core.errors import QiguanError, TooMany, UnusableInput
from qiguan.examination import keys
from qiguan.examination.actions import mixing
from qiguan.examination.actions.casting import candidate_of_code, cast_invited, make_ballot_form
from qiguan.examination.ballots import Ballot, Code, SpentCode
from qiguan.examination.keys import digest, shown, typed
from qiguan.examination.models import Season
from qiguan.intake.models import FormKey
from qiguan.intake.proof_of_work import solve
from qiguan.jobs.models import Progress
from qiguan.people.models import AuditEntry
from tests.examination.seasons import CLOSING, MARKING, NOW, marking, said, vote, vote_open

pytestmark = pytest.mark.django_db


def test_a_code_is_spent_and_the_ballot_stored_in_one_step(town):
    season = marking(town, letters=2)
    vote(season, season.codes[0].lower().replace("-", " "), grade=4)
    assert (Code.objects.count(), SpentCode.objects.count()) == (1, 1)
    ballot = Ballot.objects.get()
    assert (ballot.panel, ballot.grade, ballot.marks) == ("invited", 4, "4141")


def test_a_box_that_breaks_keeps_the_code(town, monkeypatch):
    season = marking(town, letters=1)
    monkeypatch.setattr(mixing, "random_key", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        vote(season, season.codes[0])
    assert (Code.objects.count(), SpentCode.objects.count(), Ballot.objects.count()) == (1, 0, 0)


def test_the_same_code_and_form_again_is_the_same_ballot(town):
    season = marking(town, letters=1)
    form = make_ballot_form(now=NOW)
    first = vote(season, season.codes[0], form=form)
    assert vote(season, season.codes[0], grade=5, form=form) == first
    assert [b.grade for b in Ballot.objects.all()] == [2]
    with pytest.raises(QiguanError, match="已经用过"):
        vote(season, season.codes[0])


def test_a_retry_after_the_last_minute_is_thanked_all_the_same(town):
    season = marking(town, letters=2)
    form = make_ballot_form(now=NOW)
    vote(season, season.codes[0], form=form)
    late = {"season": season, "said": said(season), "visitor": "x", "at": CLOSING, "now": NOW}
    assert cast_invited(code=season.codes[0], form_key=form, **late)
    with pytest.raises(QiguanError, match="不是评分的时候"):
        cast_invited(code=season.codes[1], form_key=make_ballot_form(now=NOW), **late)


@pytest.mark.django_db(transaction=True)
def test_the_same_letter_sent_by_four_hands_at_once_is_one_ballot(town_at_work):
    season = marking(town_at_work, letters=1)
    form, code = make_ballot_form(now=NOW), season.codes[0]

    def send(n: int) -> str:
        try:
            return vote(season, code, form=form if n < 3 else make_ballot_form(now=NOW), grade=n + 1).name
        except QiguanError as error:
            return error.message
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as hands:
        told = list(hands.map(send, range(4)))
    assert (Ballot.objects.count(), SpentCode.objects.count(), Code.objects.count()) == (1, 1, 0)
    assert sorted(set(told)) == ["南例商务", "这个码已经用过了"], told


@pytest.mark.parametrize("code", ["", "ABCD", "AAAA-BBBB-CCCC", "0000-0000-0000", "ABCD-EFGH-JKM\x00", "字" * 12])
def test_what_is_no_code_of_ours_is_told(town, code):
    season = marking(town, letters=1)
    with pytest.raises(QiguanError, match=r"码不对|没有这个码"):
        vote(season, code)
    assert not Ballot.objects.exists()


def test_a_code_opens_its_own_season_only_and_tries_are_limited(town):
    season = marking(town, letters=1)
    other = Season.objects.create(
        **{f.attname: getattr(season, f.attname) for f in Season._meta.concrete_fields if f.name not in {"id", "public_id"}}
    )
    with pytest.raises(QiguanError, match="没有这个码"):
        candidate_of_code(season=other, code=season.codes[0], visitor="192.0.2.9", at=MARKING, now=NOW)

    def guess() -> None:
        candidate_of_code(season=season, code="AAAA-BBBB-CCCC", visitor="192.0.2.9", at=MARKING, now=NOW)

    for _ in range(59):
        with pytest.raises(UnusableInput, match="没有这个码"):
            guess()
    with pytest.raises(TooMany):
        guess()
    assert candidate_of_code(season=season, code=season.codes[0], visitor="192.0.2.8", at=MARKING, now=NOW).name == "南例商务"


@pytest.mark.parametrize(("form", "age"), [("made-up", 0), (None, 25), (None, -1)])
def test_a_form_that_is_not_ours_or_too_old_is_told(town, form, age):
    season = marking(town, letters=1)
    with pytest.raises(QiguanError, match="放得太久"):
        vote(season, season.codes[0], form=form or make_ballot_form(now=NOW - timedelta(hours=age)))


def test_codes_are_read_as_people_type_them():
    assert typed(" abcd－efgh jkmn ") == "ABCDEFGHJKMN"
    assert typed("ＡＢＣＤefghJKMN") == "ABCDEFGHJKMN"
    assert shown("ABCDEFGHJKMN") == "ABCD-EFGH-JKMN"


def test_the_open_panel_keeps_doubts_beside_the_ballots_and_throws_nothing_away(town):
    season = marking(town)
    one = season.candidates.select_related("season").last()
    form = make_ballot_form(now=NOW)
    assert vote_open(one, form=form, work=solve(form))
    assert not vote_open(one, form=form, work=solve(form)), "a retry"
    for _ in range(4):
        vote_open(one, grade=1)
    vote_open(one, visitor="198.51.100.2", marked_here=True)
    assert Counter(Ballot.objects.values_list("verified", "doubt")) == {
        (True, ""): 1,
        (False, ""): 2,
        (False, "source"): 2,
        (False, "device"): 1,
    }
    for _ in range(20 - 5):
        vote_open(one)
    with pytest.raises(TooMany):
        vote_open(one)


def test_no_page_reads_the_box():
    """Not the unit's, not the supervisor's, not the auditor's: ballots are read to be written anew and to be counted, nowhere else."""
    src = Path(keys.__file__).parents[1]
    readers = [
        p
        for p in src.rglob("*.py")
        if re.search(r"^from .*\bimport\b.*\b(Ballot|SpentCode)\b", p.read_text(encoding="utf-8"), re.M)
    ]
    assert {f"{p.parent.name}/{p.name}" for p in readers} == {
        "actions/casting.py", "actions/counting.py", "actions/mixing.py", "actions/paper_ballots.py", "actions/pressure.py", "queries/counting.py",
        "demo/seasons.py",
    }  # fmt: skip


# ── no join ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def columns_of(model) -> str:
    hidden = "xmin::text, ctid::text" if connection.vendor == "postgresql" else "rowid, rowid"
    return f'SELECT {hidden}, key, {"digest" if model is SpentCode else "marks || grade"} FROM "{model._meta.db_table}"'


def table(model) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(columns_of(model))
        return cursor.fetchall()


def joined_by_rank(column: int, truth: dict[str, str]) -> int:
    """Put both tables in the order of a column, lay them side by side, and count the codes that meet their own ballot."""

    def order(row: tuple):
        value = row[column]
        return tuple(map(int, value.strip("()").split(","))) if isinstance(value, str) else value

    spent, ballots = sorted(table(SpentCode), key=order), sorted(table(Ballot), key=order)
    return sum(truth[s[3]] == b[3] for s, b in zip(spent, ballots, strict=True))


def largest_meaning(column: int, truth: dict[str, str]) -> list[tuple[int, int]]:
    """For each value of a hidden column that both tables hold: how many codes and how many ballots share it."""
    spent, ballots = Counter(r[column] for r in table(SpentCode)), Counter(r[column] for r in table(Ballot))
    return [(spent[v], ballots[v]) for v in spent if v in ballots]


def sixty_votes(season: Season) -> dict[str, str]:
    """Sixty ballots, each unlike any other, one a transaction; return which code cast which."""
    truth = {}
    for n, code in enumerate(season.codes):
        grade, each, point = n % 5 + 1, n // 5 % 5 + 1, n // 25 + 1
        with transaction.atomic():
            vote(season, code, grade=grade, each=each, point=point)
        truth[digest("code", season.public_id, typed(code))] = f"{each}{point}{each}{point}{grade}"
    assert len(set(truth.values())) == len(truth)
    return truth


@pytest.mark.django_db(transaction=True)
def test_no_join_leads_from_a_code_to_its_ballot(town_at_work, caplog):
    caplog.set_level(logging.DEBUG)
    season = marking(town_at_work, letters=60)
    records, rows = len(caplog.records), [m.objects.count() for m in (AuditEntry, FormKey, Session, Progress)]
    truth = sixty_votes(season)
    chance = 12  # of sixty laid side by side at random one meets its own on average; twelve come once in a billion
    for column in (0, 1, 2):
        assert joined_by_rank(column, truth) < chance, column
    if connection.vendor == "postgresql":  # one transaction has written them all
        assert largest_meaning(0, truth) == [(60, 60)]
    assert [m.objects.count() for m in (AuditEntry, FormKey, Session, Progress)] == rows, "nothing with a time is written beside"
    told = " ".join(r.getMessage() for r in caplog.records[records:] if not r.name.startswith("django.db"))
    assert not any(code in told or typed(code) in told for code in season.codes)
    for model in (SpentCode, Ballot):
        kinds = {f.get_internal_type() for f in model._meta.concrete_fields}
        assert kinds <= {"BigIntegerField", "ForeignKey", "CharField", "PositiveSmallIntegerField", "BooleanField"}, (
            "no time, no address"
        )
    assert not {r[2] for r in table(SpentCode)} & {r[2] for r in table(Ballot)}


@pytest.mark.django_db(transaction=True)
def test_the_joins_find_what_a_box_without_mixing_gives_away(town_at_work, monkeypatch):
    numbers = iter(range(1, 1000))
    monkeypatch.setattr("qiguan.examination.actions.casting.mix_pool", lambda **kw: None)
    for model in (SpentCode, Ballot):
        monkeypatch.setattr(model._meta.pk, "default", lambda: next(numbers))
        monkeypatch.setattr(model._meta.pk, "_get_default", lambda: next(numbers))
    truth = sixty_votes(marking(town_at_work, letters=60))
    assert joined_by_rank(2, truth) == 60
    if connection.vendor == "postgresql":
        assert largest_meaning(0, truth) == [(1, 1)] * 60


@pytest.mark.django_db(transaction=True)
def test_a_pool_lets_go_by_lot_and_a_count_writes_all_anew(town_at_work, monkeypatch):
    monkeypatch.setattr(mixing, "GROWS", 20)
    monkeypatch.setattr(mixing, "STAYS", 10)
    season = marking(town_at_work, letters=60)
    truth = sixty_votes(season)
    assert Ballot.objects.filter(settled=False).count() == SpentCode.objects.filter(settled=False).count() == 60 % 10 + 10
    if connection.vendor == "postgresql":
        assert all(a >= 10 and b >= 10 for a, b in largest_meaning(0, truth))
    before = set(Ballot.objects.values_list("pk", flat=True))
    mixing.mix_season(season=season)
    assert not before & set(Ballot.objects.values_list("pk", flat=True))
    assert Counter(r[3] for r in table(Ballot)) == Counter(truth.values()), "nothing lost, nothing twice"
    if connection.vendor == "postgresql":
        assert largest_meaning(0, truth) == [], "ballots and codes are written by different transactions"
