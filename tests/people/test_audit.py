"""The chain in the database: sealed by absence, every tampering found and named, lawful erasure leaves it whole."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import connection, transaction
from tests.factories import AT, make_town

from qiguan.core.audit_chain import Broken
from qiguan.core.errors import NotPermitted, QiguanError
from qiguan.people.actions import record_audit
from qiguan.people.audit import sealing, verifying
from qiguan.people.audit.acts import chain_state, verify_and_record
from qiguan.people.audit.erasing import erase_from_audit
from qiguan.people.audit.sealing import seal_entries
from qiguan.people.audit.verifying import verify_chain
from qiguan.people.models import AuditEntry, AuditSeal, AuditTombstone

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(town):
    """Three seals: what founding the town wrote, ten rows of a supervisor, ten of a machine."""
    seal_entries(at=AT)
    for n in range(10):
        record_audit(
            action="add_source", by=town.users["supervisor"], at=AT, on=town.east, organ=town.east, fields=["url"], count=n + 1
        )
    seal_entries(at=AT + timedelta(seconds=5))
    for _ in range(10):
        record_audit(action="found_organs", by=None, at=AT, fields=["name"])
    seal_entries(at=AT + timedelta(seconds=10))
    return town


def in_seal(number):
    return AuditEntry.objects.filter(seal=number).order_by("pk")


def test_a_whole_chain_verifies_and_says_how_much(chain):
    result = verify_chain()
    assert result.broken is None
    assert (result.entries, result.seals, result.unsealed) == (AuditEntry.objects.count(), 3, 0)
    assert result.last == (3, AuditSeal.objects.get(number=3).digest)
    assert result.last[1].startswith("sha256:")


def test_nothing_to_seal_makes_no_seal(chain):
    assert seal_entries(at=AT) == 0
    assert AuditSeal.objects.count() == 3


def test_an_unsealed_tail_is_told_and_is_no_break(chain):
    record_audit(action="add_source", by=None, at=AT)
    result = verify_chain()
    assert (result.unsealed, result.broken) == (1, None)


TAMPERED = {
    "at": AT + timedelta(microseconds=1),
    "by_id": None,
    "action": "add_user",
    "model": "register.account",
    "object_id": "another",
    "organ_path": "/1/",
    "fields": ["url", "title"],
    "count": 99,
    "by_salt": "0" * 32,
    "object_salt": "0" * 32,
}


def test_every_column_that_tells_something_is_tampered_with_below():
    assert {f.attname for f in AuditEntry._meta.concrete_fields} - set(TAMPERED) == {"id", "seal_id"}


@pytest.mark.parametrize("column", TAMPERED)
def test_a_tampered_field_is_found_and_named(chain, column):
    entry = in_seal(2)[4]
    AuditEntry.objects.filter(pk=entry.pk).update(**{column: TAMPERED[column]})
    broken = verify_chain().broken
    assert (broken.what, broken.seal, broken.entry) == (Broken.ALTERED, 2, entry.pk)
    assert f"第2号封条、第{entry.pk}号条目" in str(broken)


def test_another_person_in_place_of_the_first_is_found(chain):
    entry = in_seal(2)[0]
    AuditEntry.objects.filter(pk=entry.pk).update(by=chain.users["second"])
    assert verify_chain().broken.entry == entry.pk


def test_a_person_put_on_a_row_of_the_machine_is_found(chain):
    entry = in_seal(3)[0]
    AuditEntry.objects.filter(pk=entry.pk).update(by=chain.users["second"])
    assert verify_chain().broken.entry == entry.pk


def test_a_deleted_row_is_found_and_named(chain):
    gone = in_seal(2)[7].pk
    AuditEntry.objects.filter(pk=gone).delete()
    broken = verify_chain().broken
    assert (broken.what, broken.seal, broken.entry) == (Broken.DELETED, 2, gone)


def test_an_inserted_row_is_found_and_named(chain):
    made = AuditEntry.objects.create(at=AT, action="add_source", seal_id=2)
    broken = verify_chain().broken
    assert (broken.what, broken.seal, broken.entry) == (Broken.INSERTED, 2, made.pk)


def test_two_rows_that_changed_places_are_found(chain):
    first, second = in_seal(2)[0], in_seal(2)[1]
    AuditEntry.objects.filter(pk=first.pk).update(count=second.count)
    AuditEntry.objects.filter(pk=second.pk).update(count=first.count)
    broken = verify_chain().broken
    assert (broken.what, broken.entry) == (Broken.ALTERED, first.pk)


@pytest.mark.parametrize("to", [3, None])
def test_a_row_moved_to_another_seal_or_out_of_all_is_found(chain, to):
    moved = in_seal(2)[3].pk
    AuditEntry.objects.filter(pk=moved).update(seal=to)
    broken = verify_chain().broken
    assert (broken.what, broken.seal, broken.entry) == (Broken.MOVED, 2, moved)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", AT),
        ("first_id", 1),
        ("last_id", 10**6),
        ("count", 1),
        ("previous", "sha256:0"),
        ("digest", "sha256:0"),
        ("leaves", b""),
    ],
)
def test_a_seal_tampered_with_is_found_and_named(chain, column, value):
    AuditSeal.objects.filter(number=2).update(**{column: value})
    broken = verify_chain().broken
    assert (broken.what, broken.seal) == (Broken.SEAL_ALTERED, 2)


def test_a_seal_made_anew_does_not_fit_the_next(chain):
    entries = in_seal(2)
    entries.filter(pk=entries[0].pk).update(count=77)
    renew(2)
    broken = verify_chain().broken
    assert (broken.what, broken.seal) == (Broken.UNLINKED, 3)


def renew(number):
    """Make a seal anew over what its rows say now, as somebody would who holds the whole database."""
    pks = list(in_seal(number).values_list("pk", flat=True))
    row = AuditSeal.objects.get(number=number)
    leaves = sealing.leaves_of(in_seal(number), {})
    previous = AuditSeal.objects.filter(number=number - 1).values_list("digest", flat=True).first() or ""
    link = sealing.make_seal(number=number, at=row.at, previous=previous, rows=leaves)
    AuditSeal.objects.filter(number=number).update(leaves=link.leaves, digest=link.digest, previous=previous, count=len(pks))


def test_a_chain_written_anew_as_a_whole_is_found_by_the_anchor_alone(chain):
    anchor = verify_chain().last
    AuditEntry.objects.filter(pk=in_seal(2)[0].pk).update(count=77)
    renew(2)
    renew(3)
    assert verify_chain().broken is None
    broken = verify_chain(anchor=anchor).broken
    assert (broken.what, broken.seal) == (Broken.ANCHOR, 3)


def test_a_chain_cut_short_is_found_by_the_anchor(chain):
    anchor = verify_chain().last
    in_seal(3).delete()
    AuditSeal.objects.filter(number=3).delete()
    assert verify_chain().broken is None
    assert verify_chain(anchor=anchor).broken.what is Broken.NO_SEAL


def test_a_missing_seal_is_named(chain):
    in_seal(2).delete()
    AuditSeal.objects.filter(number=2).delete()
    broken = verify_chain().broken
    assert (broken.what, broken.seal) == (Broken.NO_SEAL, 2)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses what is no moment and no JSON")
@pytest.mark.parametrize("column", ["at", "fields", "count"])
def test_a_row_made_unreadable_is_named_too(chain, column):
    entry = in_seal(2)[2].pk
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = 1")
        cursor.execute(f"UPDATE people_auditentry SET {column} = 'no {{' WHERE id = %s", [entry])
        cursor.execute("PRAGMA ignore_check_constraints = 0")
    broken = verify_chain().broken
    assert (broken.what, broken.entry) == (Broken.ALTERED, entry)


def test_the_chain_reads_the_same_in_small_stretches(chain, monkeypatch):
    whole = verify_chain()
    monkeypatch.setattr(verifying, "AT_ONCE", 3)
    assert verify_chain() == whole
    monkeypatch.setattr(verifying, "AT_ONCE", 10**6)
    monkeypatch.setattr(verifying, "SEALS_AT_ONCE", 2)
    assert verify_chain() == whole


def test_a_backlog_is_sealed_in_batches(town, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 4)
    n = AuditEntry.objects.count()
    assert seal_entries(at=AT) == n
    assert AuditSeal.objects.count() == -(-n // 4)
    assert verify_chain().broken is None


def test_the_export_can_be_redone_with_a_hash_tool_and_names_nobody(chain):
    """Written from the ADR's words, without our code."""
    lines = []
    verify_chain(write=lambda line: lines.append(json.loads(line)))
    previous = ""
    texts = {}
    for line in lines:
        if "entry" in line:
            texts.setdefault(line["seal"], {})[line["entry"]] = sha256(line["text"].encode()).hexdigest()
    for seal in (line for line in lines if "leaves" in line):
        rows = [seal["leaves"][i : i + 80] for i in range(0, len(seal["leaves"]), 80)]
        assert {int(row[:16], 16): row[16:] for row in rows} == texts[seal["seal"]]
        assert seal["previous"] == previous
        previous = seal["digest"]
    everything = json.dumps(lines, ensure_ascii=False)
    assert all(user.public_id not in everything for user in chain.users.values())


