"""5,000 ballots by 200 clients at once over a broken network: all that were thanked are stored, once.

`python benchmarks/load_ballots.py [BALLOTS [CLIENTS [SECONDS]]]`: starts the product's own server on a data folder of its own
(with QIGUAN_DATABASE_URL set, on that database), makes a season with letters, and lets every client answer letters: it breaks
off a part of its connections before the answer, and sends the same form again until it is thanked. Fails where a thanked
ballot is missing or stored twice, where a code and the spent set disagree, or where SECONDS (240) are over. Each client is a
household of its own (X-Forwarded-For, as from a proxy on the machine). Prints throughput and p95 of the thanked answers.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlencode

PORT = int(os.environ.get("BENCH_PORT", "8199"))
BROKEN = 0.25  # of the sendings: half of them before the server can have read all, half before its answer
HEAD = "Host: 127.0.0.1\r\nConnection: close\r\nX-Forwarded-For: {who}\r\n"


def fill(ballots: int) -> tuple[str, list[str]]:
    """Make a season of five candidates that is being marked now; return its address and the codes."""
    from datetime import date

    from qiguan.core.platforms import name_key
    from qiguan.examination.actions.codes import seal_codes
    from qiguan.examination.actions.seasons import Plan, open_season
    from qiguan.examination.models import Paper, PaperQuestion, Question, Season
    from qiguan.jobs import clock
    from qiguan.people.actions import found_organ
    from qiguan.register.models import Account

    at = clock.now()
    root = found_organ(name="示例市人民政府", parent=None, level="city", sort="place", by=None, at=at)
    accounts = []
    for n in range(5):
        owner = found_organ(name=f"示例市第{n}局", parent=root, level="city", by=None, at=at)
        more = {"name": f"示例{n}", "name_key": name_key(f"示例{n}"), "owner": owner, "owner_path": owner.path}
        accounts.append(Account.objects.create(platform="weibo", platform_id=str(n), registered_at=at, changed_at=at, **more))
    days = [date(2099, 1, n) for n in range(1, 6)]
    season = open_season(
        organ=root, title="压测", accounts=accounts, plan=Plan(*days, "开奖号", "名单", "调查队"), by=None, at=at
    )
    paper = Paper.objects.create(season=season, drawn_at=at)
    for n in range(5):
        question = Question.objects.create(season=season, words=f"第{n}题", stage="admitted", proposed_at=at, track=str(n))
        PaperQuestion.objects.create(paper=paper, order=n + 1, question=question, words=f"第{n}题")
    Season.objects.filter(pk=season.pk).update(stage="drawn", answer_until=at - timedelta(days=1))
    season.refresh_from_db()
    codes = []
    for candidate in season.candidates.select_related("season"):
        for start in range(0, ballots // 5, 2000):
            codes += seal_codes(candidate=candidate, count=min(2000, ballots // 5 - start), frame=10**6, by=None, at=at)
    return f"/exam/{season.public_id}/code/", codes


class Cut(Exception):
    """The network broke."""


async def send(who: str, path: str, form: dict[str, str] | None, cookie: str, broken: float) -> tuple[int, str, str]:
    """Send one request and return status, cookie and body; Cut where the network is made to break."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    except OSError as error:
        raise Cut from error
    try:
        head = HEAD.format(who=who) + (f"Cookie: csrftoken={cookie}\r\n" if cookie else "")
        body = urlencode(form).encode() if form is not None else b""
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if form is not None else ""
        whole = f"{'POST' if form is not None else 'GET'} {path} HTTP/1.1\r\n{head}{kind}\r\n".encode() + body
        if broken < BROKEN / 2:
            writer.write(whole[: len(whole) // 2])
            await writer.drain()
            raise Cut
        writer.write(whole)
        await writer.drain()
        if broken < BROKEN:
            await asyncio.sleep(broken)
            writer.transport.abort()  # a reset, while the server may be storing
            raise Cut
        answer = (await asyncio.wait_for(reader.read(), 60)).decode(errors="replace")
    except (ConnectionError, TimeoutError) as error:
        raise Cut from error
    finally:
        writer.close()
    found = re.search(r"csrftoken=(\w+)", answer)
    if not answer.startswith("HTTP/1.1 "):
        raise Cut
    return int(answer[9:12]), found[1] if found else cookie, answer


async def client(number: int, path: str, mine: list[str], log: list[tuple[str, float]], tries: Counter[str]) -> None:
    """Answer letters, one after the other, each until it is thanked."""
    lot = Random(number)
    for n, code in enumerate(mine):
        who = f"10.{number // 250}.{number % 250}.{n}"
        cookie, token, sent = "", "", {}
        start = time.perf_counter()
        while True:
            tries["sent"] += 1
            try:
                if not sent:
                    _, cookie, page = await send(who, path, None, "", 1)
                    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
                    status, cookie, page = await send(
                        who, path, {"csrfmiddlewaretoken": token, "code": code}, cookie, lot.random()
                    )
                    key = re.search(r'name="key" value="([^"]+)"', page)
                    if status != 200 or not key:
                        raise Cut
                    grades = {f"g{q}": str(lot.randint(1, 5)) for q in range(1, 6)}
                    sent = {"csrfmiddlewaretoken": token, "code": code, "key": key[1], "do": "cast", "whole": "2", **grades}
                begin = time.perf_counter()
                status, cookie, page = await send(who, path, sent, cookie, lot.random())
                if status == 302:
                    log.append((code, time.perf_counter() - begin))
                    break
                tries[f"status {status}"] += 1
                await asyncio.sleep(0.2)
            except (Cut, TypeError):
                tries["broken"] += 1
                await asyncio.sleep(0.05)
            if time.perf_counter() - start > 120:
                tries["given up"] += 1
                break


async def drive(path: str, codes: list[str], clients: int, seconds: float) -> tuple[list[tuple[str, float]], Counter[str], float]:
    log: list[tuple[str, float]] = []
    tries: Counter[str] = Counter()
    start = time.perf_counter()
    work = asyncio.gather(*(client(n, path, codes[n::clients], log, tries) for n in range(clients)))
    try:
        await asyncio.wait_for(work, seconds)
    except TimeoutError:
        tries["time was over"] += 1
    return log, tries, time.perf_counter() - start


def wait_for_the_port(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                return
        time.sleep(0.3)


def main(ballots: int, clients: int, seconds: float) -> int:
    os.environ["QIGUAN_DATA"] = tempfile.mkdtemp(prefix="qiguan-load-")
    os.environ |= {"DJANGO_SETTINGS_MODULE": "qiguan.config.settings", "QIGUAN_ALLOWED_HOSTS": "127.0.0.1", "PORT": str(PORT)}
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    path, codes = fill(ballots)
    where = Path(os.environ["QIGUAN_DATA"]) / "server.log"
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(PORT),
        "--workers",
        "2",
    ]
    command += ["--blocking-threads", "4", "--backlog", "1024", "qiguan.config.wsgi:application"]
    with where.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as server:
        try:
            wait_for_the_port(120)
            log, tries, took = asyncio.run(drive(path, codes, clients, seconds))
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
    return told(codes, log, tries, took, clients, where)


def told(codes: list[str], log: list[tuple[str, float]], tries: Counter[str], took: float, clients: int, where: Path) -> int:
    """Compare what was thanked with what is stored, and print it."""
    from qiguan.examination.ballots import Ballot, Code, SpentCode
    from qiguan.examination.keys import digest, typed
    from qiguan.examination.models import Season

    season = Season.objects.get()
    thanked = {digest("code", season.public_id, typed(code)) for code, _ in log}
    spent = set(SpentCode.objects.values_list("digest", flat=True))
    waits = sorted(w for _, w in log) or [0.0]
    stored, left = Ballot.objects.count(), Code.objects.count()
    text = where.read_text(errors="replace")
    print(
        f"{len(log)} of {len(codes)} thanked by {clients} clients in {took:.0f} s: {len(log) / took:.0f} a second; p95 {waits[int(len(waits) * 0.95) - 1]:.2f} s"
    )
    print(
        f"sendings: {dict(tries)}; stored {stored}, spent {len(spent)}, unused {left}; codes in the server's log: {sum(c in text for c in codes)}"
    )
    right = {
        "each thanked ballot is spent": thanked <= spent,
        "as many ballots as spent codes": stored == len(spent),
        "every code is spent or unused, never both": left + len(spent) == len(codes),
        "all were thanked": len(log) == len(codes),
        "no error of the server": "Traceback" not in text and " 500 " not in text,
    }
    for word, holds in right.items():
        print(f"{'yes' if holds else 'NO '}  {word}")
    return 0 if all(right.values()) else 1


if __name__ == "__main__":
    given = [int(a) for a in sys.argv[1:]]
    raise SystemExit(main(*(given + [5000, 200, 240][len(given) :])))
