"""The router learns what people confirmed: outside requests, once, nothing of complaints; and anew when a sample is gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from qiguan.dialogue.actions import learning
from qiguan.dialogue.actions.citizen import delete_message
from qiguan.dialogue.actions.keeping import redact_message
from qiguan.dialogue.actions.learning import learn_routings
from qiguan.dialogue.actions.routing import name_complaint, route_message
from qiguan.dialogue.models import RoutingModel, RoutingSample
from qiguan.dialogue.queries.finding import targets_for
from qiguan.dialogue.queries.placing import suggest_routing
from qiguan.jobs.keys import public_id
from qiguan.people.actions import found_organ
from qiguan.people.models import AuditEntry, Organ
from tests.dialogue.conftest import write
from tests.factories import AT

pytestmark = pytest.mark.django_db
TREE = "河边的老榕树空了心，会不会倒"
LATER = "门口那棵榕树歪了，快倒了"


@pytest.fixture
def offices(desk_town):
    """示例市 with a bureau whose name says what it does, and two whose names say nothing."""
    town = desk_town
    for key, name in (("medical", "示例市医疗保障局"), ("trees", "示例市绿化中心"), ("banks", "示例市河岸中心")):
        setattr(town, key, found_organ(name=name, parent=town.city, level="city", by=None, at=AT))
    return town


def confirm(town, text, to):
    """A person of the office sends a message to a unit."""
    return route_message(message=write(town.city, text).message, to=to, by=town.users["supervisor"], at=AT)


def firsts(text, office):
    return [label for label, _, _ in suggest_routing(text, office)]


def test_without_samples_the_duty_words_of_the_organs_kind_decide(offices):
    text = "异地就医的住院费怎么报销"
    ((label, p, spans),) = suggest_routing(text, offices.city)
    assert label == offices.medical.public_id
    assert p > 0.6
    assert [text[s:e] for s, e in spans] == ["异地就医", "报销"]
    assert suggest_routing(LATER, offices.city) == []
    assert learn_routings(at=AT) == 0
    assert not AuditEntry.objects.filter(action="learn_routings").exists()


def test_an_office_without_departments_is_not_sure_of_itself(offices):
    assert suggest_routing("异地就医报销", offices.south) == []
    assert write(offices.city, "你好，有件事想问").message.handler is None


def test_a_department_named_in_full_is_heard(offices):
    text = "请问示例市医疗保障局旁边的示例市绿化中心几点上班"
    found = suggest_routing(text, offices.city)
    assert {label for label, _, _ in found[:2]} == {offices.medical.public_id, offices.trees.public_id}
    assert {text[s:e] for _, _, spans in found[:2] for s, e in spans} >= {"示例市医疗保障局", "示例市绿化中心"}
    (only,) = suggest_routing("示例市绿化中心几点上班，示例市人民政府几点", offices.city)
    assert only[1] > 0.6


def test_a_confirmed_routing_changes_the_next_suggestion(offices, django_assert_max_num_queries):
    confirm(offices, TREE, offices.trees)
    assert suggest_routing(LATER, offices.city) == []
    assert learn_routings(at=AT) == 1
    assert learn_routings(at=AT) == 0
    label, _, spans = suggest_routing(LATER, offices.city)[0]
    assert label == offices.trees.public_id
    assert any("榕" in LATER[s:e] for s, e in spans)
    assert "榕树" not in bytes(RoutingModel.objects.get().kept).decode("latin-1")
    entry = AuditEntry.objects.get(action="learn_routings")
    assert (entry.count, entry.by) == (1, None)
    with django_assert_max_num_queries(3):  # children, the office's version; the model itself is kept by the process
        suggest_routing(LATER, offices.city)


def test_what_people_confirm_becomes_sure(offices):
    for n in range(8):
        confirm(offices, f"{TREE}，第{n}回说了", offices.trees)
    learn_routings(at=AT)
    message = write(offices.city, f"{TREE}，怎么还没人来").message
    assert message.handler == offices.trees
    assert message.transfers.get().sort == "machine"
    assert any(offices.trees.public_id in target.query for target in targets_for("榕树倒了"))
    Organ.objects.filter(pk=offices.trees.pk).update(ended_on=AT.date())
    assert offices.trees.public_id not in firsts(LATER, offices.city)


def test_many_samples_are_learned_in_runs_and_a_run_goes_on_where_one_stopped(offices, monkeypatch):
    monkeypatch.setattr(learning, "CHUNK", 2)
    monkeypatch.setattr(learning, "MOST", 3)
    for n in range(4):
        confirm(offices, f"{TREE}{n}", offices.trees)
    assert learn_routings(at=AT) == 3
    assert RoutingModel.objects.get().samples == 3
    confirm(offices, "晚到的一条，河岸塌了一块", offices.banks)  # a bureau that the model had no label for is added
    assert learn_routings(at=AT) == 2
    assert RoutingModel.objects.get().samples == 5
    assert firsts("河岸塌了", offices.city)[0] == offices.banks.public_id


def test_what_is_sent_elsewhere_or_struck_out_is_learned_anew(offices):
    boss = offices.users["supervisor"]
    message = confirm(offices, TREE, offices.trees)
    learn_routings(at=AT)
    RoutingSample.objects.update(organ=offices.banks, learned_at=None)  # as routing again leaves it
    assert learn_routings(at=AT) == 1
    assert firsts(LATER, offices.city)[0] == offices.banks.public_id
    redact_message(message=message, text="［划去］倒了", why="写了别人家的事", by=boss, at=AT)
    assert RoutingSample.objects.get().text == "［划去］倒了"
    assert learn_routings(at=AT) == 1
    assert AuditEntry.objects.filter(action="forget_routings").count() == 2


def test_a_message_deleted_by_its_writer_is_forgotten(offices):
    message = confirm(offices, TREE, offices.trees)
    learn_routings(at=AT)
    assert firsts(LATER, offices.city)
    delete_message(message=message, at=AT)
    assert learn_routings(at=AT) == 0
    assert not RoutingModel.objects.exists()
    assert suggest_routing(LATER, offices.city) == []


def test_a_large_model_begins_anew_once_a_day(offices, monkeypatch):
    monkeypatch.setattr(learning, "CHUNK", 1)
    messages = [confirm(offices, f"{TREE}{n}", offices.trees) for n in range(3)]
    assert learn_routings(at=AT) == 3
    delete_message(message=messages[0], at=AT)
    assert learn_routings(at=AT + timedelta(hours=23)) == 0
    assert firsts(LATER, offices.city)
    assert learn_routings(at=AT + timedelta(days=1)) == 2
    assert RoutingModel.objects.get().samples == 2


def test_no_text_of_a_complaint_is_learned(offices):
    boss = offices.users["supervisor"]
    message = confirm(offices, TREE, offices.trees)
    other = confirm(offices, f"{TREE}，另一条", offices.trees)
    learn_routings(at=AT)
    name_complaint(message=message, against=offices.trees, by=boss, at=AT)
    type(other).objects.filter(pk=other.pk).update(kind="complaint")  # its sample still stands there
    assert learn_routings(at=AT) == 0
    assert not RoutingModel.objects.exists()
    assert suggest_routing(LATER, offices.city) == []


def test_a_model_that_cannot_be_read_is_rebuilt(offices):
    confirm(offices, TREE, offices.trees)
    learn_routings(at=AT)
    RoutingModel.objects.update(kept=b"broken", version=public_id())
    assert suggest_routing(LATER, offices.city) == []
    assert firsts("异地就医报销", offices.city) == [offices.medical.public_id]
    assert learn_routings(at=AT) == 1
    assert firsts(LATER, offices.city)[0] == offices.trees.public_id


def test_a_sample_that_changes_while_it_is_learned_waits_for_the_next_run(offices, monkeypatch):
    message = confirm(offices, TREE, offices.trees)
    real = learning.router_over

    def slow(organs, learner):
        delete_message(message=message, at=AT)
        return real(organs, learner)

    monkeypatch.setattr(learning, "router_over", slow)
    assert learn_routings(at=AT) == 0
    assert not RoutingModel.objects.exists()
