"""A learner that counts a confirmed case at once, says how sure it is, and keeps no citizen's words."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.core.errors import UnusableInput
from qiguan.core.learner import Learner, labels_by_probability, learn_all, pieces_of, plain, softmax, strongest

ROAD, SCHOOL = "路灯坏了没有人修", "学校食堂饭菜不好"


def guess(learner: Learner, text: str) -> dict[str, float]:
    return learner.probabilities(learner.scores(learner.vector(learner.buckets(pieces_of(plain(text)[0])))))


def taught(bits: int = 12, passes: int = 1) -> Learner:
    learner = Learner(bits=bits)
    learn_all(learner, [(ROAD, "城管"), (SCHOOL, "教育")] * 4, passes=passes)
    return learner


def test_what_was_confirmed_once_is_known_the_next_time():
    learner = Learner(bits=12)
    learn_all(learner, [(ROAD, "城管")])
    learn_all(learner, [(SCHOOL, "教育")])
    assert guess(learner, "门口的路灯又坏了")["城管"] > 0.5
    assert guess(learner, "食堂的饭菜")["教育"] > 0.5
    assert learner.pull("路灯", "城管", "教育") > 0 > learner.pull("食堂", "城管", "教育")
    assert learner.pull("从未", "城管", "教育") == 0


def test_a_learner_that_knows_nothing_says_so():
    learner = Learner(bits=12)
    learner.add_label("甲")
    learner.add_label("乙")
    learner.add_label("甲")
    assert guess(learner, "任何话") == {"甲": 0.5, "乙": 0.5}
    assert guess(taught(), "")["教育"] == pytest.approx(0.5, abs=0.2)


def test_a_model_comes_back_as_it_was_and_holds_no_words():
    learner = taught(passes=2)
    kept = learner.to_bytes()
    again = Learner.from_bytes(kept)
    assert guess(again, "路灯") == guess(learner, "路灯")
    head, _, rest = kept.partition(b"\n")
    assert set(json.loads(head)) == {"bits", "texts", "heat", "offsets"}
    assert "路灯".encode() not in zlib.decompress(rest)


def test_a_broken_model_is_told_with_its_remedy():
    kept = taught().to_bytes()
    for broken in (b"", b"{}\n", kept[:-20], kept.replace(b'"bits": 12', b'"bits": 11'), kept.split(b"\n")[0] + b"\nx", b"[]\n"):
        with pytest.raises(UnusableInput, match="读不出来"):
            Learner.from_bytes(broken)


def test_from_a_thousand_texts_on_a_piece_of_one_text_says_nothing():
    learner = Learner(bits=12, texts=998)
    learner.add_label("甲")
    learner.count(learner.buckets(pieces_of("路灯")))
    assert learner.vector(learner.buckets(pieces_of("路灯"))).buckets
    learner.count(learner.buckets(pieces_of("井盖")))
    assert not learner.vector(learner.buckets(pieces_of("路灯"))).buckets
    learner.count(learner.buckets(pieces_of("路灯")))
    assert learner.vector(learner.buckets(pieces_of("路灯"))).buckets


def test_the_sureness_follows_how_right_the_guesses_were():
    right, wrong = Learner(bits=12), Learner(bits=12)
    texts = [ROAD, SCHOOL]
    learn_all(right, [(texts[i % 2], "甲乙"[i % 2]) for i in range(60)])
    learn_all(wrong, [(texts[i % 2], "甲乙"[i // 2 % 2]) for i in range(60)])
    assert right.heat > 1 > wrong.heat


def test_a_text_is_read_in_one_width_and_case_with_its_places_kept():
    read, places = plain("  ＡＢ\u200b\t路\n灯㍿")
    assert read == "ab \t路\n灯㍿"
    assert plain("甲" + " " * 90 + "乙")[0] == "甲" + " " * 40 + "乙"
    assert [("  ＡＢ\u200b\t路\n灯㍿")[p] for p in places[:2]] == ["Ａ", "Ｂ"]
    assert plain("路" * 100_000)[0] == "路" * 700
    assert plain("\ud800路")[0] == "路"


def test_the_opening_counts_twice_and_what_follows_once():
    assert pieces_of("井盖" + "长" * 40 + "路灯")["井盖"] == 2
    assert pieces_of("井盖" + "长" * 40 + "路灯")["路灯"] == 1
    assert pieces_of("路" * 70)["路路"] == 30 * 2 + 39


@given(st.text(max_size=80))
def test_any_text_has_probabilities_that_add_up(text: str):
    assert sum(guess(taught(), text).values()) == pytest.approx(1)


def test_ranks_do_not_depend_on_the_order_of_the_labels():
    assert labels_by_probability({"乙": 0.5, "甲": 0.5}) == labels_by_probability({"甲": 0.5, "乙": 0.5})
    assert softmax({}) == {}


def test_the_strongest_words_neither_overlap_nor_repeat():
    text = "路灯路灯坏了井盖没"
    found = strongest([(3, 0, 2), (3, 2, 4), (2.5, 1, 3), (2, 4, 6), (1, 6, 8), (0.5, 7, 9), (-1, 8, 9)], text)
    assert [text[s:e] for s, e, _ in found] == ["路灯", "坏了", "井盖"]
    assert strongest([(0.0, 0, 1)], text) == []
