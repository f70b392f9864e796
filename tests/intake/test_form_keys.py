"""One-time keys of forms: ours only, a day long, spent once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qiguan.core.errors import UnusableInput
from qiguan.intake.actions.cleaning import drop_spent
from qiguan.intake.actions.form_keys import make_form_key, use_form_key
from qiguan.intake.models import FormKey

NOW = datetime(2026, 9, 16, 2, tzinfo=UTC)


@pytest.mark.django_db
def test_a_key_is_spent_once():
    key, other = make_form_key(what="sighting", now=NOW), make_form_key(what="sighting", now=NOW)
    assert key != other
    assert not FormKey.objects.exists(), "asking for the page stores nothing"
    assert use_form_key(what="sighting", key=key, now=NOW)
    assert not use_form_key(what="sighting", key=key, now=NOW + timedelta(hours=1))
    assert use_form_key(what="sighting", key=other, now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x", "1.x:y", "🐼" * 300])
def test_what_is_not_ours_is_refused_in_words(key):
    with pytest.raises(UnusableInput, match="重新打开"):
        use_form_key(what="sighting", key=key, now=NOW)
    assert not FormKey.objects.exists()


@pytest.mark.django_db
def test_a_key_is_good_for_a_day_and_for_its_own_form():
    key = make_form_key(what="sighting", now=NOW)
    for what, later in (("sighting", timedelta(days=1, seconds=2)), ("other", timedelta(0)), ("sighting", -timedelta(minutes=1))):
        with pytest.raises(UnusableInput):
            use_form_key(what=what, key=key, now=NOW + later)


@pytest.mark.django_db
def test_a_used_key_is_kept_until_it_could_not_be_used_again():
    use_form_key(what="sighting", key=make_form_key(what="sighting", now=NOW), now=NOW)
    assert drop_spent(now=NOW + timedelta(hours=23)) == 0
    assert drop_spent(now=NOW + timedelta(hours=25)) == 1
