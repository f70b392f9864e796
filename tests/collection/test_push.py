"""Push API and `qiguan agent`: one error shape, idempotent, scoped; the unit's secret never leaves the unit."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from qiguan.collection.actions.credentials import authorise_wechat, credential_of, issue_push_key, revoke_credential
from qiguan.collection.models import Credential, Post, Source
from qiguan.config.cli import main
from qiguan.core.errors import NotPermitted, UnusableInput
from qiguan.jobs import clock
from tests.factories import AT, make_account, make_town
from tests.wechat_stand_in import WechatStandIn

POSTS = [
    {"title": "第一篇", "link": "https://mp.weixin.qq.com/s/a", "time": "2026-09-01T09:00:00+08:00"},
    {"title": "第二篇", "link": "https://mp.weixin.qq.com/s/b", "time": "2026-09-02 09:00"},
]


@pytest.fixture
def town():
    return make_town()


@pytest.fixture
def account(town):
    return make_account(town.commerce, platform_id="gh_commerce")


@pytest.fixture
def key(town):
    return issue_push_key(organ=town.commerce, title="商务局采集程序", by=town.users["unit"], at=clock.now())[1]


@pytest.fixture
def push(client, key):
    def send(body, *, account="gh_commerce", bearer=None):
        data = body if isinstance(body, bytes) else json.dumps(body)
        return client.post(
            f"/api/v1/push/posts?account={account}",
            data,
            content_type="application/json",
            headers={"Authorization": f"Bearer {key if bearer is None else bearer}"},
        )

    return send


@pytest.mark.django_db
def test_the_same_push_twice_stores_each_post_once(account, push):
    first, again = push({"posts": POSTS}).json(), push({"posts": POSTS}).json()
    assert (first["taken"], first["new"], again["taken"], again["new"]) == (2, 2, 2, 0)
    assert Post.objects.count() == 2
    source = Source.objects.get()
    assert (source.connector, source.complete, source.next_at, source.outcome) == ("push", False, None, "ok")


@pytest.mark.django_db
def test_a_bad_post_is_told_by_number_and_costs_only_itself(account, push):
    answer = push({"posts": [POSTS[0], {"title": "没有时间"}, 7]}).json()
    assert (answer["taken"], answer["refused"]) == (1, 2)
    assert [p["number"] for p in answer["problems"]] == [2, 3]
    assert all(p["remedy"] for p in answer["problems"])


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"body": b"{"}, 400),
        ({"body": {"posts": 3}}, 400),
        ({"body": b"[" * 100_000}, 400),
        ({"body": {"posts": []}, "bearer": "qgp_wrong"}, 401),
        ({"body": {"posts": []}, "bearer": ""}, 401),
        ({"body": {"posts": []}, "account": "nobody"}, 404),
        ({"body": b'{"posts": ["' + b"x" * 1_100_000 + b'"]}'}, 413),
        ({"body": {"posts": []}, "account": "x" * 200}, 422),
    ],
)
def test_every_refusal_has_the_one_error_shape(account, push, sent, status):
    answer = push(sent.pop("body"), **sent)
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message", "place", "remedy"}
    assert not Post.objects.exists()


@pytest.mark.django_db
def test_a_key_opens_no_account_of_another_organ(town, push):
    make_account(town.audit, "东例审计", platform_id="gh_audit")
    assert push({"posts": POSTS}, account="gh_audit").status_code == 404
    assert not Post.objects.exists()


@pytest.mark.django_db
def test_a_key_is_kept_as_a_hash_expires_and_is_revoked_at_once(town, account, push, key):
    now = clock.now()
    stored = Credential.objects.get()
    assert key not in str(list(Credential.objects.values()))
    assert push({"posts": POSTS}).status_code == 200
    stored.refresh_from_db()
    assert stored.used_at is not None
    assert credential_of(key, at=now + timedelta(days=400)) is None
    revoke_credential(credential=stored, by=town.users["unit"], at=now)
    assert push({"posts": POSTS}).status_code == 401
    assert stored.key_hash == ""


@pytest.mark.django_db
def test_a_stranger_issues_and_revokes_no_key(town, key):
    with pytest.raises(NotPermitted):
        issue_push_key(organ=town.commerce, title="x", by=town.users["east"], at=AT)
    with pytest.raises(NotPermitted):
        revoke_credential(credential=Credential.objects.get(), by=town.users["east"], at=AT)


@pytest.mark.django_db
def test_an_appsecret_is_refused_by_the_supervisors_installation(town):
    with pytest.raises(UnusableInput, match="AppSecret"):
        authorise_wechat(organ=town.city, title="x", given={"appid": "a", "appsecret": "s"}, by=None, at=AT)
    assert not Credential.objects.exists()


def agent_settings(folder, base, key, *accounts):
    (folder / "push.key").write_text(key)
    (folder / "agent.toml").write_text(f'supervisor = "{base}"\nkey_file = "push.key"\n' + "\n".join(accounts), encoding="utf-8")
    return str(folder / "agent.toml")


@pytest.mark.django_db(transaction=True)
def test_the_agent_pushes_what_the_unit_exported_and_a_second_run_changes_nothing(live_server, account, key, tmp_path, capsys):
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "posts.csv").write_bytes(
        "标题,链接,发布时间\n甲,https://mp.weixin.qq.com/s/a,2026-09-01 09:00\n".encode("gb18030")
    )
    (exports / "broken.xlsx").write_bytes(b"PK\x03\x04broken")
    settings = agent_settings(tmp_path, live_server.url, key, '[[account]]\nid = "gh_commerce"\nfolder = "exports"')
    assert main(["agent", settings]) == 0
    assert "新增1篇" in capsys.readouterr().out
    assert main(["agent", settings]) == 0
    assert "新增0篇" in capsys.readouterr().out
    assert Post.objects.get().title == "甲"


@pytest.mark.django_db(transaction=True)
def test_the_agent_reads_wechat_with_its_own_secret_and_sends_no_trace_of_it(
    live_server, account, key, tmp_path, capsys, monkeypatch
):
    from qiguan.net.door import Door

    sent = []
    real = Door.fetch

    async def listening(self, request, **more):
        sent.append(request)
        return await real(self, request, **more)

    monkeypatch.setattr(Door, "fetch", listening)
    with WechatStandIn() as wechat:
        wechat.publish("群发一篇", at=wechat.now - timedelta(days=3))
        wechat.publish("发布一篇", at=wechat.now - timedelta(days=2), pushed=False)
        (tmp_path / "appsecret.txt").write_text(wechat.secret)
        settings = agent_settings(
            tmp_path, live_server.url, key,
            f'[[account]]\nid = "gh_commerce"\nwechat = {{ appid = "{wechat.appid}", secret_file = "appsecret.txt", base = "{wechat.base}", days_back = 5 }}',
        )  # fmt: skip
        assert main(["agent", settings]) == 0, capsys.readouterr().out
        assert set(Post.objects.values_list("title", flat=True)) == {"群发一篇", "发布一篇"}
        pushes = [r for r in sent if "/push/posts" in r.url]
        tokens = [t.value for issued in wechat.issued.values() for t in issued]
        assert len(pushes) == 1
        assert all(secret not in repr(pushes) for secret in [wechat.secret, wechat.appid, *tokens])
        assert set(pushes[0].json["posts"][0]) <= {"title", "link", "time", "id", "pushed", "deleted"}
        wechat.granted.clear()
        assert main(["agent", settings]) == 1
    assert "权限" in capsys.readouterr().out
    assert wechat.secret not in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_the_agent_tells_a_refused_key_and_retries_what_may_pass(live_server, account, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("qiguan.config.commands.agent.PAUSE", 0.01)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.csv").write_text(
        "标题,链接,发布时间\n甲,https://mp.weixin.qq.com/s/a,2026-09-01 09:00\n", encoding="utf-8"
    )
    one = '[[account]]\nid = "gh_commerce"\nfolder = "x"'
    assert main(["agent", agent_settings(tmp_path, live_server.url, "qgp_wrong", one)]) == 1
    assert "密钥不对" in capsys.readouterr().out
    assert main(["agent", agent_settings(tmp_path, "http://127.0.0.1:9", "qgp_wrong", one)]) == 1
    assert "连不上" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "supervisor = ",
        'supervisor = "ftp://x"',
        'supervisor = "https://example.invalid"\nkey_file = "none"\n[[account]]\nid = "a"',
        "",
    ],
)
def test_settings_that_cannot_be_used_are_told_with_a_remedy(tmp_path, capsys, text):
    path = tmp_path / "agent.toml"
    path.write_text(text)
    assert main(["agent", str(path)]) == 2
    assert "。" in capsys.readouterr().err
    assert main(["agent", str(tmp_path / "absent.toml")]) == 2


@pytest.mark.django_db
def test_a_key_that_pushes_too_densely_is_told_when_to_come_again(account, push, key, monkeypatch):
    from qiguan.collection import api
    from qiguan.intake.actions.allow import Rate

    monkeypatch.setattr(api, "PUSHES", Rate(2, timedelta(minutes=1)))
    assert [push({"posts": POSTS}).status_code for _ in range(2)] == [200, 200]
    told = push({"posts": POSTS})
    assert told.status_code == 429
    assert 1 <= int(told["Retry-After"]) <= 30
    assert set(told.json()) == {"error"}
    assert set(told.json()["error"]) == {"code", "message", "place", "remedy"}
    assert push({"posts": POSTS}, bearer="wrong").status_code == 401, "who has no key spends nobody's allowance"


def test_the_agent_waits_as_long_as_it_is_asked_to_and_no_longer_than_five_minutes(monkeypatch):
    import asyncio
    from pathlib import Path

    from qiguan.config.commands import agent
    from qiguan.core.source import Outcome, Reading, Response

    answers = [
        Response(429, b"", {"retry-after": "40"}),
        Response(429, b"", {"retry-after": "99999"}),
        Response(503, b"", {"retry-after": "soon"}),
        Response(200, b'{"taken": 0, "new": 0, "refused": 0}', {}),
    ]
    waits = []

    class Door:
        async def fetch(self, request):
            return answers.pop(0)

    async def sleep(seconds):
        waits.append(seconds)

    monkeypatch.setattr(agent.asyncio, "sleep", sleep)
    settings = agent.Settings("https://q.example.invalid/api/v1/push/posts", "k", (), Path())
    assert asyncio.run(agent.push(Door(), settings, "gh_1", Reading(Outcome.OK)))[1]
    assert waits == [40.0, agent.LONGEST_PAUSE, agent.PAUSE * 4]
