"""What a citizen sends is stored once, kept under a code, and never lost in silence."""

from __future__ import annotations

import pytest

from qiguan.core.errors import QiguanError, TooMany
from qiguan.intake.actions.form_keys import make_form_key
from qiguan.jobs import clock
from qiguan.topics.actions.asking import ASK, SECOND, WANTED, appeal_hold, say_wanted, second_topic
from qiguan.topics.actions.deciding import answer_topic, hold_topic
from qiguan.topics.codes import code_for, hash_of
from qiguan.topics.models import Second, TopicRequest, Wanted
from qiguan.topics.queries.public import topic_of_code
from tests.factories import AT
from tests.topics.conftest import asks


def fresh(what: str) -> str:
    return make_form_key(what=what, now=clock.machine_now())


def test_a_form_sent_thrice_over_a_broken_line_is_one_request_with_one_code(account):
    key = fresh(ASK)
    codes = {asks(account, "讲讲医保报销", key=key) for _ in range(3)}
    assert len(codes) == 1
    request = TopicRequest.objects.get()
    assert request.code_hash == hash_of(codes.pop().lower().replace("-", " "))
    assert request.subject == "社保民政"
    assert request.released_at is None


def test_a_code_is_eighty_bits_and_forgives_what_reads_alike():
    code = code_for("a form")
    assert len(code.replace("-", "")) == 16
    assert code == code_for("a form") != code_for("another")
    assert hash_of("OLBQ" * 4) == hash_of("0189" * 4)
    assert hash_of("") == hash_of("短") == hash_of("A" * 17) == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [("", "还没有写"), ("？？", "还没有写"), ("长" * 201, "201字"), ("坏\ud800", "读不出"), ("零\x00", "读不出")],
)
def test_what_cannot_be_kept_is_told_with_its_remedy(account, words, told):
    with pytest.raises(QiguanError, match=told) as error:
        asks(account, words)
    assert error.value.remedy
    assert not TopicRequest.objects.exists()


def test_hidden_marks_are_taken_out_and_every_script_kept(account):
    found = topic_of_code(asks(account, "\u202eབོད་ཡིག ئۇيغۇرچە\u200b ᠮᠣᠩᠭᠣᠯ 😀"))
    assert found.words == "བོད་ཡིག ئۇيغۇرچە ᠮᠣᠩᠭᠣᠯ 😀"


def test_a_flood_from_one_address_is_slowed_and_a_form_sent_again_is_still_answered(account):
    key = fresh(ASK)
    code = asks(account, "第一条", key=key)
    for n in range(19):
        asks(account, f"想看第{n}件")
    with pytest.raises(TooMany):
        asks(account, "太多了")
    assert asks(account, "第一条", key=key) == code
    assert asks(account, "另一家", visitor="5.6.7.8")


def test_a_second_is_counted_once_a_form(asked):
    request, _ = asked
    key = fresh(SECOND)
    for key_sent in (key, key, fresh(SECOND)):
        second_topic(request=request, form_key=key_sent, visitor="v", at=AT, now=clock.machine_now())
    assert Second.objects.count() == 2


def test_the_asker_may_change_the_word_and_others_are_counted_beside_it(asked, town):
    request, _ = asked

    def say(said: str, *, by_asker: bool, key: str = "") -> bool:
        row = TopicRequest.objects.get()
        key = key or fresh(WANTED)
        return say_wanted(request=row, said=said, by_asker=by_asker, form_key=key, visitor="v", at=AT, now=clock.machine_now())

    with pytest.raises(QiguanError, match="还没有回应"):
        say("yes", by_asker=True)
    answer_topic(request=request, words="改到建设路", by=town.users["unit"], at=AT)
    with pytest.raises(QiguanError, match="没有选"):
        say("maybe", by_asker=True)
    say("yes", by_asker=True)
    say("no", by_asker=True)
    key = fresh(WANTED)
    assert say("partly", by_asker=False, key=key)
    assert not say("partly", by_asker=False, key=key)
    assert sorted(Wanted.objects.values_list("said", "by_asker")) == [("no", True), ("partly", False)]


def test_only_what_is_held_can_be_appealed(asked, town):
    request, _ = asked
    now = clock.machine_now()
    with pytest.raises(QiguanError, match="没有被留住"):
        appeal_hold(request=request, visitor="v", at=AT, now=now)
    hold_topic(request=request, rule="spam", by=town.users["unit"], at=AT)
    request.refresh_from_db()
    appeal_hold(request=request, visitor="v", at=AT, now=now)
    request.refresh_from_db()
    assert request.appealed_at == AT
