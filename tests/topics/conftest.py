"""A town with one account that citizens ask."""

from __future__ import annotations

import pytest

from qiguan.intake.actions.form_keys import make_form_key
from qiguan.jobs import clock
from qiguan.topics.actions.asking import ASK, ask_topic
from qiguan.topics.models import TopicRequest
from qiguan.topics.queries.public import topic_of_code
from tests.factories import AT, Town, make_account, make_town


@pytest.fixture
def town(db: None, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr(clock, "now", lambda: AT)
    return make_town()


@pytest.fixture
def account(town: Town):
    return make_account(town.commerce)


@pytest.fixture
def asked(account) -> tuple[TopicRequest, str]:
    """A request whose words may be shown, and its code."""
    code = asks(account, "公交五路改到哪里了", public=True)
    found = topic_of_code(code)
    assert found is not None
    return found, code


def asks(account, words: str, *, public: bool = False, key: str = "", visitor: str = "1.2.3.4") -> str:
    now = clock.machine_now()
    key = key or make_form_key(what=ASK, now=now)
    return ask_topic(account=account, words=words, words_public=public, form_key=key, visitor=visitor, at=AT, now=now)
