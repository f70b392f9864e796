"""Feeds as they come: well formed, broken, hostile, and pages in place of feeds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qiguan.connectors import rss
from qiguan.core.source import Outcome, Response, SourceSpec

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)
ITEM = "<item><title>通知{0}</title><link>https://example.invalid/{0}</link><guid isPermaLink='false'>g{0}</guid><pubDate>{1}</pubDate></item>"
DATE = "Tue, 15 Sep 2026 10:00:00 +0800"


def feed(items: str, title: str = "示例") -> bytes:
    return f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel><title>{title}</title>{items}</channel></rss>".encode()


def test_rss_is_read_with_its_dates_in_shanghai_where_no_zone_stands():
    reading = rss.read_bytes(feed(ITEM.format(1, "Tue, 15 Sep 2026 10:00:00") + ITEM.format(2, DATE)), at=AT)
    assert reading.outcome is Outcome.OK
    assert reading.name == "示例"
    assert [i.posted.at for i in reading.items] == [datetime(2026, 9, 15, 2, tzinfo=UTC)] * 2
    assert [i.source_id for i in reading.items] == ["g1", "g2"]
    assert reading.items[0].key == "example.invalid/1"


def test_atom_and_rdf_are_read():
    atom = "<feed xmlns='http://www.w3.org/2005/Atom'><title>甲</title><entry><title type='html'>&lt;b&gt;乙&lt;/b&gt;</title><link rel='self' href='https://x.invalid/s'/><link href='https://x.invalid/1'/><id>tag:1</id><updated>2026-09-15T02:00:00Z</updated></entry></feed>"
    (item,) = rss.read_bytes(atom.encode(), at=AT).items
    assert (item.title, item.url, item.posted.at.hour) == ("乙", "https://x.invalid/1", 2)
    rdf = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>丙</title></channel><item><title>丁</title><link>https://x.invalid/2</link><dc:date>2026-09-15</dc:date></item></rdf:RDF>"
    reading = rss.read_bytes(rdf.encode(), at=AT)
    assert (reading.name, reading.items[0].posted.precision) == ("丙", "day")


def test_a_control_character_is_passed_over_and_said():
    reading = rss.read_bytes(feed(ITEM.format("\x08", DATE)), at=AT)
    assert (reading.outcome, len(reading.items)) == (Outcome.OK, 1)
    assert "控制字符" in reading.detail


def test_a_truncated_feed_is_never_ok_but_its_items_prove_life():
    whole = feed("".join(ITEM.format(n, DATE) for n in range(6)))
    reading = rss.read_bytes(whole[: len(whole) * 2 // 3], at=AT)
    assert reading.outcome is Outcome.TRUNCATED
    assert reading.items
    assert rss.read_bytes(whole, at=AT, cut=True).outcome is Outcome.TRUNCATED
    assert rss.read_bytes(b"", at=AT, cut=True).outcome is Outcome.TRUNCATED


def test_broken_xml_with_its_end_is_read_as_far_as_it_goes():
    reading = rss.read_bytes(
        feed(ITEM.format(1, DATE) + "<item><title>a & b</title><link>https://example.invalid/2</link></item>"), at=AT
    )
    assert reading.outcome is Outcome.OK
    assert len(reading.items) == 2
    assert reading.items[1].posted is None


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ("<html><body><form><input type=password></form></body></html>", Outcome.LOGIN_PAGE),
        ("<html><title>环境异常</title></html>", Outcome.LOGIN_PAGE),
        ("<html><body>新闻</body></html>", Outcome.NOT_A_FEED),
        ('{"items": []}', Outcome.NOT_A_FEED),
        ("", Outcome.NOT_A_FEED),
        ("<rss><channel></channel></rss>", Outcome.EMPTY),
        ("<rss><channel><item></item></channel></rss>", Outcome.MALFORMED),
    ],
)
def test_what_is_no_feed_is_named_for_what_it_is(body, outcome):
    assert rss.read_bytes(body.encode(), at=AT).outcome is outcome


def test_entities_are_not_expanded():
    bomb = "<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><rss><channel><title>x</title><item><title>&b;</title><link>https://x.invalid/1</link></item></channel></rss>"
    reading = rss.read_bytes(bomb.encode(), at=AT)
    assert all("aaaaaaaaaa" not in i.title for i in reading.items)
    xxe = "<!DOCTYPE r [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><rss><channel><item><title>&f;</title><link>https://x.invalid/1</link></item></channel></rss>"
    assert "root:" not in repr(rss.read_bytes(xxe.encode(), at=AT))


def test_chinese_encodings_are_read():
    text = "<?xml version='1.0' encoding='gb2312'?><rss><channel><title>镕基</title><item><title>通知</title><link>https://x.invalid/1</link></item></channel></rss>"
    assert rss.read_bytes(text.encode("gb18030"), at=AT).items[0].title == "通知"
    assert rss.read_bytes(text.replace("gb2312", "utf-16").encode("utf-16"), at=AT).items[0].title == "通知"


def test_dates_in_the_future_are_kept_and_said():
    assert "将来" in rss.read_bytes(feed(ITEM.format(1, "Tue, 15 Sep 2037 10:00:00 +0800")), at=AT).detail


@given(st.binary(max_size=300))
def test_no_bytes_make_it_raise(data):
    rss.read_bytes(data, at=AT)
    rss.read_bytes(b"<rss><channel>" + data, at=AT)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (304, Outcome.NOT_MODIFIED),
        (401, Outcome.FORBIDDEN),
        (404, Outcome.GONE),
        (410, Outcome.GONE),
        (429, Outcome.RATE_LIMITED),
        (503, Outcome.SERVER_ERROR),
        (418, Outcome.NOT_A_FEED),
    ],
)
def test_a_status_is_an_outcome(status, outcome):
    talk = rss.read(SourceSpec("https://x.invalid/f"), at=AT)
    request = next(talk)
    assert request.conditional
    with pytest.raises(StopIteration) as end:
        talk.send(Response(status, headers={"retry-after": "120"}))
    assert end.value.value.outcome is outcome
    if status == 429:
        assert end.value.value.retry_after == 120


def test_relative_links_are_resolved_by_the_final_address():
    talk = rss.read(SourceSpec("https://x.invalid/f"), at=AT)
    next(talk)
    with pytest.raises(StopIteration) as end:
        talk.send(Response(200, feed("<item><title>甲</title><link>/1</link></item>"), {}, "https://y.invalid/f"))
    assert end.value.value.items[0].url == "https://y.invalid/1"


def test_one_post_listed_twice_is_one():
    assert len(rss.read_bytes(feed(ITEM.format(1, DATE) * 2), at=AT).items) == 1


def test_a_feed_too_broken_for_any_entry_is_malformed():
    assert rss.read_bytes(b"<rss><channel><title>x<b></channel></rss>", at=AT).outcome is Outcome.MALFORMED
