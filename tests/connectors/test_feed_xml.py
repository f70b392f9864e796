"""Feeds that are broken in the usual ways."""

from __future__ import annotations

import time

import pytest

from qiguan.connectors.feed_xml import Feed, parse_feed, plain

HEAD = "<?xml version='1.0' encoding='{}'?>"
ITEM = "<item><title>{}</title><link>{}</link><pubDate>Tue, 15 Sep 2026 10:00:00</pubDate></item>"


def feed(items: str, head: str = HEAD.format("utf-8"), link: str = "https://site.invalid/") -> str:
    return f"{head}<rss version='2.0'><channel><title>示例镕</title><link>{link}</link>{items}</channel></rss>"


def titles(parsed: Feed | None) -> list[str]:
    assert parsed is not None
    return [e.title for e in parsed.entries]


def test_bare_ampersands_and_html_entities_are_mended_without_losing_a_character():
    text = feed(ITEM.format("甲 & 乙&nbsp;&copy; &bogus; &lt;丙", "https://x.invalid/?a=1&b=2"))
    parsed = parse_feed(text.encode())
    assert titles(parsed) == ["甲 & 乙 © &bogus; <丙"]
    assert parsed.entries[0].link == "https://x.invalid/?a=1&b=2"


def test_cdata_is_left_as_it_is():
    text = feed(ITEM.format("<![CDATA[甲 & 乙]]>&", "<![CDATA[https://x.invalid/?a=1&b=2]]>"))
    assert parse_feed(text.encode()).entries[0].link == "https://x.invalid/?a=1&b=2"


@pytest.mark.parametrize("bad", ["\x08", "&#8;", "&#x1F;", "&#xD800;", "\ufffe"])
def test_forbidden_characters_are_passed_over_and_said(bad):
    parsed = parse_feed(feed(ITEM.format(f"通{bad}知", "https://x.invalid/1")).encode())
    assert titles(parsed) == ["通知"]
    assert "控制字符" in parsed.mended


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        ("utf-8", "gbk"), ("utf-8", "gb18030"), ("gbk", "utf-8"), ("gb2312", "utf-8"), ("gb18030", "utf-8"), ("utf-16", "utf-8"), ("utf-8", "utf-16"),
        ("utf-8", "utf-16-le"), ("utf-8", "utf-16-be"), ("zlib", "utf-8"), ("nonsense", "utf-8"), ("big5", "utf-8"), ("utf-8", "utf-8-sig"), ("gb2312", "gb18030"),
    ],
)  # fmt: skip
def test_a_wrongly_declared_encoding_is_told_by_the_bytes(declared, actual):
    parsed = parse_feed(feed(ITEM.format("朱镕基的通知", "https://x.invalid/1"), HEAD.format(declared)).encode(actual))
    assert (parsed.name, titles(parsed)) == ("示例镕", ["朱镕基的通知"])


def test_words_before_the_feed_are_cut_off():
    for junk in ("\n\n", "<br />\n<b>Warning</b>: x in a.php on line 3\n"):
        assert titles(parse_feed((junk + feed(ITEM.format("通知", "https://x.invalid/1"))).encode())) == ["通知"]


def test_an_entry_cut_in_the_middle_is_left_out_because_half_a_link_is_another_post():
    whole = feed(ITEM.format("甲", "https://x.invalid/1") + ITEM.format("乙", "https://x.invalid/234")).encode()
    cut = whole[: whole.index(b"invalid/23") + 9]
    parsed = parse_feed(cut)
    assert not parsed.whole
    assert titles(parsed) == ["甲"]
    inside = parse_feed(whole[: whole.index("乙".encode()) + 1])
    assert titles(inside) == ["甲"]


def test_what_lxml_loses_feedparser_may_find():
    parsed = parse_feed(feed("<image>" + ITEM.format("甲 &amp; 乙", "/1")).encode(), base="https://x.invalid/")
    assert titles(parsed) == ["甲 & 乙"]
    assert (parsed.entries[0].link, parsed.entries[0].when) == ("https://x.invalid/1", "Tue, 15 Sep 2026 10:00:00")
    assert parsed.name == ""  # out of broken markup it would look like a change of name


