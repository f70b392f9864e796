"""kill −9 at any moment, on both databases: nothing lost, nothing doubled but what is shown as in doubt."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.db import connection
from tests.people.stand_ins import HookServer, SmtpServer


@pytest.fixture
def stage(transactional_db, tmp_path):
    with SmtpServer() as smtp, HookServer() as hook:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "qiguan.config.settings",
            "QIGUAN_DATA": str(tmp_path),
            "SMTP_PORT": str(smtp.port),
            "TEST_DATABASE": str(connection.settings_dict["NAME"]),
            # an address is encrypted in one process and read in another
            "QIGUAN_SECRET": "of-the-test",
            "QIGUAN_CREDENTIAL": "of-the-test",
        }

        def start(*words):
            line = [sys.executable, "-m", "tests.people.killed_sender", *words]
            return subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, text=True)

        def run(*words):
            process = start(*words)
            out, _ = process.communicate(timeout=120)
            return process.returncode, out

        yield smtp, hook, start, run


def finish(hook, run):
    """Leases run out, what may be sent is sent; then a person decides what is in doubt. Returns the reports: at first, in doubt, at the end."""
    first, doubted = (json.loads(line) for line in run("mend")[1].splitlines())
    end = json.loads(run("settle", *hook.ids())[1].splitlines()[-1])
    return first, doubted, end


def nothing_lost_nothing_doubled(smtp, hook, doubted, end):
    mails = Counter(i.strip("<>").partition("@")[0] for i in smtp.ids())
    posts = Counter(hook.ids())
    for public_id, kind, state, doubts in end["rows"]:
        assert state == "sent", (kind, state)
        arrived = mails[public_id] if kind == "email" else posts[public_id]
        assert arrived >= 1, f"a {kind} was lost"
        if kind == "webhook":
            assert arrived == 1, "a webhook was doubled"
        if arrived > 1:
            assert doubts >= 1
            assert public_id in end["troubled"], "a double that nobody is shown"
        if doubts:
            assert public_id in doubted["troubled"]


@pytest.mark.parametrize("where", ["after_claim", "before_marking", "after_marking_one"])
def test_a_sender_killed_between_claim_send_and_mark(stage, where):
    smtp, hook, _, run = stage
    assert run("found", "4", hook.base)[0] == 0
    assert run("send", where)[0] == -signal.SIGKILL
    if where == "after_claim":
        assert not hook.got
        assert not smtp.mails
    first, doubted, end = finish(hook, run)
    states = Counter(state for _, _, state, _ in first["rows"])
    assert states == ({"claimed": 7, "sent": 1} if where == "after_marking_one" else {"claimed": 8})
    assert len(doubted["troubled"]) == states["claimed"]
    nothing_lost_nothing_doubled(smtp, hook, doubted, end)


def test_a_sender_killed_while_a_webhook_and_a_mail_are_on_their_way(stage):
    smtp, hook, start, run = stage
    run("found", "1", hook.base)
    smtp.mood, hook.moods["/0"] = "hold", "hang"
    sender = start("send")
    assert smtp.got.wait(60)
    assert hook.arrived.wait(60)
    os.kill(sender.pid, signal.SIGKILL)
    sender.communicate()
    smtp.mood, hook.moods["/0"] = "", 200
    _, doubted, end = finish(hook, run)
    assert len(doubted["troubled"]) == 2
    assert len(smtp.mails) == 2
    assert len(set(smtp.ids())) == 1
    nothing_lost_nothing_doubled(smtp, hook, doubted, end)


def test_senders_killed_at_random_moments(stage):
    smtp, hook, start, run = stage
    lot = random.Random(20260916)
    run("found", "40", hook.base)
    for _ in range(3):
        senders = [start("send"), start("send")]
        for sender in senders:
            sender.stdout.readline()
        time.sleep(lot.uniform(0.005, 0.12))
        for sender in senders:
            os.kill(sender.pid, signal.SIGKILL)
            sender.communicate()
    first, doubted, end = finish(hook, run)
    assert len(end["rows"]) == 80
    # a kill that met nobody at work is possible; the tests above kill at chosen moments
    assert len(first["rows"]) == 80
    nothing_lost_nothing_doubled(smtp, hook, doubted, end)
