"""How far our feed reader agrees with feedparser: on its own test files, and on a folder of real feeds.

Run: python benchmarks/agreement_feedparser.py FOLDER, where FOLDER is the `tests` folder of feedparser's source archive
(`wellformed`, `illformed`, `encoding`), or any folder of *.xml. Each file is compared by the number of entries and, where
the numbers are equal, by every title, link and date. A date without a zone is +08:00 here and UTC there: counted apart.
"""

from __future__ import annotations

import calendar
import html
import re
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import feedparser

from qiguan.connectors.feed_xml import Entry, Feed, parse_feed
from qiguan.core.written_dates import parse_posted

AT = datetime(2026, 11, 24, tzinfo=UTC)
BASE = "http://127.0.0.1:8097/"  # where feedparser's tests serve their files
_MARKUP = re.compile(r"<[^>]*>")


def plain(text: str) -> str:
    """Return a title's words, whatever the markup."""
    return " ".join(html.unescape(_MARKUP.sub("", text)).split())


def date_agreement(ours: Entry, theirs: Any) -> str:
    """Say how two dates compare: agree, zone (eight hours apart: no zone written), day (no time written), or how they miss."""
    posted = parse_posted(ours.when, at=AT)
    stamp = theirs.get("published_parsed") or theirs.get("updated_parsed") or theirs.get("created_parsed")
    if stamp is None:
        return "agree" if posted is None else "only we read it"
    if posted is None:
        return "only feedparser reads it"
    try:
        moment = datetime.fromtimestamp(calendar.timegm(stamp), UTC)
    except (ValueError, OverflowError):
        return "only we read it"
    if posted.at == moment:
        return "agree"
    if posted.precision == "day":
        return "day: end of the day in Shanghai" if timedelta(0) < posted.at - moment <= timedelta(days=1) else "differ"
    return "zone: none written, +08:00 here" if moment - posted.at == timedelta(hours=8) else "differ"


def compare(files: Iterable[Path], *, show: int = 0) -> None:
    """Print one table of agreement."""
    counts: Counter[str] = Counter()
    dates: Counter[str] = Counter()
    unequal: Counter[str] = Counter()
    seen: list[str] = []
    for path in files:
        body = path.read_bytes()
        theirs = feedparser.parse(body, response_headers={"content-location": BASE + path.name})
        ours = parse_feed(body, base=BASE + path.name) or Feed("", ())
        counts["files"] += 1
        counts["entries"] += len(theirs.entries)
        same_name = plain(theirs.feed.get("title", "")) == ours.name
        counts["name"] += same_name
        if not same_name:
            seen.append(f"name {path} {ours.name!r} {theirs.feed.get('title')!r}")
        if len(ours.entries) != len(theirs.entries):
            unequal[f"{len(ours.entries)} here, {len(theirs.entries)} there"] += 1
            seen.append(f"count {path} {len(ours.entries)} {len(theirs.entries)}")
            continue
        counts["equal count"] += 1
        for mine, entry in zip(ours.entries, theirs.entries, strict=True):
            counts["compared"] += 1
            same_title = not entry.get("title") or mine.title in {
                plain(entry["title"]),
                " ".join(entry["title"].split()),
            }  # without a title: the text's first words here
            same_link = mine.link == entry.get("link", "")
            counts["untitled"] += not entry.get("title")
            counts["title"] += same_title
            counts["link"] += same_link
            word = date_agreement(mine, entry)
            dates[word] += 1
            if not same_title or not same_link or word in {"differ", "only feedparser reads it"}:
                seen.append(f"entry {path} {mine} {entry.get('title')!r} {entry.get('link')!r} {word}")
    print("".join(f"  {line}\n" for line in seen[:show]), end="")
    print(
        f"  files {counts['files']}, the same number of entries in {counts['equal count']}, the same feed title in {counts['name']}"
    )
    print(
        f"  entries compared {counts['compared']} of {counts['entries']}: titles {counts['title']} ({counts['untitled']} have none), links {counts['link']}, dates {dates['agree']}"
    )
    for word, n in dates.most_common():
        if word != "agree":
            print(f"    date {word}: {n}")
    for word, n in unequal.most_common():
        print(f"    count {word}: {n} files")


def main() -> int:
    """Compare each known folder, or the folder itself."""
    folder = Path(sys.argv[1])
    show = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    parts = [p for p in (folder / "wellformed", folder / "illformed", folder / "encoding") if p.is_dir()] or [folder]
    for part in parts:
        print(part.name)
        compare(sorted(p for p in part.rglob("*") if p.suffix == ".xml"), show=show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
