"""Feeds fetched, parsed, compared and stored per CPU-second, first and unchanged round, beside `reader` and a feedparser loop.

One loopback server in its own process serves every contender the same feeds with ETag and 304. CPU seconds are this
process's own. `reader` is forced with `update_feed` (its `update_feeds` skips what is not due). Run: make bench.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

os.environ["QIGUAN_DATA"] = tempfile.mkdtemp(prefix="qiguan-bench-")
os.environ["QIGUAN_ALLOW_LOOPBACK"] = "1"
os.environ["DJANGO_SETTINGS_MODULE"] = "qiguan.config.settings"
FEEDS, LOOP_FEEDS = 1600, 150  # the loop stores nothing: its rate does not depend on their number
SHARED = Path(os.environ.get("QIGUAN_SHARED", Path(__file__).parents[2] / "shared")) / "data" / "wechat-feeds.tar.xz"


def real_or_made_feeds() -> list[bytes]:
    """Real feeds where they lie beside the project, else feeds of 20 items made here."""
    if SHARED.exists():
        with tarfile.open(SHARED, "r|xz") as archive:  # read once, in order: seeking in xz is quadratic
            newest = [m for m in _members(archive) if m]
        return newest[:FEEDS]
    start = datetime(2026, 9, 1, tzinfo=UTC)
    item = "<item><title>第{0}号第{1}篇</title><link>https://example.invalid/{0}/{1}</link><pubDate>{2}</pubDate></item>"
    return [
        (
            "<rss version='2.0'><channel><title>示例{}</title>{}</channel></rss>".format(
                n, "".join(item.format(n, i, format_datetime(start - timedelta(hours=i))) for i in range(20))
            )
        ).encode()
        for n in range(FEEDS)
    ]


def _members(archive: tarfile.TarFile) -> Iterator[bytes]:
    for member in archive:
        if "2021-06-17T15-18/" in member.name and member.name.endswith(".xml"):
            yield archive.extractfile(member).read()  # type: ignore[union-attr]


class Handler(BaseHTTPRequestHandler):  # noqa: D101
    protocol_version = "HTTP/1.1"
    bodies: list[tuple[bytes, str]] = []

    def do_GET(self) -> None:  # noqa: D102
        body, tag = self.bodies[int(self.path.rsplit("/", 1)[1].split(".")[0])]
        fresh = self.headers.get("If-None-Match") != tag
        head = f"HTTP/1.1 {'200 OK' if fresh else '304 Not Modified'}\r\nETag: {tag}\r\nContent-Type: application/rss+xml\r\nContent-Length: {len(body) if fresh else 0}\r\n\r\n"
        self.wfile.write(head.encode() + (body if fresh else b""))

    def log_message(self, *args: object) -> None:  # noqa: D102
        pass


def serve(feeds: list[bytes], pipe: object) -> None:
    Handler.bodies = [(b, '"' + blake2b(b, digest_size=8).hexdigest() + '"') for b in feeds]
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_address[1])  # type: ignore[attr-defined]
    server.serve_forever()


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def rate(work: Callable[[], object], n: int) -> float:
    before = cpu()
    work()
    return n / (cpu() - before)


def qiguan_rates(base: str, n: int) -> tuple[float, float]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from qiguan.collection.actions.polls import poll_due
    from qiguan.collection.models import Post, Source
    from qiguan.net.door import Limits
    from qiguan.people.actions import found_organ
    from qiguan.register.models import Account

    at = datetime(2021, 6, 19, 7, 15, tzinfo=UTC)
    organ = found_organ(name="示例市人民政府", parent=None, level="city", by=None, at=at)
    accounts = Account.objects.bulk_create(
        [
            Account(
                platform="wechat_mp",
                platform_id=f"id{i}",
                name=f"示例{i}",
                name_key=f"示例{i}",
                owner=organ,
                owner_path=organ.path,
                registered_at=at,
                changed_at=at,
            )
            for i in range(n)
        ]
    )
    Source.objects.bulk_create(
        [
            Source(account=a, connector="rss", url=f"{base}/{i}.xml", complete=True, next_at=at, added_at=at)
            for i, a in enumerate(accounts)
        ]
    )
    limits = Limits(per_host=20, pause=0)
    first = rate(lambda: poll_due(at=at, limits=limits), n)
    Source.objects.update(next_at=at)
    again = rate(lambda: poll_due(at=at + timedelta(hours=1), limits=limits), n)
    print(f"  stored {Post.objects.count()} posts of {n} feeds")
    return first, again


def reader_rates(base: str, n: int) -> tuple[float, float]:
    from reader import make_reader

    reader = make_reader(str(Path(os.environ["QIGUAN_DATA"]) / "reader.sqlite"))
    urls = [f"{base}/{i}.xml" for i in range(n)]
    for url in urls:
        reader.add_feed(url)
    return tuple(rate(lambda: [reader.update_feed(url) for url in urls], n) for _ in range(2))  # type: ignore[return-value]


def loop_rate(base: str, n: int) -> float:
    import feedparser

    return rate(lambda: [feedparser.parse(f"{base}/{i}.xml") for i in range(n)], n)


def main() -> int:
    feeds = real_or_made_feeds()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=serve, args=(feeds, there), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{here.recv()}"
    try:
        print(f"Feeds per CPU-second ({len(feeds)} feeds, {'real' if SHARED.exists() else 'made'}), one process, SQLite:")
        peer_first, peer_again = reader_rates(base, len(feeds))
        loop = loop_rate(base, LOOP_FEEDS)
        first, again = qiguan_rates(base, len(feeds))
    finally:
        server.terminate()
    print(f"  {'':<22}{'first round':>12}{'unchanged':>12}")
    for name, a, b in (
        ("qiguan", first, again),
        ("reader update_feed", peer_first, peer_again),
        ("feedparser, no store", loop, loop),
    ):
        print(f"  {name:<22}{a:>12.0f}{b:>12.0f}")
    print(f"  ratio to reader       {first / peer_first:>11.1f}x{again / peer_again:>11.1f}x   (goal 10x)")
    print(f"  ratio to the loop     {first / loop:>11.1f}x{again / loop:>11.1f}x   (goal 5x)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
