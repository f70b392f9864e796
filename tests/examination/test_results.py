"""From 300 citizens to a published result: two panels apart, intervals, who is missed, what is withheld, what opens a ticket."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.core.marking import Mark, interval
from qiguan.examination.actions.casting import Said, cast_invited, make_ballot_form
from qiguan.examination.actions.codes import note_returned_letters, seal_codes
from qiguan.examination.actions.counting import count_season, publish_season
from qiguan.examination.actions.paper_ballots import enter_paper_ballot
from qiguan.examination.actions.pressure import report_pressure
from qiguan.examination.actions.seasons import draw_paper, open_season, publish_list
from qiguan.examination.ballots import Ballot, Code, OpenHour, OpenSource, PaperEntry, PressureReport, SpentCode
from qiguan.examination.models import Question, Season
from qiguan.examination.queries.results import questions_below_limit
from qiguan.people.models import AuditEntry
from tests.examination.seasons import ANSWERING, CLOSING, MARKING, NOW, PLAN, marking, said, vote, vote_open

pytestmark = pytest.mark.django_db


@pytest.fixture
def season(town):
    """300 letters; 180 answer, of the first candidate too few are over 60; 60 come through the open door, 20 from one address."""
    season = marking(town, letters=150)
    first, second = season.candidates.select_related("season")
    codes = seal_codes(candidate=second, count=150, frame=150, by=None, at=ANSWERING)
    for n, code in enumerate(season.codes[:100]):
        vote(season, code, grade=5 if n < 20 else 4 if n < 50 else 2, point=3 if n < 50 else 1, group=1 if n < 10 else 2)
    for n, code in enumerate(codes[:80]):
        vote(season, code, grade=4 if n < 24 else 1)
    for n in range(40):
        vote_open(first, grade=1 + n % 5, visitor=f"203.0.113.{n}")
    for n in range(20):
        vote_open(first, grade=1, visitor="198.51.100.7")
    note_returned_letters(candidate=first, returned=10, by=None, at=MARKING)
    season.codes2 = codes
    return season


def test_a_season_of_300_citizens_is_counted_once_and_published(town, season):
    with pytest.raises(QiguanError, match="截止以后"):
        count_season(season=season, by=None, at=MARKING)
    result = count_season(season=season, by=town.users["supervisor"], at=CLOSING)
    first, second = result.data["candidates"]
    told = first["invited"]
    assert (told["n"], told["letters"], told["returned"], told["reached"], told["frame"]) == (100, 150, 10, 140, 2000)
    whole = told["cells"][0]
    assert whole["grades"] == [0, 50, 0, 30, 20]
    bad = interval(50, 100, frame=2000)
    assert whole["bad"] == [bad.share, bad.low, bad.high]
    assert [c["points"] for c in told["cells"]] == [[], [50, 0, 50], [50, 0, 50]]
    assert told["missed"] == [["60岁以上", 1000, 3000]]
    assert told["table"][0][-1] is None or told["table"][0][-1] >= 10
    assert all(v is None or v == 0 or v >= 10 for row in told["table"] for v in row)
    assert [c["above"] for c in told["cells"]] == [True] * 3
    assert second["invited"]["cells"][0]["bad"][1] < 3000 == season.limit, "a share of 30% does not lie above 30%"
    assert not any(c["above"] for c in second["invited"]["cells"])
    box = first["open"]
    assert (box["n"], box["verified"], box["doubted"], box["top_source"], box["busiest_hour"]) == (60, 0, 17, 20, 60)
    assert box["cells"][0]["grades"] == [28, 8, 8, 8, 8]
    assert (box["without"]["n"], box["without"]["good"][0]) == (43, 4419), "shown beside, taken out of nothing"
    assert result.data["whole"][0]["n"] == 180, "open ballots are never added"
    assert not OpenSource.objects.exists()
    assert not OpenHour.objects.exists()
    assert questions_below_limit(Season.objects.get(pk=season.pk)) == [], "nothing before it is published"
    season.refresh_from_db()
    publish_season(season=season, by=town.users["supervisor"], at=CLOSING)
    below = questions_below_limit(season)
    assert [(b.candidate.name, b.n, b.low) for b in below] == [("南例商务", 100, bad.low)] * 2, (
        "one a question, none for the whole"
    )
    assert (Code.objects.count(), SpentCode.objects.count(), Ballot.objects.count()) == (0, 0, 240)
    for again in (
        lambda: count_season(season=season, by=None, at=CLOSING),
        lambda: publish_season(season=season, by=None, at=CLOSING),
    ):
        with pytest.raises(QiguanError):
            again()


def test_below_the_least_number_nothing_but_the_number_is_told(town):
    season = marking(town, letters=29)
    for code in season.codes:
        vote(season, code, grade=5)
    data = count_season(season=season, by=None, at=CLOSING).data
    assert data["candidates"][0]["invited"]["cells"] == [{"n": 29, "enough": False}] * 3
    assert "table" not in data["candidates"][0]["invited"]
    assert data["whole"][0] == {"n": 0, "enough": False}, "the sum of all would give the one away"


def test_a_question_left_out_by_most_is_in_no_sum(town):
    season = marking(town, letters=40)
    second = season.candidates.last()
    for n, code in enumerate(season.codes):
        vote(season, code, grade=2, each=1 if n < 35 else 0)
    for n, code in enumerate(seal_codes(candidate=second, count=31, frame=100, by=None, at=ANSWERING)):
        cast = Said(2, [Mark(4 if n < 5 else 0, 1), Mark(4, 1)])
        form = make_ballot_form(now=NOW)
        cast_invited(season=season, code=code, said=cast, form_key=form, visitor=code, at=MARKING, now=NOW)
    whole = count_season(season=season, by=None, at=CLOSING).data["whole"]
    assert [w["n"] for w in whole] == [71, 35, 66], "five marks of the second would be the difference"


def test_a_few_doubted_ballots_are_told_by_number_alone(town):
    season = marking(town)
    one = season.candidates.select_related("season").first()
    two = season.candidates.select_related("season").last()
    for n in range(40):
        vote_open(one, grade=1 + n % 5, visitor=f"203.0.113.{n}", marked_here=n < 9)
        vote_open(two, grade=1 + n % 5, visitor=f"203.0.113.{n}", marked_here=n < 15)
    nine, fifteen = (c["open"] for c in count_season(season=season, by=None, at=CLOSING).data["candidates"])
    assert (nine["doubted"], fifteen["doubted"]) == (9, 15)
    assert "without" not in nine, "the difference would show nine people"
    assert "without" not in fifteen, "the difference would show the three of fifteen in the middle"


def test_a_question_badly_answered_is_asked_again_next_season(town):
    season = marking(town, letters=30)
    for code in season.codes:
        vote(season, code, grade=4)
    count_season(season=season, by=None, at=CLOSING)
    publish_season(season=Season.objects.get(pk=season.pk), by=None, at=CLOSING)
    before = {b.question.question_id for b in questions_below_limit(Season.objects.get(pk=season.pk))}
    shift = CLOSING - marking.__globals__["AT"]
    days = {f: getattr(PLAN, f) + shift for f in ("propose_until", "weigh_until", "draw_on", "answer_until", "mark_until")}
    plan = PLAN.__class__(**{f: getattr(PLAN, f) for f in PLAN.__slots__} | days | {"questions_drawn": 1})
    again = open_season(organ=town.city, title="2026年冬季", accounts=town.accounts, plan=plan, by=None, at=CLOSING)
    Question.objects.create(season=again, words="新的一道题？", stage="admitted", proposed_at=CLOSING, track="t")
    publish_list(season=again, by=None, at=again.weigh_until + shift / shift.days)
    paper = draw_paper(season=again, seed="1", by=None, at=again.answer_until - shift / shift.days)
    asked = list(paper.questions.all())
    assert [q.again for q in asked] == [False, True, True]
    assert {q.question_id for q in asked if q.again} == before


# ── codes, paper, pressure ───────────────────────────────────────────────────────────────────────────────────────────


def test_codes_are_made_by_the_supervisor_alone_and_stand_on_letters_only(town):
    season = marking(town)
    one = season.candidates.select_related("season", "account__owner").first()
    for name in ("unit", "operator", "auditor", "checker", "east"):
        with pytest.raises(NotPermitted):
            seal_codes(candidate=one, count=1, frame=10, by=town.users[name], at=MARKING)
    with pytest.raises(QiguanError, match="比名单上的人多"):
        seal_codes(candidate=one, count=11, frame=10, by=None, at=MARKING)
    with pytest.raises(QiguanError, match="评分已经截止"):
        seal_codes(candidate=one, count=1, frame=10, by=None, at=CLOSING)
    with CaptureQueriesContext(connection) as ran:
        codes = seal_codes(candidate=one, count=5, frame=10, by=town.users["supervisor"], at=MARKING)
    assert len(set(codes)) == 5
    assert not any(c in q["sql"] or c.replace("-", "") in q["sql"] for c in codes for q in ran)
    assert AuditEntry.objects.get(action="seal_codes").count == 5


def test_a_supervisor_who_also_works_for_an_assessed_unit_touches_nothing(town):
    from qiguan.people.models import Membership, Role

    season = marking(town)
    both = town.users["second"]
    Membership.objects.create(user=both, organ=town.commerce, role=Role.OPERATOR)
    with pytest.raises(NotPermitted, match="被考单位的人"):
        seal_codes(candidate=season.candidates.first(), count=1, frame=10, by=both, at=MARKING)
    with pytest.raises(NotPermitted):
        enter_paper_ballot(season=season, code="A", said=said(season), by=both, at=MARKING)


def test_a_paper_ballot_is_typed_by_two_persons_and_differences_are_shown(town):
    season = marking(town, letters=2)
    one, two = town.users["checker"], town.users["checker2"]

    def enter(by, grade: int, code: int = 0):
        return enter_paper_ballot(season=season, code=season.codes[code], said=said(season, grade, group=1), by=by, at=MARKING)

    enter(one, 4)
    enter(one, 4)  # the same person again is still one person
    assert not Ballot.objects.exists()
    told = enter(two, 5)
    assert [d for d in told.differences if d[0] == "总的满意程度"] == [("总的满意程度", "不满意", "非常不满意")]
    assert not Ballot.objects.exists()
    rows = AuditEntry.objects.count()
    assert enter(two, 4).cast
    assert AuditEntry.objects.count() == rows
    assert (Ballot.objects.get().grade, PaperEntry.objects.count(), SpentCode.objects.count()) == (4, 0, 1)
    with pytest.raises(QiguanError, match="已经用过"):
        enter(one, 4)
    enter(one, 1, code=1)
    with pytest.raises(QiguanError, match="只录了一遍"):
        count_season(season=season, by=None, at=CLOSING)
    assert count_season(season=season, drop_half_typed=True, by=None, at=CLOSING).data["half_typed"] == 1
    for name in ("unit", "operator", "auditor"):
        with pytest.raises(NotPermitted):
            enter(town.users[name], 1)


def test_being_asked_for_praise_is_told_with_the_code_before_or_after_it_is_used(town):
    season = marking(town, letters=2)
    form = make_ballot_form(now=NOW)
    vote(season, season.codes[0], form=form)

    def report(code: str) -> bool:
        return report_pressure(season=season, code=code, words="让我们都打满意", visitor="x", at=MARKING, now=NOW)

    assert [report(season.codes[0]), report(season.codes[0]), report(season.codes[1])] == [True, False, True]
    with pytest.raises(QiguanError, match="没有这个码"):
        report("AAAA-BBBB-CCCC")
    digests = {*PressureReport.objects.values_list("digest", flat=True)} & {*SpentCode.objects.values_list("digest", flat=True)}
    assert digests == set(), "told in a context of its own"
    assert count_season(season=season, by=None, at=CLOSING).data["candidates"][0]["pressure"] == 2
