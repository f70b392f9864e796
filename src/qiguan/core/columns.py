"""Which column holds what: the header is found under title rows, its words are guessed, a person can correct it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from qiguan.core.errors import UnusableInput
from qiguan.core.platforms import id_sort, name_key
from qiguan.core.sheet import Sheet, address


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the register: its official word, the header words that name it, whether it is a private contact."""

    code: str
    word: str
    headers: tuple[str, ...]
    private: bool = False


FIELDS: Final[tuple[Field, ...]] = (
    Field("name", "账号名称", ("账号名称", "新媒体名称", "政务新媒体名称", "名称", "账号", "公众号名称", "账号昵称", "新媒体账号名称", "name", "account", "客户端名称")),
    Field("platform", "平台", ("平台", "新媒体类型", "平台类型", "账号类型平台", "类型", "platform", "所属平台", "平台名称", "开设平台", "新媒体平台", "类别")),
    Field("platform_id", "账号ID", ("账号id", "账号标识", "微信号", "bizid", "biz", "原始id", "accountid", "id", "账号编号", "平台账号", "账号号码", "uid")),
    Field("link", "链接", ("链接", "账号链接", "网址", "主页", "主页链接", "主页地址", "url", "link", "访问地址")),
    Field("owner", "主办单位", ("主办单位", "责任单位", "开设主体", "主办部门", "单位", "单位名称", "所属单位", "owner", "开设单位", "主体", "运营单位", "填报单位")),
    Field("supervisor", "主管单位", ("主管单位", "上级主管单位", "主管部门", "上级单位", "supervisor", "监管单位")),
    Field("level", "层级", ("层级", "单位层级", "级别", "level", "行政层级")),
    Field("kind", "账号类型", ("账号类型", "功能类型", "发布类服务类", "kind", "账号类别", "服务类型")),
    Field("scope", "口径", ("口径", "统计口径", "scope", "检查范围")),
    Field("opened_on", "开设时间", ("开设时间", "开通时间", "开通日期", "开设日期", "上线时间", "注册时间", "opened", "成立时间")),
    Field("certified_subject", "认证主体", ("认证主体", "认证名称", "认证单位", "主体名称")),
    Field("purpose", "功能定位", ("功能定位", "功能介绍", "账号简介", "简介", "description", "主要功能", "用途")),
    Field("staffing", "人员", ("人员配备", "运营人员类型", "staffing", "运维方式", "专兼职")),
    Field("staff_people", "运营人数", ("运营人数", "人员数量", "人数")),
    Field("status", "状态", ("状态", "账号状态", "使用状态", "运行状态", "status", "是否在用")),
    Field("closed_on", "关停时间", ("关停时间", "注销时间", "关停日期", "注销日期")),
    Field("closing_filed_on", "停更备案时间", ("停更备案时间", "关停备案时间", "停更备案日期")),
    Field("closing_notice_on", "停更公告时间", ("停更公告时间", "关停公告时间", "公告日期")),
    Field("closes_on", "拟注销时间", ("拟注销时间", "计划注销时间", "拟注销日期")),
    Field("owner_ended_on", "主办单位撤并时间", ("主办单位撤并时间", "单位撤并时间", "撤并日期")),
    Field("successor", "承接单位", ("承接单位", "职能承接单位")),
    Field("source_link", "采集地址", ("采集地址", "采集源", "rss", "feed", "rss地址", "source")),
    Field("source_complete", "来源完整", ("来源完整", "来源是否完整", "完整来源", "complete")),
    Field("contact_name", "联系人", ("联系人", "负责人", "管理员", "运营人员", "经办人", "联系人姓名"), private=True),
    Field("contact_phone", "联系电话", ("联系电话", "联系方式", "电话", "手机", "手机号", "办公电话", "电子邮箱", "邮箱"), private=True),
    Field("last_update", "最近更新", ("检查时更新日期", "最近更新", "最近更新时间", "最后更新时间", "更新日期", "最后更新日期")),
)  # fmt: skip
BY_CODE: Final[dict[str, Field]] = {field.code: field for field in FIELDS}
_BY_KEY: Final[dict[str, str]] = {name_key(h): f.code for f in FIELDS for h in f.headers}
_IGNORED = {name_key(w) for w in ("序号", "编号", "备注", "no", "问题类别", "发布条数", "分组")}
_HEADER_ROWS = 30  # a header stands within the first rows, under a title and a note at most


@dataclass(frozen=True, slots=True)
class Columns:
    """How a sheet's columns are read. `mapping`: column (from 0) → field code; `why` says how each was recognised."""

    header_row: int
    first_row: int
    mapping: Mapping[int, str]
    headers: Sequence[str]
    why: Mapping[int, str]
    fingerprint: str

    def column_of(self, field: str) -> int | None:
        """Return the column of a field, None where the sheet has none."""
        return next((column for column, code in self.mapping.items() if code == field), None)