# ── lawful erasure ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_is_erased_and_the_chain_still_verifies(chain):
    gone, by = chain.users["supervisor"], chain.users["second"]
    erasure = erase_from_audit(user=gone, basis="pipl_47", by=by, at=AT)
    seal_entries(at=AT)
    result = verify_chain()
    assert result.broken is None
    assert result.erased == erasure.count == 11  # ten acts, and having been added
    assert not AuditEntry.objects.filter(by=gone).exists()
    assert gone.public_id not in repr(list(AuditEntry.objects.values()))
    assert not AuditEntry.objects.filter(tombstones__part="by").exclude(by_salt="").exists()


def test_the_erased_are_not_guessed_from_what_stays(chain):
    """The digest alone stays; without its salt no trial of users' numbers fits."""
    gone = chain.users["supervisor"]
    erase_from_audit(user=gone, basis="court", by=chain.users["second"], at=AT)
    digest = AuditTombstone.objects.filter(part="by").first().digest
    tried = {"sha256:" + sha256(f"|by|{n}".encode()).hexdigest() for n in range(2000)}
    assert digest not in tried


def test_a_row_passed_off_as_erased_is_found(chain):
    erasure = erase_from_audit(user=chain.users["supervisor"], basis="pipl_47", by=chain.users["second"], at=AT)
    seal_entries(at=AT)
    row = AuditEntry.objects.exclude(by=None).filter(action="erase_from_audit").get()
    from qiguan.core.audit_chain import part_digest

    digest = part_digest(row.by_salt, "by", str(row.by_id))
    AuditTombstone.objects.create(entry=row, part="by", digest=digest, erasure=erasure)
    AuditEntry.objects.filter(pk=row.pk).update(by=None, by_salt="")
    broken = verify_chain().broken
    assert (broken.what, broken.entry) == (Broken.ERASURE, erasure.pk)


