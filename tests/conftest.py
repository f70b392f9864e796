"""What every test gets: a data folder of its own, no network but loopback, no live database."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def shared_folder() -> Path:
    """Return the folder of real material beside the project (it may be absent)."""
    return Path(os.environ.get("QIGUAN_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Real material to test on; the test is skipped where it is absent."""
    folder = shared_folder() / "data"
    if not folder.is_dir():
        pytest.skip("the real data is not beside the project")
    return folder


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if self.family in (socket.AF_INET, socket.AF_INET6) and not (host.startswith("127.") or host in {"::1", "localhost"}):
            raise AssertionError(f"a test reached for {host}: only loopback is allowed")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Put SQLite in a file: in memory, the threads of a live server lock whole tables against each other; a file has the product's own WAL."""
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def _no_live_database(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("database") is None:
        return
    request.getfixturevalue("django_db_setup")
    from django.db import connection

    name = str(connection.settings_dict["NAME"])
    assert "test" in name or "memory" in name, f"tests refuse the live database {name}"


@pytest.fixture
def at() -> datetime:
    """A fixed moment: Wednesday 2026-09-16, 10:00 in Shanghai."""
    return datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def pytest_configure() -> None:
    """Hash passwords fast: the cast logs in thousands of times, and no test is about the hash. Empty tables fast, too."""
    from django.conf import settings
    from django.contrib.auth.management import create_permissions
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db.backends.postgresql.operations import DatabaseOperations
    from django.db.models.signals import post_migrate

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # a test with transactions of its own ends by emptying every table, then Django writes its permissions anew: nobody asks for them
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(create_permissions, dispatch_uid="django.contrib.auth.management.create_permissions")
    DatabaseOperations.sql_flush = _empty_what_is_full


def _empty_what_is_full(
    self: Any, style: Any, tables: list[str], *, reset_sequences: bool = False, allow_cascade: bool = False
) -> list[str]:
    """PostgreSQL truncates a hundred tables in half a second, full or not; few of them hold anything. Keys are deferred."""
    if not tables:
        return []
    names = [self.quote_name(table) for table in tables]
    with self.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT {n} WHERE EXISTS (SELECT 1 FROM {name})" for n, name in enumerate(names)))
        return [f"DELETE FROM {names[n]}" for (n,) in cursor.fetchall()]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark database tests, so that the second run repeats them on PostgreSQL."""
    for item in items:
        if item.get_closest_marker("django_db") or {"db", "transactional_db", "live_server"} & set(
            getattr(item, "fixturenames", ())
        ):
            item.add_marker("database")
        if item.path.name.endswith("_pages.py"):  # pages are walked once; the queries under them have tests of their own on both
            item.add_marker("one_database")


@pytest.fixture
def town(db: None):
    """The cast of tests/factories.py."""
    from tests.factories import make_town

    return make_town()


FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """A running browser."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright keeps a loop in this thread
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
