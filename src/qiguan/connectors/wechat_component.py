"""A WeChat third-party platform (第三方平台) as conversations: its token, the pre-authorisation code, what an account granted.

Source: the platform's 第三方平台 pages (developers.weixin.qq.com/doc/oplatform, read 2026-11). The statistics interfaces belong
to permission set 7, which WeChat calls 群发与通知: WeChat has no smaller one. What may be asked for is bounded by
`wechat_answers.asked`, which knows reading paths only.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from qiguan.connectors.wechat_answers import answer_of, api_base, asked
from qiguan.connectors.wechat_token import Token, TokenTalk, token_in
from qiguan.core.source import Outcome, Reading, Request, Response

code = ""  # no source of posts

APPID = re.compile(r"wx[0-9a-f]{16}", re.ASCII)
STATISTICS = 7  # the set of /datacube/getarticletotaldetail
SETS = {
    1: "消息管理", 2: "用户管理", 3: "账号服务", 4: "网页服务", 5: "微信小店", 6: "微信多客服", 7: "群发与通知", 8: "微信卡券", 9: "微信扫一扫",
    10: "微信连WiFi", 11: "素材管理", 12: "微信摇周边", 13: "微信门店", 15: "自定义菜单", 16: "获取认证状态及信息", 22: "城市服务接口", 23: "广告管理",
    24: "开放平台账号管理", 26: "微信电子发票", 27: "快速注册小程序", 33: "小程序管理", 34: "微信商品库", 35: "微信卡路里", 44: "好物圈", 46: "微信一物一码",
    47: "微信财政电子票据", 54: "服务号对话能力",
}  # fmt: skip
_DESK = "https://mp.weixin.qq.com/cgi-bin/componentloginpage"
_PHONE = "https://open.weixin.qq.com/wxaopen/safe/bindcomponent"


@dataclass(frozen=True, slots=True)
class PreAuth:
    """A pre-authorisation code: good once, until `until`."""

    value: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Grant:
    """What an account granted: its AppID, the sets, and the tokens (`refresh` "" where the account has no interfaces)."""

    appid: str
    sets: tuple[int, ...]
    token: Token


@dataclass(frozen=True, slots=True)
class Authorizer:
    """Which account authorised: 原始ID (gh_…), 微信号 ("" where none) and name."""

    user_name: str
    alias: str
    nick_name: str


def component_token(*, appid: str, secret: str, ticket: str, at: datetime, base: str = "") -> TokenTalk:
    """Ask `POST /cgi-bin/component/api_component_token` with the newest pushed ticket."""
    body = {"component_appid": appid, "component_appsecret": secret, "component_verify_ticket": ticket}
    response = yield Request(f"{api_base(base)}/cgi-bin/component/api_component_token", method="POST", json=body)
    return token_in(response, at, "component_access_token")


def pre_auth_code(*, appid: str, token: str, at: datetime, base: str = "") -> Generator[Request, Response, PreAuth | Reading]:
    """Ask `POST /cgi-bin/component/api_create_preauthcode`."""
    response = yield asked(base, "/cgi-bin/component/api_create_preauthcode", token, {"component_appid": appid})
    answer = answer_of(response, at=at)
    if isinstance(answer, Reading):
        return answer
    value, lasts = answer.get("pre_auth_code"), answer.get("expires_in")
    if not isinstance(value, str) or not 0 < len(value) <= 500 or not isinstance(lasts, int):
        return Reading(Outcome.MALFORMED, detail="没有拿到预授权码")
    return PreAuth(value, at + timedelta(seconds=min(max(lasts, 60), 3600)))


def query_auth(
    *, appid: str, token: str, auth_code: str, at: datetime, base: str = ""
) -> Generator[Request, Response, Grant | Reading]:
    """Ask `POST /cgi-bin/component/api_query_auth`: an authorisation code, good once, becomes the account's tokens."""
    body = {"component_appid": appid, "authorization_code": auth_code}
    response = yield asked(base, "/cgi-bin/component/api_query_auth", token, body)
    answer = answer_of(response, at=at)
    if isinstance(answer, Reading):
        return answer
    info = answer.get("authorization_info")
    if (
        not isinstance(info, dict)
        or not isinstance(info.get("authorizer_appid"), str)
        or not isinstance(info.get("func_info"), list)
    ):
        return Reading(Outcome.MALFORMED, detail="授权信息的样子不对")
    found = token_of(info, at)
    return Grant(info["authorizer_appid"][:60], granted_sets(info["func_info"]), found)


def authorizer_info(
    *, appid: str, token: str, authorizer_appid: str, at: datetime, base: str = ""
) -> Generator[Request, Response, Authorizer | Reading]:
    """Ask `POST /cgi-bin/component/api_get_authorizer_info`: which account it is."""
    body = {"component_appid": appid, "authorizer_appid": authorizer_appid}
    response = yield asked(base, "/cgi-bin/component/api_get_authorizer_info", token, body)
    answer = answer_of(response, at=at)
    if isinstance(answer, Reading):
        return answer
    info = answer.get("authorizer_info")
    if not isinstance(info, dict) or not isinstance(info.get("user_name"), str):
        return Reading(Outcome.MALFORMED, detail="账号信息的样子不对")
    user_name, alias, nick_name = (str(info.get(name) or "").strip()[:200] for name in ("user_name", "alias", "nick_name"))
    return Authorizer(user_name, alias, nick_name)


def granted_sets(func_info: Iterable[Any]) -> tuple[int, ...]:
    """Return the ids of the sets in `func_info`, sorted. A set that awaits confirmation counts: it may come into force later."""
    found = set()
    for row in func_info:
        category = row.get("funcscope_category") if isinstance(row, dict) else None
        number = category.get("id") if isinstance(category, dict) else None
        if isinstance(number, int):
            found.add(number)
    return tuple(sorted(found))


def token_of(info: dict[str, Any], at: datetime) -> Token:
    """Return the account's tokens of an answer; empty ones where the account has no interfaces."""
    value, refresh = info.get("authorizer_access_token"), info.get("authorizer_refresh_token")
    lasts = info.get("expires_in")
    seconds = min(max(lasts, 60), 7200) if isinstance(lasts, int) else 60
    return Token(
        value if isinstance(value, str) else "", at + timedelta(seconds=seconds / 2), refresh if isinstance(refresh, str) else ""
    )


def set_words(sets: Iterable[int]) -> str:
    """Name permission sets, for people."""
    return "、".join(f"{SETS.get(n, '其他权限')}（{n}）" for n in sets)


def consent_links(*, appid: str, code_value: str, back_to: str, account_appid: str = "") -> tuple[str, str]:
    """Return WeChat's page of consent for a desk (a code to scan) and for a phone. `account_appid` lets only that account consent.

    `category_id_list` asks for the statistics' set alone; WeChat does not always heed it, so what came is judged afterwards.
    """
    said = {"component_appid": appid, "pre_auth_code": code_value, "redirect_uri": back_to, "auth_type": "1"}
    said |= {"category_id_list": str(STATISTICS)}
    if account_appid:
        said["biz_appid"] = account_appid
    phone = urlencode({"action": "bindcomponent", "no_scan": "1", **said})
    return f"{_DESK}?{urlencode(said)}", f"{_PHONE}?{phone}#wechat_redirect"
