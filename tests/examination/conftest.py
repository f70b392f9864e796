"""A cast for tests that need transactions of their own."""

from __future__ import annotations

import pytest


@pytest.fixture
def town_at_work(transactional_db: None):
    """The cast of tests/factories.py, where each transaction is a real one."""
    from tests.factories import make_town

    return make_town()
