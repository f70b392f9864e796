"""The year strip: figures right, our blindness apart from their silence, labels that do not collide."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from qiguan.ui.gallery import strip as sample
from qiguan.ui.pictures import Gap, Strip, mini_strip, year_strip, year_table
from tests.ui.markup import Page, svg, title

AT = date(2026, 9, 16)


def ago(days: int) -> date:
    return AT - timedelta(days=days)


def gap(last: int, until: int, *, is_open: bool = False) -> Gap:
    return Gap(ago(last), ago(until), ago(last - 14), is_open)


def fills(text: str, name: str) -> list[tuple[float, float]]:
    found = [r for r in svg(text).iter("rect") if r.get("fill") == f"url(#{name})"]
    return [(float(r.get("x").rstrip("%")), float(r.get("width").rstrip("%"))) for r in found]


def test_the_title_says_posts_silences_and_blind_days():
    strip = Strip(
        at=AT,
        posts={ago(0): 1, ago(30): 2, ago(62): 1, ago(400): 9, AT + timedelta(days=1): 5, ago(5): 0},
        gaps=[gap(62, 30)],
        blind=[(ago(10), ago(8)), (ago(9), ago(7))],
        checks=[ago(2), ago(900)],
    )
    assert title(year_strip(strip)) == (
        "近一年4篇，1段静默超过两周，最长32天，4天没看清。7月16日至8月17日32天。我们没看清4天：9月6日至9日。人工核查1次。"
    )


def test_a_silence_short_of_the_line_is_not_accused():
    short = [Gap(ago(20), ago(8), None), Gap(ago(40), ago(26), ago(26))]
    text = year_strip(Strip(at=AT, posts={ago(8): 1}, gaps=short))
    assert title(text) == "近一年1篇，没有超过两周的静默。"
    assert fills(text, "p-over") == []


def test_the_line_day_counts_while_the_silence_is_open():
    assert Gap(ago(14), AT, AT, open=True).is_over
    assert not Gap(ago(14), AT, AT).is_over


def test_hatching_begins_on_the_line_and_ends_with_the_next_post():
    ((x, width),) = fills(year_strip(Strip(at=AT, gaps=[gap(62, 30)])), "p-over")
    assert x == pytest.approx((364 - 48) * 100 / 365, abs=0.01)
    assert width == pytest.approx(18 * 100 / 365, abs=0.01)


def test_the_present_silence_reaches_the_edge_and_is_labelled():
    text = year_strip(Strip(at=AT, posts={ago(16): 1}, gaps=[gap(16, 0, is_open=True)]))
    ((x, width),) = fills(text, "p-over")
    assert x + width == pytest.approx(100, abs=0.01)
    assert "静默16天" in [t.text for t in svg(text).iter("text")]
    assert "8月31日至今16天" in title(text)


def test_our_blind_days_are_dotted_and_clipped_to_the_year():
    text = year_strip(Strip(at=AT, blind=[(ago(900), ago(800)), (ago(500), ago(360)), (AT, AT + timedelta(days=9))]))
    assert "我们没看清6天" in title(text)
    (first, last) = fills(text, "p-unk")
    assert first[0] == 0
    assert last[0] + last[1] == pytest.approx(100, abs=0.01)


def test_ticks_are_one_path_and_two_posts_stand_higher():
    path = svg(year_strip(Strip(at=AT, posts={ago(364): 1, AT: 3}))).find("svg/path").get("d")
    assert path == "M0.5 22V48M364.5 6V48"


def test_labels_never_stand_on_each_other():
    many = [gap(last, last - 20) for last in range(360, 20, -21)]
    text = year_strip(Strip(at=AT, gaps=[*many, gap(17, 0, is_open=True)]))
    said = [t for t in svg(text).iter("text") if "静默" in (t.text or "")]
    at = sorted(float(t.get("x").rstrip("%")) for t in said)
    assert len(at) > 5
    assert min(b - a for a, b in pairwise(at)) > 5
    on_phone = [t for t in said if "odd" not in t.get("class")]
    assert 1 <= len(on_phone) <= 2
    assert any(t.text == "静默17天" for t in on_phone)


def test_an_account_that_never_posted_is_ruled_not_hatched():
    strip = Strip(at=AT, gaps=[Gap(None, AT, ago(364), open=True)])
    for text in (year_strip(strip), mini_strip(strip)):
        assert len(fills(text, "p-never")) == 1
        assert fills(text, "p-over") == []
    assert title(year_strip(strip)) == "近一年0篇，1段静默超过两周。至今一直没有。"


@pytest.mark.parametrize("strip", [Strip(at=AT), Strip(at=date(2024, 2, 29)), Strip(at=AT, days=7)])
def test_an_empty_strip_is_a_picture_too(strip):
    assert title(year_strip(strip)) == "近一年没有看到内容。"
    assert title(mini_strip(strip)) == "近一年没有看到内容"
    Page(year_table(strip))


def test_a_year_that_nobody_saw_is_not_called_silent():
    strip = Strip(at=AT, blind=[(ago(364), AT)])
    assert title(year_strip(strip)) == "近一年没有看清。我们没看清365天：2025年9月17日至9月16日。"


def test_days_that_we_did_not_see_are_not_called_lively():
    assert Strip(at=AT, posts={AT: 1}, blind=[(ago(9), ago(7))]).summary() == "1篇，看得清的日子里没有超过两周的静默"
    assert Strip(at=AT, blind=[(ago(9), ago(7))]).summary() == "没有看到内容，3天没看清"


def test_hostile_names_stay_words():
    evil = '<img src=x onerror="alert(1)">'
    strip = Strip(at=AT, posts={AT: 1}, gaps=[gap(62, 30)], holidays=[(ago(9), ago(7), evil)], limit=evil)
    for text in (year_strip(strip), mini_strip(strip, name=evil)):
        assert "<img" not in text
        assert evil in title(text)
    assert "<img" not in year_table(strip)


def test_the_table_holds_the_same_figures_as_the_picture():
    strip = sample()
    page = Page(year_table(strip))
    assert sum(int(w) for w in page.words if w.isdigit()) == sum(strip.shown_posts().values()) + 17  # 3 and 14 blind days
    assert "2025年11月13日至2025年12月15日32天" in page.text


def test_the_mini_strip_counts_weeks_and_stays_small():
    text = mini_strip(sample(), name="南例县商务")
    assert title(text).startswith("南例县商务，近一年")
    assert len(text) < 3000
    path = svg(mini_strip(Strip(at=AT, posts={AT: 1, ago(6): 1, ago(7): 1}))).find("svg/path").get("d")
    assert path.count("M") == 2  # the last week holds two posts, the one before it one
    assert path.startswith("M50.1")


def test_the_months_are_named_once_and_in_order():
    said = [t.text for t in svg(year_strip(Strip(at=AT))).iter("text")]
    assert said == ["9月", "10月", "11月", "12月", "2026年1月", "2月", "3月", "4月", "5月", "6月", "7月", "8月", "9月"]


@pytest.mark.parametrize(
    ("at", "first", "last"),
    [
        (date(2026, 9, 2), "9月", ("9月", "100%", "end")),  # two days of September: its name stands inside the edge
        (date(2026, 9, 27), "10月", ("9月", "92.6%", None)),  # three days of last September are too few for a name
        (date(2024, 3, 31), "4月", ("3月", "91.51%", None)),
    ],
)
def test_short_months_at_the_ends_keep_their_names_inside(at, first, last):
    said = list(svg(year_strip(Strip(at=at))).iter("text"))
    assert said[0].text == first
    assert (said[-1].text, said[-1].get("x"), said[-1].get("text-anchor")) == last


def test_a_title_names_eight_silences_and_says_that_there_are_more():
    many = [gap(last, last - 20) for last in range(360, 60, -25)]
    assert "等。" in title(year_strip(Strip(at=AT, posts={AT: 1}, gaps=many)))
    assert title(year_strip(Strip(at=AT, posts={AT: 1}, gaps=many))).count("至") == 8


def test_a_silence_from_before_the_year_hatches_all_of_it():
    text = year_strip(Strip(at=AT, gaps=[Gap(ago(700), AT, ago(686), open=True)]))
    assert fills(text, "p-over") == [(0, 100)]
    assert "静默700天" in [t.text for t in svg(text).iter("text")]
    assert fills(mini_strip(Strip(at=AT, gaps=[Gap(ago(900), ago(400), ago(886))])), "p-over") == []


def test_a_spell_counted_by_the_hour_is_said_as_it_was_counted():
    spell = Gap(ago(23), ago(1), ago(9), open=True, spell=22)
    text = year_strip(Strip(at=AT, posts={ago(23): 1}, gaps=[spell], blind=[(AT, AT)]))
    assert title(text).startswith("近一年1篇，1段静默超过两周，最长22天，1天没看清。8月24日至9月15日22天。")
    assert Gap(ago(14), AT, AT, spell=14).is_over, "over by hours on the very day"


def test_a_month_that_nobody_watched_has_no_number():
    table = year_table(Strip(at=AT, posts={ago(1): 2}, blind=[(ago(364), ago(60))]))
    assert table.count("没看清</td>") == 10
    assert "<td class=r>2</td>" in table


def test_a_row_with_weeks_only_says_its_own_figures():
    assert (
        title(mini_strip(Strip(at=AT, posts={AT: 9}, figures="700篇，最长静默20天"), name="甲"))
        == "甲，近一年700篇，最长静默20天"
    )
