"""The outbox over real SMTP and HTTP on loopback: once, whatever fails; contacts nowhere; one that hangs holds nobody."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections, transaction
from django.utils import timezone
from tests.factories import AT
from tests.people.stand_ins import HookServer, SmtpServer

from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.jobs import clock
from qiguan.net.door import Limits
from qiguan.people.models import AuditEntry
from qiguan.people.outbox.deciding import decide_delivery
from qiguan.people.outbox.models import Delivery, Notice, NoticeTarget
from qiguan.people.outbox.queueing import forget_private_links, queue_notice, read_notices
from qiguan.people.outbox.sending import PAUSES, claim_batch, send_due_notices, settle
from qiguan.people.outbox.targets import add_target, remove_target

FAST = Limits(total=1.0, connect=0.5, body=65536, redirects=0, per_host=4)
State = Delivery.State
MAIL = "zhangsan@example.invalid"


@pytest.fixture
def smtp(settings):
    with SmtpServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_SSL = settings.EMAIL_USE_TLS = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_TIMEOUT = 1
        settings.DEFAULT_FROM_EMAIL = "qiguan@example.invalid"
        yield server


@pytest.fixture
def hook():
    with HookServer() as server:
        yield server


@pytest.fixture
def operator(town):
    return town.users["operator"]


def queue(to, key="2026-09-16", **more):
    values = {"kind": "warning", "title": "1个账号快到更新期限", "lines": ["南例商务：明天到期限"], "link": "/office/warnings/"}
    return queue_notice(to=to, key=key, by=None, at=AT, **{**values, **more})


def way(user, kind="webhook", address="", secret=""):
    return add_target(kind=kind, address=address, secret=secret, by=user, at=AT)


def only() -> Delivery:
    return Delivery.objects.get()


def make_due() -> None:
    Delivery.objects.filter(state=State.WAITING).update(next_at=clock.machine_now())


# ── queueing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_occasion_is_queued_once(operator):
    assert queue(operator) is not None
    assert queue(operator, title="anders") is None
    assert Notice.objects.get().title == "1个账号快到更新期限"
    assert queue(operator, key="2026-09-17") is not None


def test_a_notice_falls_with_the_change_it_tells_of(operator):
    way(operator, address="https://hook.example.invalid/x")

    def change() -> None:
        with transaction.atomic():
            queue(operator)
            raise QiguanError("no")

    with pytest.raises(QiguanError):
        change()
    assert not Notice.objects.exists()
    assert not Delivery.objects.exists()


def test_a_title_is_one_line_and_long_lists_are_counted(operator):
    found = queue(operator, title="甲\r\nBcc: x@example.invalid\x00", lines=["行"] * 500)
    assert found.title == "甲 Bcc: x@example.invalid"
    assert len(found.lines) == 401
    assert found.lines[-1] == "还有100条，请登录查看"


@pytest.mark.parametrize("link", ["https://evil.invalid/", "//evil.invalid/", "office/"])
def test_links_are_paths_of_the_product(operator, link):
    with pytest.raises(ValueError, match="path"):
        queue(operator, link=link)


@pytest.mark.parametrize("more", [{"kind": ""}, {"kind": "x" * 31}, {"key": ""}, {"key": "x" * 121}])
def test_kind_and_key_have_a_size(operator, more):
    with pytest.raises(ValueError, match="range"):
        queue(operator, **more)


def test_an_inactive_person_is_sent_nothing(operator, hook):
    way(operator, address=hook.base)
    operator.is_active = False
    operator.save()
    queue(operator)
    assert not Delivery.objects.exists()


def test_one_who_left_after_queueing_is_sent_nothing(operator, hook):
    way(operator, address=hook.base)
    queue(operator)
    type(operator).objects.update(is_active=False)
    send_due_notices(at=AT, limits=FAST)
    assert hook.got == []
    assert only().state == State.FAILED


def test_the_private_link_goes_outside_only_is_encrypted_and_forgotten(operator, hook):
    way(operator, address=f"{hook.base}/h")
    notice = queue(operator, private_link="/leader/secret-key/")
    assert b"secret-key" not in bytes(Notice.objects.get().private)
    send_due_notices(at=AT, limits=FAST)
    assert hook.got[0][1]["link"] == f"{django_settings.PUBLIC_URL}/leader/secret-key/"
    assert notice.link == "/office/warnings/"
    assert forget_private_links(at=AT + timedelta(days=29)) == 0
    assert forget_private_links(at=AT + timedelta(days=31)) == 1


def test_reading_is_for_oneself(town, operator):
    queue(operator)
    queue(town.users["unit"])
    mine = Notice.objects.get(to=operator)
    assert read_notices(of=town.users["unit"], only=[mine.public_id], at=AT) == 0
    assert read_notices(of=operator, at=AT) == 1
    assert Notice.objects.unread().get().to == town.users["unit"]


# ── sending ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_mail_and_robots_arrive_once(operator, smtp, hook):
    way(operator, "email", MAIL)
    for kind in ("wecom", "dingtalk", "feishu"):
        hook.bodies[f"/{kind}"] = b'{"errcode":0}'
        way(operator, kind, f"{hook.base}/{kind}", "SEC")
    way(operator, "webhook", f"{hook.base}/plain")
    queue(operator)
    assert send_due_notices(at=AT, limits=FAST) == {"received": 5}
    assert send_due_notices(at=AT, limits=FAST) == {}
    mail = smtp.mails[0]
    assert mail["To"] == MAIL
    assert mail["Subject"] == "1个账号快到更新期限"
    assert "南例商务" in mail.get_content()
    assert f"{django_settings.PUBLIC_URL}/office/warnings/" in mail.get_content()
    assert sorted(path.partition("?")[0] for path, _ in hook.got) == ["/dingtalk", "/feishu", "/plain", "/wecom"]
    assert set(Delivery.objects.values_list("state", "done_at")) == {(State.SENT, AT)}


def test_a_dead_mail_server_loses_nothing(operator, smtp, settings):
    way(operator, "email", MAIL)
    queue(operator)
    good, settings.EMAIL_PORT = settings.EMAIL_PORT, 9
    for n, pause in enumerate(PAUSES):
        make_due()
        before = clock.machine_now()
        assert send_due_notices(at=AT, limits=FAST) == {"later": 1}
        found = only()
        assert (found.state, found.attempts, found.error, found.doubts) == (State.WAITING, n + 1, "unreachable", 0)
        assert before + pause <= found.next_at <= clock.machine_now() + pause
    settings.EMAIL_PORT = good
    make_due()
    assert send_due_notices(at=AT, limits=FAST) == {"received": 1}
    assert smtp.ids() == [f"<{only().public_id}@example.invalid>"]


def test_what_never_works_ends_on_the_list_and_can_be_sent_again(town, operator, smtp, settings):
    way(operator, "email", MAIL)
    queue(operator)
    settings.EMAIL_HOST = ""
    for _ in range(len(PAUSES) + 1):
        make_due()
        send_due_notices(at=AT, limits=FAST)
    assert (only().state, only().error) == (State.FAILED, "no_server")
    settings.EMAIL_HOST = "127.0.0.1"
    decide_delivery(delivery=only(), do="again", by=town.users["supervisor"], at=AT)
    send_due_notices(at=AT, limits=FAST)
    assert only().state == State.SENT
    assert len(smtp.mails) == 1
    assert AuditEntry.objects.filter(action="again_delivery", by=town.users["supervisor"]).count() == 1


@pytest.mark.parametrize(
    ("mood", "state", "error", "doubts"),
    [
        ("550", State.FAILED, "no_such_box", 0),
        ("451", State.WAITING, "busy", 0),
        ("data554", State.FAILED, "refused", 0),
        ("data452", State.WAITING, "busy", 0),
        ("hang", State.WAITING, "unreachable", 0),
        ("drop", State.WAITING, "timeout", 1),
    ],
)
def test_the_word_of_the_mail_server_decides(operator, smtp, mood, state, error, doubts):
    smtp.mood = mood
    way(operator, "email", MAIL)
    queue(operator)
    send_due_notices(at=AT, limits=FAST)
    found = only()
    assert (found.state, found.error, found.doubts) == (state, error, doubts)


def test_a_mail_in_doubt_goes_again_under_the_same_id_and_is_shown(operator, smtp):
    smtp.mood = "drop"
    way(operator, "email", MAIL)
    queue(operator)
    send_due_notices(at=AT, limits=FAST)
    smtp.mood = ""
    make_due()
    send_due_notices(at=AT, limits=FAST)
    assert len(smtp.ids()) == 2
    assert len(set(smtp.ids())) == 1
    assert only().state == State.SENT
    assert Delivery.objects.troubled().count() == 1


def test_one_broken_mail_holds_nobody(town, smtp):
    users = [town.users[n] for n in ("operator", "unit", "supervisor")]
    for n, user in enumerate(users):
        way(user, "email", f"u{n}@example.invalid")
        queue(user)
    smtp.mood = "drop"
    totals = send_due_notices(at=AT, limits=FAST)
    assert totals == {"unclear": 1, "later": 2}
    smtp.mood = ""
    make_due()
    assert send_due_notices(at=AT, limits=FAST) == {"received": 3}


@pytest.mark.parametrize(
    ("mood", "state", "error"),
    [
        (500, State.WAITING, "busy"),
        (404, State.FAILED, "refused"),
        (302, State.FAILED, "redirected"),
        (502, State.IN_DOUBT, "timeout"),
        ("hang", State.IN_DOUBT, "timeout"),
        ("drop", State.IN_DOUBT, "timeout"),
    ],
)
def test_the_answer_of_a_webhook_decides(operator, hook, mood, state, error):
    hook.moods["/h"] = mood
    way(operator, address=f"{hook.base}/h")
    queue(operator)
    send_due_notices(at=AT, limits=FAST)
    assert (only().state, only().error) == (state, error)
    assert only().doubts == (1 if state == State.IN_DOUBT else 0)
    if state == State.IN_DOUBT:
        assert send_due_notices(at=AT, limits=FAST) == {}, "a webhook in doubt waits for a person"


def test_a_webhook_that_cannot_be_reached_is_tried_again_and_not_in_doubt(operator):
    way(operator, address="http://127.0.0.1:9/h")
    queue(operator)
    assert send_due_notices(at=AT, limits=FAST) == {"later": 1}
    assert (only().state, only().error, only().doubts) == (State.WAITING, "unreachable", 0)


def test_a_private_address_is_refused(operator, settings):
    way(operator, address="http://10.1.2.3/h")
    queue(operator)
    assert send_due_notices(at=AT, limits=FAST) == {"refused": 1}
    assert only().error == "private"


def test_a_webhook_that_hangs_holds_nobody(town, smtp, hook):
    hook.moods["/slow"] = "hang"
    slow, fast, mail = (town.users[n] for n in ("operator", "unit", "supervisor"))
    way(slow, address=f"{hook.base}/slow")
    way(fast, address=f"{hook.base}/fast")
    way(mail, "email", MAIL)
    for user in (slow, fast, mail):
        queue(user)
    settled = []
    original = settle

    def noted(pk, **more):
        settled.append((clock.monotonic(), Delivery.objects.get(pk=pk).notice.to.username))
        original(pk, **more)

    from qiguan.people.outbox import sending

    start = clock.monotonic()
    sending.settle = noted
    try:
        send_due_notices(at=AT, limits=FAST)
    finally:
        sending.settle = original
    assert {name for _, name in settled[:2]} == {"unit", "supervisor"}
    assert settled[1][0] - start < 0.7
    assert settled[2][1] == "operator"


def test_a_changed_key_makes_an_address_unreadable_and_says_so(operator, settings, hook):
    way(operator, "email", MAIL)
    way(operator, address=f"{hook.base}/h")
    queue(operator)
    settings.CREDENTIAL_KEY = "another"
    assert send_due_notices(at=AT, limits=FAST) == {"refused": 2}
    assert set(Delivery.objects.values_list("error", flat=True)) == {"unreadable"}


def test_a_business_clock_that_jumps_sends_nothing_twice(operator, hook):
    way(operator, address=f"{hook.base}/h")
    queue(operator)
    for days in (0, 400, -400, 0):
        send_due_notices(at=AT + timedelta(days=days), limits=FAST)
    assert len(hook.got) == 1


# ── a sender that died ────────────────────────────────────────────────────────────────────────────────────────────────


def abandon(claim="dead") -> None:
    assert claim_batch(claim=claim, now=clock.machine_now())
    Delivery.objects.update(lease_until=clock.machine_now() - timedelta(seconds=1))


def test_what_is_claimed_by_a_living_sender_is_left_alone(operator, hook):
    way(operator, address=f"{hook.base}/h")
    queue(operator)
    claim_batch(claim="alive", now=clock.machine_now())
    assert send_due_notices(at=AT, limits=FAST) == {}
    assert only().state == State.CLAIMED


def test_an_abandoned_mail_goes_again_and_an_abandoned_post_waits_for_a_person(town, operator, smtp, hook):
    way(operator, "email", MAIL)
    way(operator, address=f"{hook.base}/h")
    queue(operator)
    abandon()
    send_due_notices(at=AT, limits=FAST)
    make_due()
    send_due_notices(at=AT, limits=FAST)
    post = Delivery.objects.get(target__kind="webhook")
    assert (post.state, hook.got) == (State.IN_DOUBT, [])
    assert len(smtp.mails) == 1
    assert Delivery.objects.troubled().count() == 2
    decide_delivery(delivery=post, do="again", by=town.users["unit"], at=AT)
    send_due_notices(at=AT, limits=FAST)
    assert hook.ids() == [post.public_id]


def test_a_late_word_clears_a_doubt_up(operator, hook):
    from qiguan.core.robots import Answer

    way(operator, address=f"{hook.base}/h")
    queue(operator)
    abandon("slow one")
    send_due_notices(at=AT, limits=FAST)
    assert only().state == State.IN_DOUBT
    settle(only().pk, claim="somebody else", answer=Answer.RECEIVED, word="", at=AT)
    assert only().state == State.IN_DOUBT
    settle(only().pk, claim="slow one", answer=Answer.REFUSED, word="refused", at=AT)
    assert only().state == State.IN_DOUBT, "only a reception is certain now"
    settle(only().pk, claim="slow one", answer=Answer.RECEIVED, word="", at=AT)
    assert only().state == State.SENT


@pytest.mark.parametrize(("do", "state"), [("received", State.SENT), ("drop", State.DROPPED)])
def test_a_person_decides_once(town, operator, hook, do, state):
    way(operator, address=f"{hook.base}/h")
    queue(operator)
    abandon()
    send_due_notices(at=AT, limits=FAST)
    decide_delivery(delivery=only(), do=do, by=town.users["unit"], at=AT)
    assert (only().state, only().decided_by) == (state, town.users["unit"])
    with pytest.raises(QiguanError, match="已经处理过了"):
        decide_delivery(delivery=only(), do="again", by=town.users["supervisor"], at=AT)
    with pytest.raises(QiguanError, match="没有这个操作"):
        decide_delivery(delivery=only(), do="x", by=town.users["supervisor"], at=AT)
    assert send_due_notices(at=AT, limits=FAST) == {}


def test_a_foreign_supervisor_decides_nothing(town, operator, hook):
    way(operator, address=f"{hook.base}/h")
    queue(operator)
    abandon()
    send_due_notices(at=AT, limits=FAST)
    for name in ("east", "operator", "auditor"):
        with pytest.raises(NotPermitted):
            decide_delivery(delivery=only(), do="received", by=town.users[name], at=AT)


@pytest.mark.django_db(transaction=True)
def test_several_workers_send_each_notice_once():
    from tests.factories import make_town

    town = make_town()
    with HookServer() as hook:
        way(town.users["operator"], address=f"{hook.base}/h")
        for n in range(60):
            queue(town.users["operator"], key=str(n))

        def work() -> None:
            try:
                send_due_notices(at=AT)
            finally:
                connections.close_all()

        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert sorted(hook.ids()) == sorted(Delivery.objects.values_list("public_id", flat=True))
        assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


# ── ways ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "address", "words"),
    [
        ("pigeon", "x", "没有这种接收方式"),
        ("email", "zhangsan", "邮箱地址写得不对"),
        ("email", "a@b.invalid\nBcc: c@d.invalid", "邮箱地址写得不对"),
        ("wecom", "qyapi", "不是完整的网址"),
        ("webhook", "ftp://x.invalid/", "不是完整的网址"),
        ("webhook", "https://user:pass@x.invalid/", "不是完整的网址"),
    ],
)
def test_a_wrong_address_is_refused_without_repeating_it(operator, kind, address, words):
    with pytest.raises(QiguanError, match=words) as caught:
        way(operator, kind, address)
    assert address not in str(caught.value) or kind == "pigeon"


def test_plain_http_is_refused_outside_a_demonstration(operator, settings):
    settings.NOTICE_PLAIN_HTTP = False
    with pytest.raises(QiguanError, match="https"):
        way(operator, address="http://x.invalid/")


def test_six_ways_are_enough(operator):
    for n in range(6):
        way(operator, "email", f"u{n}@example.invalid")
    with pytest.raises(QiguanError, match="最多设6种"):
        way(operator, "email", MAIL)
    with pytest.raises(QiguanError, match="太长"):
        way(operator, "webhook", "https://x.invalid/", "s" * 201)


def test_taking_a_way_back_forgets_it(town, operator):
    target = way(operator, "email", MAIL)
    queue(operator)
    with pytest.raises(QiguanError, match="不是您的"):
        remove_target(target=target, by=town.users["unit"], at=AT)
    remove_target(target=target, by=operator, at=AT)
    target.refresh_from_db()
    assert bytes(target.address) == b""
    assert only().state == State.DROPPED


def test_a_contact_is_in_no_column_no_log_and_no_audit_row(operator, caplog, settings):
    caplog.set_level(logging.DEBUG)
    way(operator, "email", MAIL)
    way(operator, "wecom", "http://127.0.0.1:9/send?key=verysecret", "SECRETKEY")
    queue(operator)
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = 9
    settings.DEFAULT_FROM_EMAIL = "q@example.invalid"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    send_due_notices(at=AT, limits=FAST)
    with connection.cursor() as cursor:
        for model in (NoticeTarget, Delivery, Notice, AuditEntry):
            cursor.execute(f"SELECT * FROM {model._meta.db_table}")
            everything = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor.fetchall()])
            for word in ("zhangsan", "verysecret", "SECRETKEY"):
                assert word not in everything
    logged = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("qiguan"))
    for word in ("zhangsan", "verysecret", "SECRETKEY"):
        assert word not in logged
    assert timezone.is_aware(Delivery.objects.first().next_at)
