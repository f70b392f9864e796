"""What a post is about, from its title; unclear rather than guessed."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from qiguan.core.subject import SUBJECTS, UNCLEAR, _mixed, own_titles, subject_of
from tests.conftest import shared_folder


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("示例县委书记到开发区调研重点项目", "领导活动"),
        ("一图读懂《示例市物业管理条例》", "政策解读"),
        ("关于人民路临时停水的公告", "通知公告"),
        ("本周用工信息：120个岗位等你来", "就业用工"),
        ("人民路明起封闭施工，车辆请绕行", "交通出行"),
        ("示例市2026年中考招生办法来了", "教育"),
        ("养老保险缴费基数调整", "社保民政"),
        ("本地苹果上线，助农直播今晚开始", "消费电商/物价"),
        ("警惕刷单诈骗，反诈民警提醒", "其他"),
    ],
)
def test_a_title_says_what_it_is_about(title: str, subject: str):
    assert subject_of(title).label == subject


@pytest.mark.parametrize("title", ["", "　\u200b", "！！！——", "\ud800"])
def test_a_title_without_words_is_unclear(title: str):
    assert subject_of(title).label == UNCLEAR
    assert subject_of(title).p == 0


def test_a_title_that_could_be_anything_is_unclear_but_ranked():
    answer = subject_of("qwerty zxcv")
    assert answer.label == UNCLEAR
    assert len(answer.ranked) == len(SUBJECTS)


def test_a_post_of_a_hundred_thousand_characters_is_answered():
    assert subject_of("招聘" + "啊" * 100_000).label == "就业用工"


def test_the_titles_that_ship_cover_every_subject_once():
    titles = own_titles()
    assert len({t for t, _ in titles}) == len(titles)
    assert min(Counter(label for _, label in titles).values()) >= 15
    assert {label for _, label in titles} == set(SUBJECTS)
    assert list(_mixed([])) == []


def test_real_titles_are_mostly_told_rightly_where_clear():
    file = shared_folder() / "data" / "titles.json"
    if not file.exists():
        pytest.skip("the titles do not lie beside the project")
    rows = json.loads(file.read_text(encoding="utf-8"))
    told = [(subject_of(row["title"]), {row["label"], *row.get("alt_labels", [])}) for row in rows]
    clear = [(answer, labels) for answer, labels in told if answer.label != UNCLEAR]
    assert len(clear) / len(told) > 0.8
    assert sum(answer.label in labels for answer, labels in clear) / len(clear) > 0.82