def test_a_tombstone_tampered_with_or_without_its_erasure_is_found(chain):
    erase_from_audit(user=chain.users["supervisor"], basis="pipl_47", by=chain.users["second"], at=AT)
    stone = AuditTombstone.objects.filter(part="by").order_by("entry").first()
    kept = stone.digest
    AuditTombstone.objects.filter(pk=stone.pk).update(digest="sha256:" + "0" * 64)
    assert verify_chain().broken.entry == stone.entry_id
    AuditTombstone.objects.filter(pk=stone.pk).update(digest=kept, erasure=stone.entry_id)
    assert verify_chain().broken.what is Broken.ERASURE
    AuditTombstone.objects.filter(pk=stone.pk).delete()
    assert verify_chain().broken.what is Broken.ALTERED


def test_an_erasure_while_the_chain_is_read_breaks_nothing(chain, monkeypatch):
    first = in_seal(2)[0]
    real = verifying.tombstones_of
    calls = []

    def before_the_erasure(entries=None):
        if entries is None and not calls:
            calls.append(1)
            stones = real()
            erase_from_audit(user=chain.users["supervisor"], basis="pipl_47", by=chain.users["second"], at=AT)
            return stones
        return real(entries)

    monkeypatch.setattr(verifying, "tombstones_of", before_the_erasure)
    assert verify_chain().broken is None
    assert AuditEntry.objects.get(pk=first.pk).by is None


