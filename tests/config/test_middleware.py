"""One answer for text that nothing can keep, for every form of every app."""

from __future__ import annotations

import pytest
from django.db import DataError
from django.http import HttpResponse
from django.test import RequestFactory

from qiguan.config.middleware import RefuseUnstorableText, SayErrorsInWords
from qiguan.core.errors import QiguanError
from tests.factories import make_town

pytestmark = pytest.mark.django_db
FORMS = ("/office/register/filings/new/open/", "/office/register/organs/x/", "/office/returns/", "/office/check/", "/seen/")


@pytest.fixture
def refuse():
    return RefuseUnstorableText(lambda _: HttpResponse())


@pytest.mark.parametrize("bad", ["甲\0乙", "甲\ud800乙"])
def test_a_form_field_that_nothing_can_keep_is_refused_with_what_stands_in_it(refuse, bad):
    request = RequestFactory().post("/api/v1/x", {"name": "good"})
    request.POST = request.POST.copy()
    assert refuse.process_view(request) is None
    request.POST.setlist("words", ["good", bad])
    answer = refuse.process_view(request)
    assert answer.status_code == 400
    said = answer.content.decode("unicode_escape")
    assert '"code": "unstorable_text"' in said
    assert "写着“甲乙”的那一栏" in said


def test_a_bad_name_of_a_field_is_refused_too(refuse):
    request = RequestFactory().post("/api/v1/x", {"\0": ""})
    assert refuse.process_view(request).status_code == 400


def test_a_page_says_it_in_words_and_keeps_what_was_typed_behind_the_back_key(client):
    client.force_login(make_town().users["supervisor"])
    for path in FORMS:
        answer = client.post(path, {"name": "甲\0乙", "q": "x"})
        assert answer.status_code == 400, path
        assert "有不能保存的字符" in answer.content.decode()
        assert "返回键" in answer.content.decode()


def test_a_question_that_the_database_cannot_take_is_answered_in_words(refuse):
    bad, good = RequestFactory().get("/api/v1/x", {"q": "a\0"}), RequestFactory().get("/api/v1/x", {"q": "a"})
    assert refuse.process_exception(bad, DataError()).status_code == 400
    assert refuse.process_exception(bad, KeyError()) is None
    assert refuse.process_exception(good, ValueError()) is None


def test_an_error_with_words_is_answered_on_the_api_in_its_shape():
    answer = SayErrorsInWords(lambda _: HttpResponse()).process_exception(RequestFactory().get("/api/v1/x"), QiguanError("不行"))
    assert answer.status_code == 400