def guess(sheet: Sheet, *, remembered: Mapping[str, str] | None = None, chosen: Mapping[str, str] | None = None) -> Columns:
    """Find the header and read it. `remembered` and `chosen` map header text → field code ("" for none); `chosen` wins.

    Raises UnusableInput where no row of the first thirty names at least the account.
    """
    best = max(range(min(len(sheet.rows), _HEADER_ROWS)), key=lambda r: (_score(sheet, r, remembered, chosen), -r), default=None)
    if best is None or _score(sheet, best, remembered, chosen) == 0:
        raise UnusableInput(
            "前30行里没有找到表头",
            place=f"工作表“{sheet.name}”" if sheet.name else "表格",
            remedy="表头至少要有“账号名称”一列；也可以先下载模板填写",
        )
    first = best + 1
    headers = _headers(sheet, best)
    if first < len(sheet.rows) and _is_second_header(sheet, best):
        headers = [_joined(a, b) for a, b in zip(headers, _headers(sheet, first, len(headers)), strict=True)]
        first += 1
    mapping, why = _mapping(headers, remembered or {}, chosen or {})
    if "name" not in mapping.values():
        _name_by_content(sheet, first, mapping, why)
    if "name" not in mapping.values():
        raise UnusableInput("没有“账号名称”这一列", place=f"第{best + 1}行表头", remedy="请在预览里指定哪一列是账号名称")
    return Columns(best, first, mapping, headers, why, fingerprint(headers))


def fingerprint(headers: Sequence[str]) -> str:
    """Return what a header is remembered by: its words, whatever their spacing."""
    return sha256("|".join(name_key(h) for h in headers).encode()).hexdigest()[:32]


def _headers(sheet: Sheet, row: int, width: int | None = None) -> list[str]:
    return [sheet.text(row, c) for c in range(width or len(sheet.rows[row]))]


def _known(header: str) -> str | None:
    key = re.sub(r"必填|选填", "", name_key(re.sub(r"[（(].*?[)）]", "", header)))
    return _BY_KEY.get(key) or _BY_KEY.get(name_key(header))


def _score(sheet: Sheet, row: int, remembered: Mapping[str, str] | None, chosen: Mapping[str, str] | None) -> int:
    """Count distinct fields that a row's words name; a row of one repeated value is a merged title."""
    texts = [t for t in _headers(sheet, row) if t]
    if len(texts) > 1 and len(set(texts)) == 1:
        return 0
    extra = {**(remembered or {}), **(chosen or {})}
    return len({_known(t) or extra.get(t) for t in texts} - {None, ""})


def _is_second_header(sheet: Sheet, row: int) -> bool:
    """A header of two rows: the second names fields too, or splits a merged word."""
    below = _headers(sheet, row + 1)
    return len({_known(t) for t in below} - {None}) >= 2


def _joined(above: str, below: str) -> str:
    return above if not below or above == below else below if not above else below if _known(below) else f"{above}{below}"


def _mapping(
    headers: Sequence[str], remembered: Mapping[str, str], chosen: Mapping[str, str]
) -> tuple[dict[int, str], dict[int, str]]:
    mapping: dict[int, str] = {}
    why: dict[int, str] = {}
    taken: set[str] = set()
    sources = ((chosen, "您指定的"), (remembered, "上次就是这样读的"), (None, "按表头的字"))
    for source, reason in sources:
        for column, header in enumerate(headers):
            if column in why or not header or name_key(header) in _IGNORED:
                continue
            if source is not None and header not in source:
                continue
            code = source[header] if source is not None else _known(header)
            if code in BY_CODE and code not in taken:
                mapping[column], why[column] = code, reason
                taken.add(code)
            elif source is not None and code == "":
                why[column] = reason
    return dict(sorted(mapping.items())), why


def _name_by_content(sheet: Sheet, first: int, mapping: dict[int, str], why: dict[int, str]) -> None:
    """The owner's column alone is no account; but a column 名称 misread as another field is worth a second look."""
    for column in range(len(sheet.rows[first - 1])):
        values = [sheet.text(r, column) for r in range(first, min(first + 20, len(sheet.rows)))]
        filled = [v for v in values if v]
        if (
            column not in mapping
            and filled
            and sum(id_sort("wechat_mp", v) != "wxid" for v in filled) == len(filled)
            and "platform_id" not in mapping.values()
        ):
            mapping[column], why[column] = "platform_id", "按内容像账号ID"


def cell_place(sheet: Sheet, row: int, column: int) -> str:
    """Return words for a cell, as in “第12行E列”."""
    letters = re.sub(r"\d", "", address(row, column))
    return f"第{row + 1}行{letters}列"
