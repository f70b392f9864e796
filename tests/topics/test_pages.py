"""Citizens' pages show what is released and nothing else; the code opens one's own; officials act from their pages."""

from __future__ import annotations

import re

from django.urls import reverse

from qiguan.topics.actions.deciding import answer_topic, decline_topic, hold_topic, release_topic
from qiguan.topics.actions.pool import ask_quickly, offer_text
from qiguan.topics.models import Contribution, PoolItem, QuickAnswer, TopicRequest
from qiguan.topics.queries.public import Quarter, topic_of_code
from tests.factories import AT
from tests.topics.conftest import asks
from tests.topics.test_deciding import post_of


def key_in(page, nth: int = 0) -> str:
    return re.findall(r'name="key" value="([^"]+)"', page.content.decode())[nth]


def text_of(page) -> str:
    return str(page.json()) if page["Content-Type"].startswith("application/json") else page.content.decode()


def test_a_citizen_asks_without_scripts_and_follows_it_by_the_code(client, account, town):
    address = reverse("topic_ask") + f"?account={account.public_id}&from=poster"
    page = client.get(address)
    sent = {"account": account.public_id, "key": key_in(page), "words": "公交五路改到哪里了", "public": "1", "from": "poster"}
    answers = [client.post(reverse("topic_ask"), sent) for _ in range(2)]
    codes = {re.search(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", text_of(a))[0] for a in answers}
    assert len(codes) == 1
    assert "no-store" in answers[0]["Cache-Control"]
    asked = TopicRequest.objects.get()
    assert asked.channel == "poster"
    mine = lambda **more: client.post(reverse("topic_mine"), {"code": next(iter(codes)), **more})
    assert "还没有人认领" in text_of(mine())
    answer_topic(request=asked, words="改到建设路", by=town.users["unit"], at=AT)
    page = mine()
    assert "改到建设路" in text_of(page)
    assert "记下了" in text_of(mine(do="wanted", said="partly", key=key_in(page)))
    assert asked.wanted.get().by_asker
    hold_topic(request=asked, rule="spam", why="像广告", by=town.users["unit"], at=AT)
    assert "像广告" in text_of(mine())
    assert "您已申诉" in text_of(mine(do="appeal"))
    assert client.post(reverse("topic_mine"), {"code": "A" * 16}).status_code == 400


def test_a_form_with_a_fault_comes_back_with_what_was_typed(client, account):
    page = client.get(reverse("topic_ask") + f"?account={account.public_id}")
    sent = {"account": account.public_id, "key": key_in(page), "words": "？", "more": "<script>alert(1)</script>"}
    again = client.post(reverse("topic_ask"), sent)
    assert again.status_code == 400
    assert "&lt;script&gt;" in text_of(again)
    assert client.post(reverse("topic_ask"), {**sent, "homepage": "x"}).status_code == 400
    assert client.get(reverse("topic_ask") + "?account=zzz").status_code == 404
    assert client.get(reverse("topic_ask")).status_code == 404


def test_nothing_unreleased_and_no_words_without_consent_reach_the_public(client, account, town):
    secret = topic_of_code(asks(account, "不肯公开的原话"))
    waiting = topic_of_code(asks(account, "还没人看过", public=True))
    release_topic(request=secret, by=town.users["unit"], at=AT)
    decline_topic(request=secret, why="没有这个来源", by=town.users["unit"], at=AT)
    addresses = [
        reverse("public_topics"), reverse("public_topic", args=[secret.public_id]), reverse("topic_board", args=[account.public_id]),
        reverse("topic_sheet", args=[account.public_id]), reverse("topic_sheet", args=[account.public_id]) + "?as=broadcast",
        "/api/v1/topics", f"/api/v1/topics?account={account.public_id}",
    ]  # fmt: skip
    for address in addresses:
        page = client.get(address)
        assert page.status_code == 200, address
        assert "没有这个来源" in text_of(page), address
        assert "不肯公开" not in text_of(page), address
        assert "还没人看过" not in text_of(page), address
        assert "<script" not in text_of(page), address
    assert client.get(reverse("public_topic", args=[waiting.public_id])).status_code == 404
    assert client.get("/api/v1/topics?account=zzz").json() == {"topics": [], "more": False}
    assert len(client.get(addresses[4]).content.decode()) <= 301


def test_others_second_a_request_and_mark_the_answer(client, asked, town):
    request, _ = asked
    release_topic(request=request, by=town.users["unit"], at=AT)
    address = reverse("public_topic", args=[request.public_id])
    page = client.get(address)
    for _ in range(2):
        assert "2人想看" in text_of(client.post(address, {"do": "second", "key": key_in(page)}))
    answer_topic(request=request, words="改到建设路", by=town.users["unit"], at=AT)
    page = client.get(address)
    assert "是 1 ·" in text_of(client.post(address, {"do": "wanted", "said": "yes", "key": key_in(page)}))
    assert client.post(address, {"do": "wanted", "said": "", "key": key_in(page)}).status_code == 400


def test_the_quarters_question_takes_ten_seconds(client, account, town):
    quarter = Quarter.of(AT)
    assert (quarter.code, quarter.words, quarter.before.code) == ("2026Q3", "2026年第三季度", "2026Q2")
    assert (Quarter(2026, 1).before, Quarter(2026, 4).after) == (Quarter(2025, 4), Quarter(2027, 1))
    ask_quickly(account=account, quarter=quarter.code, words="最想看什么", options=["招工", "路况"], by=town.users["unit"], at=AT)
    address = reverse("topic_board", args=[account.public_id])
    page = client.get(address)
    for _ in range(2):
        assert "路况 <b>1</b>" in text_of(client.post(address, {"option": "1", "key": key_in(page)}))
    assert client.post(address, {"option": "x", "key": key_in(page)}).status_code == 400
    assert QuickAnswer.objects.count() == 1


def test_what_a_citizen_gives_is_used_from_the_officials_page(client, account, town):
    address = reverse("topic_give")
    page = client.get(address + f"?account={account.public_id}")
    sent = {"account": account.public_id, "key": key_in(page), "sort": "text", "text": "荷花开了", "credit": "老王"}
    assert client.post(address, sent).status_code == 400
    page = client.post(address, {**sent, "consent": "1"})
    code = re.search(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", text_of(page))[0]
    client.force_login(town.users["unit"])
    given = Contribution.objects.get()
    for step in ({"do": "decline", "why": ""}, {"do": "use", "url": ""}):
        client.post(reverse("topic_contributions"), {"contribution": given.public_id, **step})
    assert "老王" in text_of(client.get(reverse("topic_board", args=[account.public_id])))
    assert "已采用" in text_of(client.post(reverse("topic_mine"), {"code": code}))


def test_officials_see_and_step_from_the_list_to_the_answer(client, asked, account, town):
    request, _ = asked
    post_of(account, "公交五路今起改线走建设路")
    client.force_login(town.users["unit"])
    for state in ("", "?state=new", "?state=waiting"):
        assert request.words in text_of(client.get(reverse("topic_requests") + state))
    assert request.words not in text_of(client.get(reverse("topic_requests") + "?state=held"))
    address = reverse("topic_request", args=[request.public_id])
    page = client.get(address)
    assert "公交五路今起改线走建设路" in text_of(page)
    post = re.search(r'name="post" value="(\d+)"', text_of(page))[1]
    for step in (
        {"do": "release"}, {"do": "hold", "rule": "same"}, {"do": "pledge", "due_on": "坏"}, {"do": "pledge", "due_on": "2026-09-30"},
        {"do": "decline", "why": "没有这个来源"}, {"do": "x"}, {"do": "answer", "post": post},
    ):  # fmt: skip
        assert client.post(address, step).status_code in (200, 302)
    request.refresh_from_db()
    assert (request.state, request.post_title) == ("answered", "公交五路今起改线走建设路")
    assert list(request.pledges.values_list("what", flat=True)) == ["pledged", "declined", "answered"]


def test_the_tools_to_ask_with_and_the_kits_are_one_page_each(client, account, town):
    client.force_login(town.users["unit"])
    solicit = reverse("topic_solicit", args=[account.public_id])
    assert "<svg" in text_of(client.get(solicit))
    assert client.post(solicit, {"words": "最想看什么", "options": "招工\n路况"}).status_code == 302
    assert client.post(solicit, {"words": "再问", "options": "a\nb"}).status_code == 200
    assert "最想看什么" in text_of(client.get(solicit))
    assert "<svg" in text_of(client.get(reverse("topic_poster", args=[account.public_id])))
    assert client.get(reverse("topic_kits")).status_code == 200
    kit = reverse("topic_kit", args=["yonggong"])
    assert "星火厂招〔工种〕" in text_of(client.post(kit, {"do": "fill", "employer": "星火厂"}))
    assert client.post(kit, {"do": "offer", "employer": "星火厂"}).status_code == 302
    assert PoolItem.objects.get().title == "用工信息：星火厂"
    assert client.get(reverse("topic_kit", args=["none"])).status_code == 404
    assert "近90天" in text_of(client.get(reverse("topic_supply") + f"?account={account.public_id}"))


def test_the_pool_is_taken_from_with_one_touch(client, account, town):
    item = offer_text(organ=town.city, title="路况", text="封路", expires_on=AT.date(), by=town.users["supervisor"], at=AT)
    client.force_login(town.users["unit"])
    pool = reverse("topic_pool")
    assert "来源：示例市人民政府" in text_of(
        client.post(pool, {"do": "take", "item": item.public_id, "account": account.public_id})
    )
    assert client.post(pool, {"do": "take", "item": item.public_id}).status_code == 200
    assert client.post(pool, {"do": "offer", "title": "t", "text": "x", "expires_on": "坏"}).status_code == 200
    client.post(pool, {"do": "offer", "title": "新稿", "text": "x", "expires_on": "2026-12-01"})
    assert PoolItem.objects.filter(title="新稿", organ=town.commerce).exists()
    client.force_login(town.users["east"])
    assert client.post(pool, {"do": "take", "item": item.public_id, "account": account.public_id}).status_code == 200
    assert item.uses.count() == 1