def test_erasing_needs_a_ground_another_person_and_the_role(chain):
    users = chain.users
    with pytest.raises(QiguanError, match="依据"):
        erase_from_audit(user=users["unit"], basis="because", by=users["second"], at=AT)
    with pytest.raises(NotPermitted):
        erase_from_audit(user=users["second"], basis="court", by=users["second"], at=AT)
    with pytest.raises(NotPermitted):
        erase_from_audit(user=users["supervisor"], basis="court", by=users["east"], at=AT)
    erase_from_audit(user=users["unit"], basis="court", by=users["second"], at=AT)
    with pytest.raises(QiguanError, match="没有这个人"):
        erase_from_audit(user=users["unit"], basis="court", by=users["second"], at=AT)


# ── what a row may hold ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", ["张三", "13800000000", "a@b.example", "two words", "", "x" * 200])
def test_the_log_refuses_contents(db, content):
    with pytest.raises(ValueError, match="contents"):
        record_audit(action="add_source", by=None, at=AT, fields=["url", content])


def test_a_verification_is_an_entry_of_its_own(chain, caplog):
    verify_and_record(at=AT)
    state = chain_state()
    assert (state.verified_at, state.broken, state.unsealed, state.last.number) == (AT, "", 1, 3)
    gone = in_seal(2)[0].pk
    AuditEntry.objects.filter(pk=gone).delete()
    verify_and_record(at=AT)
    assert chain_state().broken == f"第2号封条、第{gone}号条目"
    assert "broken" in caplog.text


# ── several at once ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db(transaction=True)
def test_a_row_that_commits_after_higher_ids_were_sealed_is_sealed_next():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite commits in the order of ids")
    make_town()
    seal_entries(at=AT)
    written, go_on = threading.Event(), threading.Event()
    late = []

    def slow():
        with transaction.atomic():
            late.append(record_audit(action="add_source", by=None, at=AT).pk)
            written.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    early = record_audit(action="add_source", by=None, at=AT).pk
    assert seal_entries(at=AT) == 1
    go_on.set()
    thread.join(10)
    assert late[0] < early
    assert seal_entries(at=AT) == 1
    assert AuditEntry.objects.get(pk=late[0]).seal_id == AuditEntry.objects.get(pk=early).seal_id + 1
    assert verify_chain().broken is None


@pytest.mark.django_db(transaction=True)
def test_several_sealers_at_once_make_one_chain(monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 7)
    make_town()
    stop = threading.Event()
    problems = []

    def sealer():
        try:
            while not stop.is_set():
                seal_entries(at=AT)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=sealer) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(60):
        record_audit(action="add_source", by=None, at=AT, count=n + 1)
    stop.set()
    for thread in threads:
        thread.join(30)
    while seal_entries(at=AT):
        pass
    result = verify_chain()
    assert problems == []
    assert (result.broken, result.unsealed, result.entries) == (None, 0, AuditEntry.objects.count())
