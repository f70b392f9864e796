"""What a collector saved, against the truth of 108 real accounts."""

from __future__ import annotations

import json
import tarfile
from datetime import UTC, datetime

from qiguan.connectors.saved import read_saved
from qiguan.core.source import Outcome

AT = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def test_the_kind_is_told_by_ending_and_bytes():
    assert read_saved(b'{"items": []}', ".xml", at=AT).outcome is Outcome.EMPTY
    assert read_saved(b"<html><input type=password></html>", ".xml", at=AT).outcome is Outcome.LOGIN_PAGE
    page = b"<html><ul><li><a href='https://x.invalid/1'>a</a>2026-09-01</li><li><a href='https://x.invalid/2'>b</a>2026-09-02</li></ul></html>"
    assert len(read_saved(page, ".html", at=AT).items) == 2


def test_a_list_page_with_a_log_in_box_in_its_corner_is_a_list():
    rows = "".join(f"<li><a href='https://x.invalid/{n}'>通知{n}</a><span>2026-09-0{n}</span></li>" for n in range(1, 4))
    page = f"<html><title>示例</title><form><input type=password></form><ul>{rows}</ul></html>".encode()
    assert len(read_saved(page, ".html", at=AT).items) == 3
    assert read_saved(page, ".xml", at=AT).outcome is Outcome.LOGIN_PAGE
    assert read_saved(b"<html><input type=password></html>", ".html", at=AT).outcome is Outcome.LOGIN_PAGE
    assert read_saved(b"<html><input type=password></html>", ".json", at=AT).outcome is Outcome.LOGIN_PAGE


def test_a_feed_is_a_feed_whatever_it_is_called():
    feed = b"<rss><channel><item><title>a</title><link>https://x.invalid/1</link></item></channel></rss>"
    assert {read_saved(feed, s, at=AT).outcome for s in (".xml", ".html", ".json")} == {Outcome.OK}
    assert read_saved(b"\xef\xbb\xbf[1]", ".html", at=AT).outcome is Outcome.NOT_A_FEED
    assert read_saved(b"", ".json", at=AT).outcome is Outcome.NOT_A_FEED


def test_every_real_feed_is_read_and_every_last_post_is_the_true_one(real_data):
    truth = None
    newest = {}
    outcomes = {}
    at = datetime(2021, 6, 19, 7, 15, 3, tzinfo=UTC)
    with tarfile.open(real_data / "wechat-feeds.tar.xz", "r|xz") as archive:
        for member in archive:
            if member.name.endswith("truth.json"):
                truth = json.load(archive.extractfile(member))
            elif "2021-06-17T15-18/" in member.name and member.name.endswith(".xml"):
                reading = read_saved(archive.extractfile(member).read(), ".xml", at=at)
                name = member.name.rsplit("/", 1)[1].removesuffix(".xml")
                outcomes[name] = reading.outcome
                newest[name] = max((i.posted.at for i in reading.items if i.posted), default=None)
    assert {o for o in outcomes.values() if not o.is_read} == set()
    wrong = [a["account"] for a in truth["accounts"] if newest[a["bizid"]] != datetime.fromisoformat(a["last_update"])]
    assert wrong == []
    assert len(truth["accounts"]) == 108
