"""2,000 messages by 200 clients at once over a broken network: are all accepted ones stored, each once?

Run: python benchmarks/load_messages.py [--messages 2000] [--clients 200] [--seconds 110], on SQLite in a folder of its own, or on the
empty PostgreSQL database of QIGUAN_DATABASE_URL. It starts the product's own server on loopback. A client opens the form, sends it, and
in one of five tries the line breaks: cut in the middle of the request, or reset before the answer is read. It then sends the very same
form again. Checked afterwards in the database: one row a form, one code a row, every code opens its message. Ends with 1 where it does not.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

SRC = Path(__file__).parents[1] / "src"
BREAKS = 0.2
_CODE = re.compile(r'class="num"><span class="id">([2-9A-Z-]{19})<')
_KEY = re.compile(r'name="key" value="([^"]+)"')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Tally:
    """What the clients saw."""

    codes: dict[str, str] = field(default_factory=dict)  # text of a message → its code
    waits: list[float] = field(default_factory=list)  # seconds of a whole answered POST
    broken: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    differ: int = 0


def main() -> int:
    """Set up, send, check, print."""
    parser = argparse.ArgumentParser()
    for name, number in (("messages", 2000), ("clients", 200), ("seconds", 110)):
        parser.add_argument(f"--{name}", type=int, default=number)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="qiguan-load-")
    os.environ |= {
        "QIGUAN_DATA": folder,
        "DJANGO_SETTINGS_MODULE": "qiguan.config.settings",
        "QIGUAN_ALLOWED_HOSTS": "127.0.0.1",
        "PYTHONPATH": str(SRC),
    }
    organ = found()
    port = free_port()
    program = [
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "2",
        "--blocking-threads",
        "4",
        "--no-ws",
    ]
    server = subprocess.Popen([sys.executable, *program, "--log-level", "error", "qiguan.config.wsgi:application"])
    try:
        wait_for(port)
        tally, begun = Tally(), time.monotonic()
        asyncio.run(flood(port, organ, options.messages, options.clients, tally, begun + options.seconds))
        took = time.monotonic() - begun
    finally:
        server.terminate()
        server.wait(20)
    return report(tally, took, options.messages)


def found() -> str:
    """Make the tables and a place that answers by itself; return the public id of its bureau."""
    from qiguan.config.commands.migrate import run

    run(argparse.Namespace())
    from qiguan.dialogue.actions.desks import set_desk
    from qiguan.jobs import clock
    from qiguan.people.actions import found_organ

    at = clock.now()
    city = found_organ(name="示例市人民政府", parent=None, level="city", sort="place", by=None, at=at)
    bureau = found_organ(name="示例市水务局", parent=city, level="city", by=None, at=at)
    set_desk(organ=city, mode="own", by=None, at=at)
    return bureau.public_id


async def flood(port: int, organ: str, messages: int, clients: int, tally: Tally, until: float) -> None:
    """Let every client send its share."""
    share = [messages // clients + (n < messages % clients) for n in range(clients)]
    await asyncio.gather(*(client(port, organ, n, many, tally, until) for n, many in enumerate(share)))


async def client(port: int, organ: str, number: int, many: int, tally: Tally, until: float) -> None:
    """One citizen at one address: open the form, send it until an answer comes."""
    address, chance = f"10.{number // 250}.{number % 250}.7", random.Random(number)
    for nth in range(many):
        form = ""
        while not form and time.monotonic() < until:
            _, form, cookie = await ask(
                port, address, f"GET /ask/write/?organ={organ} HTTP/1.1", b"", "", 0.0, chance, tally, until
            )
        if not form:
            return
        text = f"{number}号用户的第{nth}条：小区门口停水两天了，什么时候来水？"
        said = {
            "organ": organ,
            "kind": "help",
            "text": text,
            "do": "send",
            "key": _KEY.search(form)[1],
            "csrfmiddlewaretoken": _TOKEN.search(form)[1],
        }
        body = urlencode(said).encode()
        while time.monotonic() < until:
            begun = time.monotonic()
            status, page, _ = await ask(port, address, "POST /ask/write/ HTTP/1.1", body, cookie, BREAKS, chance, tally, until)
            found = _CODE.search(page)
            if status == 200 and found:
                tally.waits.append(time.monotonic() - begun)
                tally.differ += tally.codes.setdefault(text, found[1]) != found[1]
                if chance.random() > 0.05:  # now and then a finger presses twice
                    break
            await asyncio.sleep(chance.random() * 0.2)


async def ask(
    port: int, address: str, line: str, body: bytes, cookie: str, breaks: float, chance: random.Random, tally: Tally, until: float
) -> tuple[int, str, str]:
    """One request over a line that may break; (0, "", "") where it did."""
    head = f"{line}\r\nHost: 127.0.0.1:{port}\r\nX-Forwarded-For: {address}\r\nConnection: close\r\n"
    if body:
        head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\nCookie: {cookie}\r\n"
    writer = None
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), max(until - time.monotonic(), 1))
        raw = head.encode() + b"\r\n" + body
        fate = chance.random()
        if fate < breaks / 2:  # cut in the middle
            writer.write(raw[: chance.randrange(len(raw))])
            await writer.drain()
            return broke(writer, tally)
        writer.write(raw)
        await writer.drain()
        if fate < breaks:  # sent whole, reset before or while the answer comes
            await asyncio.sleep(chance.random() * 0.3)
            return broke(writer, tally)
        answer = (await asyncio.wait_for(reader.read(), max(until - time.monotonic(), 1))).decode(errors="replace")
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        tally.broken += 1
        return 0, "", ""
    finally:
        if writer is not None:
            writer.close()
    status = int(answer[9:12]) if answer[9:12].isdecimal() else 0
    tally.statuses[status] = tally.statuses.get(status, 0) + 1
    given = re.search(r"csrftoken=[^;]+", answer)
    return status, answer if status in {200, 429} else "", given[0] if given else ""


def broke(writer: asyncio.StreamWriter, tally: Tally) -> tuple[int, str, str]:
    """Reset the connection."""
    tally.broken += 1
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    writer.transport.abort()
    return 0, "", ""


def report(tally: Tally, took: float, messages: int) -> int:
    """Compare what the clients hold with what is stored; print; 1 where they differ."""
    from django.db import connection

    from qiguan.dialogue.models import Message
    from qiguan.dialogue.queries.codes import message_of
    from qiguan.intake.models import FormKey

    texts = list(Message.objects.values_list("text", flat=True))
    opens = sum(getattr(message_of(code), "text", "") == text for text, code in tally.codes.items())
    waits = sorted(tally.waits) or [0.0]
    print(
        f"{connection.vendor}: {len(tally.codes)} of {messages} accepted in {took:.1f} s, {len(tally.codes) / took:.1f}/s, {tally.broken} lines broken"
    )
    print(
        f"answers {dict(sorted(tally.statuses.items()))}; POST median {waits[len(waits) // 2]:.2f} s, p95 {waits[len(waits) * 95 // 100]:.2f} s"
    )
    print(
        f"stored {len(texts)}, different texts {len(set(texts))}, form keys {FormKey.objects.count()}, codes that open their message {opens}"
    )
    missing = set(tally.codes) - set(texts)
    good = (
        not missing
        and len(texts) == len(set(texts)) == FormKey.objects.count()
        and opens == len(tally.codes)
        and not tally.differ
    )
    print(
        "every accepted message is stored once"
        if good
        else f"WRONG: missing {len(missing)}, a form with two codes {tally.differ}"
    )
    return 0 if good and tally.codes else 1


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until the server answers."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    sys.path.insert(0, str(SRC))
    raise SystemExit(main())