def test_where_both_fail_what_there_is_stands(monkeypatch):
    import feedparser

    def fails(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(feedparser, "parse", fails)
    assert list(parse_feed(feed("<image>" + ITEM.format("甲", "/1")).encode()).entries) == []


def test_relative_links_are_resolved_by_xml_base_then_the_address_then_the_site():
    text = feed(ITEM.format("甲", "/a/1.html"))
    assert parse_feed(text.encode()).entries[0].link == "https://site.invalid/a/1.html"
    assert parse_feed(text.encode(), base="https://x.invalid/feed/r.xml").entries[0].link == "https://x.invalid/a/1.html"
    based = "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://b.invalid/d/'><entry><title>甲</title><link href='1.html'/></entry></feed>"
    assert parse_feed(based.encode(), base="https://x.invalid/").entries[0].link == "https://b.invalid/d/1.html"
    assert parse_feed(feed(ITEM.format("甲", "//[bad"), link="").encode(), base="https://x.invalid/").entries[0].link == "//[bad"


def test_the_entry_s_own_title_is_taken_before_one_of_an_extension():
    media = "<item xmlns:m='http://search.yahoo.com/mrss/'><m:title>图</m:title>{}<link>https://x.invalid/1</link></item>"
    assert titles(parse_feed(feed(media.format("<title>甲</title>")).encode())) == ["甲"]
    assert titles(parse_feed(feed(media.format("")).encode())) == ["图"]


def test_an_entry_without_a_title_has_the_first_words_of_its_text():
    parsed = parse_feed(feed("<item><description>&lt;p&gt;今天的&amp;nbsp;消息&lt;/p&gt;</description></item>").encode())
    assert titles(parsed) == ["今天的 消息"]


def test_markup_within_a_title_is_words_and_written_out_angle_brackets_stay():
    xhtml = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>说 &lt;b&gt; <i>甲</i></div></title><id>http://x.invalid/9</id></entry></feed>"
    parsed = parse_feed(xhtml.encode())
    assert titles(parsed) == ["说 <b> 甲"]
    assert parsed.entries[0].link == "http://x.invalid/9"
    assert plain("<2021>六月 <b>酒单</b>") == "<2021>六月 酒单"


def test_a_guid_that_is_a_permanent_link_is_the_link():
    item = "<item><title>甲</title><guid{}>https://x.invalid/7</guid></item>"
    assert parse_feed(feed(item.format("")).encode()).entries[0].link == "https://x.invalid/7"
    assert parse_feed(feed(item.format(" isPermaLink='false'")).encode()).entries[0].link == ""


def test_a_page_that_mentions_a_feed_is_no_feed():
    assert parse_feed(b"<!DOCTYPE html><html><body><rss></rss></body></html>") is None
    assert parse_feed(b"<opml></opml>") is None
    assert parse_feed(b"\x00" * 100) is None
    assert parse_feed(b"\x80\x81\xff") is None


def test_bombs_cost_little():
    names = "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 12))
    bomb = feed(
        ITEM.format("&a11;", "https://x.invalid/1") + "<item><title>x</title><a href='&a11;'/></item>",
        f"<!DOCTYPE r [<!ENTITY a0 'ha'>{names}]>",
    )
    before = time.process_time()
    assert all(len(t) < 100 for t in titles(parse_feed(bomb.encode())))
    for text in ("<" * 200_000, "&" * 200_000, "<item>" * 200_000, "<![CDATA[" * 30_000, "<!" * 100_000, '<a b="' * 50_000):
        parse_feed(b"<rss><channel><title>" + text.encode())
    assert time.process_time() - before < 10


def test_two_thousand_entries_are_enough():
    assert len(parse_feed(feed(ITEM.format("甲", "https://x.invalid/1") * 2500).encode()).entries) == 2000
