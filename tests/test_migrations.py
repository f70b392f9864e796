"""The migrations lead to the database that the models describe.

On PostgreSQL the tests' own database is made from the models, which is quicker; here a fresh one is migrated and compared.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

COLUMNS = """SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, collation_name, is_identity
FROM information_schema.columns WHERE table_schema = 'public'"""
INDEXES = "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
CONSTRAINTS = """SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> 0"""


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_migrated_database_is_the_one_the_models_describe():
    if connection.vendor != "postgresql":
        pytest.skip("compares two databases on PostgreSQL")
    url = os.environ["QIGUAN_DATABASE_URL"]
    other = f"migrated_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {other}")
    try:
        there = url.rsplit("/", 1)[0] + f"/{other}"
        subprocess.run(
            [sys.executable, "-m", "qiguan", "migrate"], check=True, env={**os.environ, "QIGUAN_DATABASE_URL": there}, timeout=300
        )
        import psycopg

        ours = tuple(f"{app.label}_" for app in apps.get_app_configs() if app.name.startswith("qiguan."))

        with psycopg.connect(there) as migrated, connection.cursor() as described:
            for question in (COLUMNS, INDEXES, CONSTRAINTS):
                described.execute(question)
                expected = {row for row in described.fetchall() if row[0].startswith(ours)}
                found = {row for row in migrated.execute(question).fetchall() if row[0].startswith(ours)}
                assert len(expected) > 50
                assert (found - expected, expected - found) == (set(), set())
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {other} WITH (FORCE)")
